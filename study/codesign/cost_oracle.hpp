// SPDX-License-Identifier: Apache-2.0
// The search's question about cost, answered by whoever says what a subgraph costs.
#pragma once

#include <memory>

#include "nas/oracles/cost_oracle.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

// Adds up the subgraphs of each candidate; `source` outlives the oracle. A subgraph that cannot run throws Error.
std::unique_ptr<nas::CostOracle> make_cost_oracle(MeasurementSource& source);

}  // namespace lanewise::study
