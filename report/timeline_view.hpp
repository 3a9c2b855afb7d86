// SPDX-License-Identifier: Apache-2.0
// Private to this room's sources: what traces, waveforms and charts all read out of a timeline.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/record/timeline.hpp"

namespace lanewise::report {

// Throws InternalError where a slice or sample points nowhere, ends before it begins, or overlaps its unit's last one.
void check_timeline(const record::Timeline& timeline);

// A time or a length of time in cycles, to the thousandth that the simulator resolves: "12", "12.125".
std::string cycles_text(double cycles);

// Every cause of stall that occurs, sorted by name.
std::vector<std::string> stall_causes(const record::Timeline& timeline);

// One of the colour names that Chrome's trace viewer reserves; the same cause has the same colour in every trace.
const char* stall_colour(const std::string& cause);

// A letter a cause, distinct: the first of its letters that no cause before it has taken.
std::vector<char> stall_letters(const std::vector<std::string>& causes);

}  // namespace lanewise::report
