// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/measurement.hpp"
#include "sim/units/sequence.hpp"

namespace lanewise::sim {

// The measurement of a subgraph from what the units counted for it. The units' times and the bound are left to fill in.
// `before`: when the subgraph before it was done, or the sequence began.
record::Measurement measurement_of(const Sequence& sequence, const Job& job, const Counters& counters, Ticks before);
// What the latency is bound by, as record::bound_text gives it: the unit that is busy longest, if it is busy for more
// than half of the latency; otherwise "latency".
std::string bound_by(const record::Measurement& measurement);

}  // namespace lanewise::sim
