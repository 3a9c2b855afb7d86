// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/measurement.hpp"
#include "sim/units/sequence.hpp"

namespace lanewise::sim {

// The measurement of a subgraph from what the units counted for it. The units' times and the bound are left to fill in.
// `before`: when the subgraph before it was done, or the sequence began.
record::Measurement measurement_of(const Sequence& sequence, const Job& job, const Counters& counters,
                                   const Moment& before);

}  // namespace lanewise::sim
