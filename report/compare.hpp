// SPDX-License-Identifier: Apache-2.0
// The comparison of two networks or two engines, subgraph by subgraph.
#pragma once

#include <string>

#include "study/evaluation/comparison.hpp"

namespace lanewise::report {

std::string to_json(const study::Comparison& comparison);
std::string to_text(const study::Comparison& comparison);
// One row per subgraph.
std::string to_csv(const study::Comparison& comparison);

}  // namespace lanewise::report
