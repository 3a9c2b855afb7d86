// SPDX-License-Identifier: Apache-2.0
// Assembles the answer about a network from the results of its subgraphs.
#pragma once

#include <vector>

#include "core/mapping/partition.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

// `subgraphs`: the results of each subgraph alone; `in_network`: the results of the same subgraphs in the whole
// network. Both have one entry per subgraph of `partition`, in order, and so one per stripe within a cascade; the
// answer has one entry per whole subgraph. Of what is estimated, the bound is found of the longest subgraphs, which
// take the share `explained` of the time.
NetworkAnswer assemble(const Question& question, mapping::Partition partition,
                       const std::vector<record::SubgraphResult>& subgraphs,
                       const std::vector<record::SubgraphResult>& in_network, record::Source source,
                       double explained = 1);

// Approximates results in the network from those of subgraphs alone, by what estimator::overlaps says that the
// engine saves. What prefetching weights saves is not modelled.
std::vector<record::SubgraphResult> hide_overlap(const std::vector<mapping::Subgraph>& subgraphs,
                                                 std::vector<record::SubgraphResult> results,
                                                 const engine::EngineConfig& engine);

}  // namespace lanewise::study
