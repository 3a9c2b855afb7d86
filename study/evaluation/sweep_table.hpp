// SPDX-License-Identifier: Apache-2.0
// Networks on engines, one row per pair, as plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/record/measurement.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

struct SweepRow {
  std::string network;
  std::vector<std::pair<std::string, std::string>> settings;   // the varied keys and their values, in the order given
  std::vector<std::pair<std::string, std::string>> followers;  // the keys that follow these, and their values
  std::vector<std::string> warnings;                           // of engine::scaling_warnings
  std::string engine_hash;                                     // of the varied engine; "" where there is no such engine
  std::int64_t subgraphs = 0;                                  // of the network
  Totals total;
  bool pareto = false;                     // not dominated for this network in latency, energy and area
  std::optional<Reliability> reliability;  // of the latency; estimated rows only
  std::optional<Fallback> fallback;        // only where it was asked for
  std::string failure;  // "", or why there is no such engine or it cannot run the network; then the totals are empty
};

// One engine and all networks of the sweep. Means are geometric, so that a large network counts no more than a small
// one: by which factor an engine is better on the whole does not depend on the networks' sizes (Fleming and Wallace,
// 1986).
struct SweepSetRow {
  std::vector<std::pair<std::string, std::string>> settings;  // as in the rows
  double latency_ms = 0, energy_uj = 0;                       // geometric means over the networks
  double area_mm2 = 0;
  bool pareto = false;   // no other engine is better in mean latency, mean energy and area at once
  bool in_range = true;  // for all networks; of no meaning where simulated
  std::string failure;   // "", or of the first network that the engine cannot run
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
};

}  // namespace lanewise::study
