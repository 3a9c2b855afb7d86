// SPDX-License-Identifier: Apache-2.0
// What a model file is: what it was trained on, what its answers mean, and how far they can be trusted.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "report/accuracy.hpp"

namespace lanewise::report {

struct ModelCard {
  std::string file;
  std::string trained_by, read_by;  // versions of the tool
  std::string schema_hash;
  int reference_version = 0;
  std::vector<std::pair<std::string, std::string>> targets;  // name and unit
  std::vector<std::string> features;
  std::vector<std::string> networks;
  struct EngineRange {
    std::string key, low, high;  // as --set takes them
  };
  std::vector<EngineRange> engine_ranges;
  struct PassRange {
    std::string family, feature;
    double low = 0, high = 0;
  };
  std::vector<PassRange> pass_ranges;
  std::uint64_t seed = 0;
  int trees = 0, depth = 0;
  double learning_rate = 0;
  int folds = 0;  // 0: no intervals
  std::int64_t complete_networks = 0, drawn_networks = 0;
  double correlation = 0;
  std::string adapted;      // to which measured engine; "" to none
  AccuracyReport accuracy;  // with rows, engines and family; no splits where the file carries none
};

std::string to_json(const ModelCard& card);
std::string to_text(const ModelCard& card);

}  // namespace lanewise::report
