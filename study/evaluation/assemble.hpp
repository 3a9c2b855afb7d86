// SPDX-License-Identifier: Apache-2.0
// From passes to the answer about a network.
#pragma once

#include <vector>

#include "core/mapping/partition.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

// `passes` measured or estimated each by itself; `in_network` the same as they run in the whole network.
report::NetworkAnswer assemble(const Question& question, mapping::Partition partition,
                               const std::vector<PassResult>& passes, const std::vector<PassResult>& in_network,
                               record::Source source);

// Passes alone as in the network: where an engine programs a pass while its predecessor runs, all but the first come
// sooner by what programming takes; what prefetching saves is not in it.
std::vector<PassResult> hide_programming(std::vector<PassResult> passes, const engine::EngineConfig& engine);

}  // namespace lanewise::study
