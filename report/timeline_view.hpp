// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: what traces, waveforms and charts all read out of a timeline.
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

// Every cause of a stall that occurs, sorted by its text.
std::vector<record::StallCause> stall_causes(const record::Timeline& timeline);

}  // namespace lanewise::report
