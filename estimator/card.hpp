// SPDX-License-Identifier: Apache-2.0
// What a model says of itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lanewise::estimator {

struct Card {
  std::string tool_version;  // that trained it
  std::string schema_hash;   // over everything that gives its answers their meaning
  int reference_version = 0;
  std::vector<std::pair<std::string, std::string>> targets;  // name and unit
  std::vector<std::string> features;                         // in their order
  std::string family;
  std::int64_t rows = 0, engines = 0;  // trained on
  std::vector<std::string> networks;   // that the rows are of, by name; empty: the store did not tell
  struct EngineRange {
    std::string key, low, high;  // as --set takes them
  };
  std::vector<EngineRange> engine_ranges;
  // By subgraph family and feature, smallest and largest.
  std::map<std::string, std::map<std::string, std::pair<double, double>>> subgraph_ranges;
  std::uint64_t seed = 0;
  int trees = 0, depth = 0;
  double learning_rate = 0;
  // Of the intervals: 0 folds where there are none.
  int folds = 0;
  std::int64_t complete_networks = 0, drawn_networks = 0;  // calibrated on
  double correlation = 0;                                  // of the errors within a network
};

}  // namespace lanewise::estimator
