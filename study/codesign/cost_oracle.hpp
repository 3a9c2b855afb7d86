// SPDX-License-Identifier: Apache-2.0
// The cost oracle of a search, answered by a measurement source: an estimator or the simulator.
#pragma once

#include <memory>

#include "nas/oracles/cost_oracle.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

// Adds up the costs of each candidate's subgraphs. `source` must outlive the oracle. Pricing throws Error for a
// subgraph that cannot run.
std::unique_ptr<nas::CostOracle> make_cost_oracle(MeasurementSource& source);

}  // namespace lanewise::study
