// SPDX-License-Identifier: Apache-2.0
// Everything known about one subgraph as plain data: its operators, bounds, tile plan, simulation, features and
// prediction.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/mapping/bounds.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"
#include "core/network/graph.hpp"
#include "core/record/measurement.hpp"
#include "core/record/timeline.hpp"
#include "estimator/estimator.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

// What an estimator says of the subgraph, beside what the simulation says.
struct PredictedSubgraph {
  std::int64_t latency_cycles = 0;
  double energy_uj = 0;
  std::int64_t dram_bytes = 0, peak_sram_bytes = 0;
  double error_percent = 0;  // of the latency: (predicted - simulated) / simulated
  // Root mean square percentage error of this subgraph family on held-out engines; nullopt when none was held out.
  std::optional<double> held_out_rmspe_percent;
  std::optional<LatencyInterval> interval;
  std::vector<std::string> out_of_range;  // what lies beyond the training data
  EstimatorNote estimator;
  // Why the latency is predicted as it is: the contributions of all features, and the nearest training rows.
  estimator::Reasons reasons;
};

struct Explanation {
  std::string network, engine, tool_version;
  engine::EngineIdentity identity;
  std::shared_ptr<const network::Graph> graph;  // owns `operators`
  std::vector<network::OperatorId> operators;
  mapping::Subgraph subgraph;  // in a cascade its middle stripe, of which everything below speaks
  std::int64_t stripes = 1;
  mapping::Bounds bounds;
  std::optional<WeightAnswer> weights;  // only where they are pruned or clustered
  mapping::TilePlan plan;
  record::Measurement measurement;
  record::Timeline timeline;                             // of this subgraph simulated by itself
  std::vector<std::pair<std::string, double>> features;  // name and value, in the order of feature_names()
  std::optional<PredictedSubgraph> prediction;           // nullopt without an estimator
};

}  // namespace lanewise::study
