// SPDX-License-Identifier: Apache-2.0
// From subgraphs to the answer about a network.
#pragma once

#include <vector>

#include "core/mapping/partition.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

// `subgraphs` measured or estimated each by itself; `in_network` the same as they run in the whole network.
NetworkAnswer assemble(const Question& question, mapping::Partition partition,
                       const std::vector<record::SubgraphResult>& subgraphs,
                       const std::vector<record::SubgraphResult>& in_network, record::Source source);

// Subgraphs alone as in the network: where an engine programs a subgraph while its predecessor runs, all but the first
// come sooner by what programming takes; what prefetching saves is not in it.
std::vector<record::SubgraphResult> hide_programming(std::vector<record::SubgraphResult> subgraphs,
                                                     const engine::EngineConfig& engine);

}  // namespace lanewise::study
