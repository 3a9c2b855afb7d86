// SPDX-License-Identifier: Apache-2.0
// What a model was trained on, as ranges: the engines' numbers, and the subgraphs' shapes by family. Private to this
// room.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::estimator {

struct Ranges {
  // Smallest and largest value of every key with a number, in the unit of engine::numeric_value, and as --set takes it.
  std::map<std::string, std::pair<double, double>> engine;
  std::map<std::string, std::pair<std::string, std::string>> engine_texts;
  // By name of the subgraph family, smallest and largest value of each feature of the shape.
  std::map<std::string, std::map<std::string, std::pair<double, double>>> subgraphs;

  void add(const engine::EngineConfig& engine);
  // `features`: in the order of feature_names().
  void add(const mapping::Subgraph& subgraph, const std::vector<float>& features);
  // What lies beyond, one text each; empty: nothing.
  std::vector<std::string> outside(const engine::EngineConfig& engine) const;
  std::vector<std::string> outside(const mapping::Subgraph& subgraph, const float* features) const;
};

}  // namespace lanewise::estimator
