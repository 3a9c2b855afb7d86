// SPDX-License-Identifier: Apache-2.0
// Networks on engines, one row per pair, as plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/record/measurement.hpp"
#include "nas/metric.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

// What a person wants of the rows.
struct SweepWishes {
  // That Pareto marks are by.
  std::vector<nas::Metric> objectives = {nas::Metric::kLatency, nas::Metric::kEnergy, nas::Metric::kArea};
  std::vector<nas::Limit>
      limits;  // a baseline is the engine that is varied, before it is varied, with the same network
  struct Order {
    nas::Metric metric = nas::Metric::kLatency;
    bool descending = false;
  };
  std::optional<Order> order;      // of the rows of each network; nullopt: that of the varied values
  std::optional<std::size_t> top;  // the most rows of each network
};

// A row against one limit.
struct LimitCheck {
  double bound = 0, value = 0;  // in the metric's unit
  double violation = 0;         // relative to the bound; 0: the limit holds
  bool uncertain = false;       // estimated, and the bound lies within the interval: it may be otherwise
};

struct SweepRow {
  std::string network;
  std::vector<std::pair<std::string, std::string>> settings;   // the varied keys and their values, in the order given
  std::vector<std::pair<std::string, std::string>> followers;  // the keys that follow these, and their values
  std::vector<std::string> warnings;                           // of engine::scaling_warnings
  std::string engine_hash;                                     // of the varied engine; "" where there is no such engine
  std::int64_t subgraphs = 0;                                  // of the network
  Totals total;
  // Keeps all limits, and no other row of this network that does is better in every objective.
  bool pareto = false;
  std::optional<Reliability> reliability;  // of the latency; estimated rows only
  std::optional<Fallback> fallback;        // only where it was asked for
  std::string failure;  // "", or why there is no such engine or it cannot run the network; then the totals are empty
  std::vector<LimitCheck> limits;  // in the order of the wishes; empty where there is a failure
  std::size_t point = 0;           // which combination of settings it is, of those of its network

  double violation() const {
    double sum = 0;
    for (const LimitCheck& check : limits) sum += check.violation;
    return sum;
  }
};

// One engine and all networks of the sweep. Means are geometric, so that a large network counts no more than a small
// one: by which factor an engine is better on the whole does not depend on the networks' sizes (Fleming and Wallace,
// 1986).
struct SweepSetRow {
  std::vector<std::pair<std::string, std::string>> settings;  // as in the rows
  double latency_ms = 0, energy_uj = 0;                       // geometric means over the networks
  double area_mm2 = 0;
  nas::Metrics means;    // geometric, of every metric that a sweep knows
  double violation = 0;  // of the limits, summed over the networks; 0: all keep all
  bool pareto = false;   // violates nothing, and no other engine that does not is better in the mean of every objective
  std::size_t point = 0;  // as in the rows
  bool in_range = true;   // for all networks; of no meaning where simulated
  std::string failure;    // "", or of the first network that the engine cannot run
};

struct SweepTable {
  std::string engine;               // the one that was varied
  engine::EngineIdentity identity;  // its own, before it was varied
  record::Source source = record::Source::kSimulated;
  std::string tool_version;
  std::vector<std::string> free_keys;  // varied keys that cost neither area nor energy in the model
  std::vector<SweepRow> rows;          // network by network, in the order of the settings
  std::vector<SweepSetRow> set;        // in the order of the settings; empty where there is one network alone
  // Estimated tables only, as in NetworkAnswer.
  std::optional<EstimatorNote> estimator;
  std::optional<estimator::Accuracy> held_out_accuracy;
  std::optional<estimator::AdaptationNote> adapted;
  // By network, of those that some engine can run.
  std::vector<std::pair<std::string, estimator::NetworksLikeThis>> networks_like;
  SweepWishes wishes;
  // What --top left out: rows of networks, and engines over all of them.
  std::size_t rows_left_out = 0, set_left_out = 0;
  // Rows that miss a limit, before any was left out.
  std::size_t rows_missing = 0;
};

}  // namespace lanewise::study
