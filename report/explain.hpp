// SPDX-License-Identifier: Apache-2.0
// One layer, hop by hop, as people and programs read it.
#pragma once

#include <string>
#include <vector>

#include "study/evaluation/explanation.hpp"

namespace lanewise::report {

// A layer may be more than one subgraph: an object for one, an array for more.
std::string to_json(const std::vector<study::Explanation>& explanations);
std::string to_text(const std::vector<study::Explanation>& explanations);

}  // namespace lanewise::report
