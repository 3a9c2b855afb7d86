// SPDX-License-Identifier: Apache-2.0
// One layer, hop by hop: operators, subgraph, bounds, tile plan, units, features, prediction.
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
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

// What a feature does to a prediction: it multiplies it by 1 + percent / 100.
struct FeatureEffect {
  std::string feature;
  double value = 0;  // of the feature
  double percent = 0;
};
// A row that the estimator was trained on.
struct KnownRow {
  std::string engine, subgraph_key;
  double distance = 0;  // standard deviations, root mean square over all features
  std::int64_t measured_cycles = 0;
  std::int64_t predicted_cycles = 0;  // without its engine; 0: not told
};

struct PredictedSubgraph {
  std::int64_t latency_cycles = 0;
  double energy_uj = 0;
  std::int64_t dram_bytes = 0, peak_sram_bytes = 0;
  double error_percent = 0;  // of latency: predicted less simulated, over simulated
  // Root mean square percentage error of this subgraph family on held-out engines; absent when none was held out.
  std::optional<double> held_out_rmspe_percent;
  std::optional<LatencyInterval> interval;
  std::vector<std::string> out_of_range;  // what the estimator was not trained on
  // The prediction is the closed form, times the usual ratio, times every feature's effect (and within what is proven).
  double closed_form_cycles = 0, usual_percent = 0, other_features_percent = 0;
  std::vector<FeatureEffect> contributions;  // the largest, largest first
  std::vector<KnownRow> nearest;             // nearest first
};

struct Explanation {
  std::string network, engine, tool_version;
  std::shared_ptr<const network::Graph> graph;  // that the operators below belong to
  std::vector<network::OperatorId> operators;
  mapping::Subgraph subgraph;
  mapping::Bounds bounds;
  mapping::TilePlan plan;
  record::Measurement measurement;
  record::Timeline timeline;  // of this subgraph by itself
  std::vector<std::pair<std::string, double>> features;
  std::optional<PredictedSubgraph> prediction;
};

}  // namespace lanewise::study
