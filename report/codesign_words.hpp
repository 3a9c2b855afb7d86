// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: a design in words.
#pragma once

#include <string>
#include <vector>

#include "study/codesign/codesign_result.hpp"

namespace lanewise::report {

// "fused: ibn1 ibn2, engine.parallelism_factor=32"; "as given" of the baseline.
std::string genes_text(const study::Design& design);
// "latency_ms<=5: 5.2 by simulation; …"
std::string missed_text(const std::vector<study::LimitMiss>& missed);

}  // namespace lanewise::report
