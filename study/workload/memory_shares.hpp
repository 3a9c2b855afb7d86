// SPDX-License-Identifier: Apache-2.0
// How networks that take turns on one engine share its on-chip memory.
//
// What a network keeps in the activation banks between two of its commands has to outlive the commands of others that
// come between. So every network is planned as if the engine had only its share of the activation banks, and what the
// others may keep at most is taken as occupied in the context of each of its commands. The buffers of the one command
// that runs take all other banks. Between two commands nothing lies in the weight banks, but within a cascade, which
// runs to its end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/graph.hpp"

namespace lanewise::study {

struct NetworkShare {
  const network::Graph* graph = nullptr;
  std::optional<std::int64_t> banks;  // that the network is planned with; nullopt: a fair share
  std::string place;                  // where `banks` was given, for errors
};

struct PlannedNetwork {
  std::vector<mapping::Subgraph> commands;  // in the contexts in which they run
  std::vector<bool> may_stop_after;         // by command: whether another network may come behind it
  std::int64_t banks = 0;                   // activation banks that it is planned with
  std::int64_t kept_banks = 0;              // that hold its tensors between two commands, at most
  std::string failure;                      // "", or why the engine cannot run it
};

// One plan per network of an engine. A single network has all banks, and so has every network of an engine that keeps
// nothing on chip. Fair shares: as many banks as a network makes use of when it has all, or an equal part of what is
// left where that is less. Throws Error where the given shares add up to more than there is.
std::vector<PlannedNetwork> plan_side_by_side(const std::vector<NetworkShare>& networks,
                                              const engine::EngineConfig& engine);

}  // namespace lanewise::study
