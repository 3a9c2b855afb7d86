// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/measurement.hpp"
#include "sim/units/sequence.hpp"

namespace lanewise::sim {

// What the units counted for a subgraph, as a measurement, its units' times not filled in. `before`: when the subgraph
// before it was done, or the sequence began.
record::Measurement measurement_of(const Sequence& sequence, const Job& job, const Counters& counters, Ticks before);
// The unit that is busy longest, if that is most of the time; else what it waited for is latency.
std::string bound_by(const record::Measurement& measurement);

}  // namespace lanewise::sim
