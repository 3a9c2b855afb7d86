// SPDX-License-Identifier: Apache-2.0
// Everything known about one layer, step by step, as people and programs read it.
#pragma once

#include <string>
#include <vector>

#include "study/evaluation/explanation.hpp"

namespace lanewise::report {

// A layer may consist of several subgraphs: the JSON is an object for one, an array for more.
std::string to_json(const std::vector<study::Explanation>& explanations);
std::string to_text(const std::vector<study::Explanation>& explanations);

}  // namespace lanewise::report
