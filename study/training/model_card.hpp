// SPDX-License-Identifier: Apache-2.0
// A model file as the report room's plain data.
#pragma once

#include <string>

#include "report/model_card.hpp"

namespace lanewise::study {

// Throws Error as Estimator::load.
report::ModelCard model_card(const std::string& path);

}  // namespace lanewise::study
