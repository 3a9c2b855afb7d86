// SPDX-License-Identifier: Apache-2.0
// The results of whole subgraphs, added up from those of their parts.
#pragma once

#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/partition.hpp"
#include "core/record/measurement.hpp"
#include "core/record/subgraph_result.hpp"

namespace lanewise::study {

// Adds what one measurement would save.
void add_gains(engine::PerResource<double>& all, const engine::PerResource<double>& gains);

// Adds the times of one measurement's units to those of all.
void add_units(std::vector<record::UnitTime>& all, const std::vector<record::UnitTime>& units);

// One measurement per whole subgraph, in the order of the network; `parts` has one result per entry of
// Partition::subgraphs. Sums over the parts, but for the peak, which is the largest, the MACs, which are those that the
// network counts, and the bound, which follows from the sum of what each resource would save. Where a subgraph is one
// part, that part's measurement. No timestamps where there are several parts.
std::vector<record::Measurement> whole_measurements(const std::vector<mapping::WholeSubgraph>& subgraphs,
                                                    const std::vector<record::SubgraphResult>& parts,
                                                    const engine::EngineConfig& engine);

}  // namespace lanewise::study
