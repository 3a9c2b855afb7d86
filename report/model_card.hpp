// SPDX-License-Identifier: Apache-2.0
// What a model file is: what it was trained on, what its answers mean, and how far they can be trusted.
#pragma once

#include <string>

#include "study/training/model_card.hpp"

namespace lanewise::report {

std::string to_json(const study::ModelCard& card);
std::string to_text(const study::ModelCard& card);

}  // namespace lanewise::report
