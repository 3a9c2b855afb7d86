// SPDX-License-Identifier: Apache-2.0
// Energy and area by action and by unit, as tables.
#pragma once

#include <string>
#include <vector>

#include "study/evaluation/network_answer.hpp"

namespace lanewise::report {

// What each action cost, and what each unit cost and measures; parts that are 0 are left out. Where the energy has no
// parts, because it was estimated, the text says so.
std::string breakdown_text(const study::Totals& total);
// "dot_product_array 0.259 mm2 (30 %), …", the largest first, parts that are 0 left out.
std::string area_text(const engine::AreaBreakdown& area);
// "engine.clock and dram.latency cost neither area nor energy in this model", with a newline behind; "" for no keys.
std::string free_keys_text(const std::vector<std::string>& keys);

}  // namespace lanewise::report
