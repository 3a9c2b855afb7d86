// SPDX-License-Identifier: Apache-2.0
#include "study/workload/memory_shares.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

// Banks of tensors that are on chip between two commands of which the network may be stopped, at most.
std::int64_t kept_between(const mapping::Partition& partition) {
  const std::vector<mapping::WholeSubgraph> wholes = mapping::whole_subgraphs(partition);
  std::int64_t most = 0;
  for (std::size_t i = 0; i + 1 < wholes.size(); ++i) {
    const int cascade = partition.subgraphs[wholes[i].parts.front()].part.cascade;
    if (cascade >= 0 && cascade == partition.subgraphs[wholes[i + 1].parts.front()].part.cascade) continue;
    std::int64_t banks = 0;
    for (const mapping::PlacedTensor& tensor : partition.memory.tensors) {
      const bool lives = tensor.first_subgraph <= i && tensor.last_subgraph > i;
      if (tensor.residence == mapping::Residence::kOnChip && lives) banks += tensor.banks;
    }
    most = std::max(most, banks);
  }
  return most;
}

PlannedNetwork planned(mapping::Partition partition, std::int64_t banks) {
  PlannedNetwork out;
  out.banks = banks;
  out.kept_banks = kept_between(partition);
  out.commands = std::move(partition.subgraphs);
  for (std::size_t i = 0; i < out.commands.size(); ++i) {
    const int cascade = out.commands[i].part.cascade;
    const bool within = i + 1 < out.commands.size() && cascade >= 0 && cascade == out.commands[i + 1].part.cascade;
    out.may_stop_after.push_back(!within);
  }
  return out;
}

PlannedNetwork plan_with(const network::Graph& graph, engine::EngineConfig engine, std::int64_t banks) {
  // Not a valid engine perhaps, but a part of one: banks that are not there are banks that others have.
  engine.memory.activation_banks = banks;
  try {
    return planned(mapping::partition_with_memory(graph, engine), banks);
  } catch (const Error& error) {
    PlannedNetwork failed;
    failed.failure = error.what();
    return failed;
  }
}

// Banks that the network makes use of where it has all of them: for what it keeps, and to stream beside that.
std::int64_t needed(const network::Graph& graph, const engine::EngineConfig& engine) {
  try {
    std::int64_t most = 1;
    for (const mapping::SubgraphMemory& memory : mapping::partition_with_memory(graph, engine).memory.subgraphs) {
      most = std::max(most, memory.kept + memory.striped + memory.streaming);
    }
    return std::min(most, engine.memory.activation_banks);
  } catch (const Error&) {
    return 1;  // what cannot run is said when it is planned
  }
}

std::vector<std::int64_t> shares_of(const std::vector<NetworkShare>& networks, const engine::EngineConfig& engine) {
  std::vector<std::int64_t> shares(networks.size(), 0);
  std::vector<std::pair<std::int64_t, std::size_t>> open;  // needs, of networks without a given share
  std::int64_t left = engine.memory.activation_banks;
  for (std::size_t n = 0; n < networks.size(); ++n) {
    if (!networks[n].banks) {
      open.emplace_back(needed(*networks[n].graph, engine), n);
      continue;
    }
    shares[n] = *networks[n].banks;
    left -= shares[n];
    if (left < 0) {
      throw Error(fmt::format("{}'{}' must fit beside the other networks' banks: engine {} has {} activation banks",
                              networks[n].place, shares[n], engine.name, engine.memory.activation_banks));
    }
  }
  if (static_cast<std::int64_t>(open.size()) > left) {
    throw Error(fmt::format("engine {}: {} of its {} activation banks are left for {} networks, each needs one",
                            engine.name, left, engine.memory.activation_banks, open.size()));
  }
  // Max-min fair: who needs least is served first, and never gets more than an equal part of what is left.
  std::sort(open.begin(), open.end());
  for (std::size_t i = 0; i < open.size(); ++i) {
    const std::int64_t fair = left / static_cast<std::int64_t>(open.size() - i);
    shares[open[i].second] = std::min(open[i].first, fair);
    left -= shares[open[i].second];
  }
  return shares;
}

}  // namespace

std::vector<PlannedNetwork> plan_side_by_side(const std::vector<NetworkShare>& networks,
                                              const engine::EngineConfig& engine) {
  const std::int64_t all = engine.memory.activation_banks;
  const bool shared = networks.size() > 1 && engine.keeps_activations();
  const std::vector<std::int64_t> shares = shared || (networks.size() == 1 && networks.front().banks)
                                               ? shares_of(networks, engine)
                                               : std::vector<std::int64_t>(networks.size(), all);
  std::vector<PlannedNetwork> plans;
  for (std::size_t n = 0; n < networks.size(); ++n) {
    plans.push_back(plan_with(*networks[n].graph, engine, shares[n]));
  }
  if (!shared) return plans;
  const std::int64_t kept =
      std::accumulate(plans.begin(), plans.end(), std::int64_t{0},
                      [](std::int64_t sum, const PlannedNetwork& plan) { return sum + plan.kept_banks; });
  for (PlannedNetwork& plan : plans) {
    for (mapping::Subgraph& command : plan.commands) command.context.resident_banks += kept - plan.kept_banks;
  }
  return plans;
}

}  // namespace lanewise::study
