// SPDX-License-Identifier: Apache-2.0
// What is explored: networks, the engine that they run on, what may be changed of either, and who estimates.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/engine/followers.hpp"
#include "core/network/graph.hpp"
#include "core/network/import.hpp"
#include "estimator/estimator.hpp"
#include "nas/metric.hpp"
#include "nas/space/space_description.hpp"
#include "study/evaluation/network_sizes.hpp"

namespace lanewise::explore {

struct Subject {
  // A network of a file, which moves change; or, without a graph, the networks of a space of its own.
  struct Network {
    std::string name;
    std::unique_ptr<network::Graph> graph;
    std::string path;  // of its file, whose weights saved networks keep; "" where there is none
  };
  std::vector<Network> networks;  // at least one
  network::ImportOptions read_as;
  study::NetworkSizes sizes;
  engine::EngineConfig engine;
  std::string engine_path;
  engine::Family family;
  std::vector<engine::FollowRule> rules;  // which keys follow which
  bool follow = false;                    // whether they do as the page opens
  // Its network half is what networks may become. Its engine half counts where `space_given`; otherwise the keys are
  // those of the engine's family and, behind them, all others.
  nas::SpaceDescription space;
  bool space_given = false;
  std::unique_ptr<estimator::Estimator> estimator;
  std::string estimator_name;  // of its file, to be shown
  double level = 0.9;          // of intervals
  std::vector<nas::Limit> limits;
};

}  // namespace lanewise::explore
