// SPDX-License-Identifier: Apache-2.0
// The contents of a model file's header as plain data: training data, schema and hyperparameters.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/record/campaign_record.hpp"

namespace lanewise::estimator {

struct Card {
  std::string tool_version;  // that trained it
  std::string measured_by;   // whose measurements it learned from: "" for the simulator, else the name of a program
  std::string schema_hash;   // of everything that determines what its answers mean: features, targets, analytical model
  int analytical_version = 0;                                // of the analytical model
  std::vector<std::pair<std::string, std::string>> targets;  // name and unit, in order
  std::vector<std::string> features;                         // names, in order
  std::string family;
  std::int64_t rows = 0, engines = 0;  // in the training data
  std::vector<std::string> networks;   // in the training data, by name; empty when the store does not record them
  // That the rows were measured by, by hash; empty when the store does not record them.
  std::vector<record::CampaignRecord> campaigns;
  struct EngineRange {
    std::string key, low, high;  // as --set takes them
  };
  std::vector<EngineRange> engine_ranges;
  // Smallest and largest value in the training data, by subgraph family and feature.
  std::map<std::string, std::map<std::string, std::pair<double, double>>> subgraph_ranges;
  std::uint64_t seed = 0;
  int trees = 0, depth = 0;
  double learning_rate = 0;
  int folds = 0;                                           // of the intervals; 0: the model has none
  std::int64_t complete_networks = 0, drawn_networks = 0;  // that the network intervals are calibrated on
  double correlation = 0;                                  // between the errors of subgraphs of one network
};

}  // namespace lanewise::estimator
