// SPDX-License-Identifier: Apache-2.0
// One layer, hop by hop: operators, pass, bounds, tile plan, units, features, prediction.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mapping/bounds.hpp"
#include "mapping/subgraph.hpp"
#include "mapping/tile_plan.hpp"
#include "network/graph.hpp"
#include "record/measurement.hpp"
#include "record/timeline.hpp"

namespace lanewise::report {

struct PredictedPass {
  std::int64_t latency_cycles = 0;
  double energy_uj = 0;
  std::int64_t dram_bytes = 0, peak_sram_bytes = 0;
  double error_percent = 0;  // of latency: predicted less simulated, over simulated
  // Root mean square percentage error of this pass family on held-out engines; absent when none was held out.
  std::optional<double> held_out_rmspe_percent;
};

struct Explanation {
  std::string network, engine, tool_version;
  std::shared_ptr<const network::Graph> graph;  // that the operators below belong to
  std::vector<network::OperatorId> operators;
  mapping::Subgraph subgraph;
  mapping::Bounds bounds;
  mapping::TilePlan plan;
  record::Measurement measurement;
  record::Timeline timeline;  // of this pass by itself
  std::vector<std::pair<std::string, double>> features;
  std::optional<PredictedPass> prediction;
};

// A layer may be more than one pass: an object for one, an array for more.
std::string to_json(const std::vector<Explanation>& explanations);
std::string to_text(const std::vector<Explanation>& explanations);

}  // namespace lanewise::report
