// SPDX-License-Identifier: Apache-2.0
// The ranges of the training data: of every engine parameter, and of every shape feature by subgraph family. Private to
// this module.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::estimator {

struct Ranges {
  // Smallest and largest value of every numeric key, in the unit of engine::numeric_value and as --set takes it.
  std::map<std::string, std::pair<double, double>> engine;
  std::map<std::string, std::pair<std::string, std::string>> engine_texts;
  // Smallest and largest value of each shape feature, by name of the subgraph family.
  std::map<std::string, std::map<std::string, std::pair<double, double>>> subgraphs;

  void add(const engine::EngineConfig& engine);
  // `features` are in the order of feature_names().
  void add(const mapping::Subgraph& subgraph, const std::vector<float>& features);
  // One text per value outside the ranges; empty when everything lies inside.
  std::vector<std::string> outside(const engine::EngineConfig& engine) const;
  std::vector<std::string> outside(const mapping::Subgraph& subgraph, const float* features) const;
};

}  // namespace lanewise::estimator
