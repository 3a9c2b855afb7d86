// SPDX-License-Identifier: Apache-2.0
// The model card of an estimator: its training data, its schema and its accuracy.
#pragma once

#include <string>

#include "study/training/model_card.hpp"

namespace lanewise::report {

std::string to_json(const study::ModelCard& card);
std::string to_text(const study::ModelCard& card);

}  // namespace lanewise::report
