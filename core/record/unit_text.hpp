// SPDX-License-Identifier: Apache-2.0
// Unit times as one compact text, the form they have in the store and on the way from a worker process.
#pragma once

#include <string>
#include <vector>

#include "core/record/measurement.hpp"

namespace lanewise::record {

// "load_dma 120 30 weights 5 load_buffer 7;dram 10 152": unit, busy and idle cycles, then cause and cycles of each
// stall.
std::string to_text(const std::vector<UnitTime>& units);
// Inverse of to_text. Throws Error on malformed text and on a unit or cause that is not known.
std::vector<UnitTime> parse_unit_times(const std::string& text);

}  // namespace lanewise::record
