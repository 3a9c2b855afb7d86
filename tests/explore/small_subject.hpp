// SPDX-License-Identifier: Apache-2.0
// A subject that is quickly there: SqueezeNet on ne-256, and an estimator of a few simulated subgraphs.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/mapping/partition.hpp"
#include "core/network/import.hpp"
#include "explore/session.hpp"
#include "explore/subject.hpp"
#include "sim/simulate.hpp"
#include "study/codesign/job.hpp"

namespace lanewise::explore::testing {

using Json = nlohmann::ordered_json;

inline const std::string kHwconfig = "hwconfigs/ne-256.yaml";
inline const std::string kModel = "models/squeezenet1_1.onnx";

inline estimator::Estimator small_estimator() {
  const network::Graph graph = network::import_network(kModel);
  std::vector<engine::EngineConfig> engines;
  for (const char* name : {"ne-64", "ne-256", "ne-512", "ne-1024"}) {
    engines.push_back(engine::load_engine(std::string("hwconfigs/") + name + ".yaml").config);
  }
  std::vector<estimator::Sample> samples;
  for (const engine::EngineConfig& engine : engines) {
    std::map<std::string, mapping::Subgraph> distinct;
    for (const mapping::Subgraph& subgraph : mapping::partition_with_memory(graph, engine).subgraphs) {
      distinct.emplace(mapping::subgraph_key(subgraph), subgraph);
    }
    for (const auto& [key, subgraph] : distinct) {
      estimator::Sample sample;
      sample.engine = &engine;
      sample.subgraph = subgraph;
      sample.measurement = sim::simulate(subgraph, engine);
      samples.push_back(sample);
    }
  }
  estimator::TrainOptions training;
  training.trees = 20;
  training.depth = 4;
  training.folds = 2;
  training.threads = 1;
  return estimator::Estimator::train(samples, training);
}

inline Subject small_subject() {
  Subject subject;
  auto graph = std::make_unique<network::Graph>(network::import_network(kModel));
  subject.networks.push_back({graph->name(), std::move(graph), kModel});
  subject.engine = engine::load_engine(kHwconfig).config;
  subject.engine_path = kHwconfig;
  subject.family = engine::load_family(kHwconfig);
  subject.rules = engine::load_follow_rules(kHwconfig, subject.engine.family);
  subject.space = study::default_space(subject.family);
  subject.estimator = std::make_unique<estimator::Estimator>(small_estimator());
  subject.estimator_name = "small.lwm";
  return subject;
}

// The one that all tests of a file share: it is never changed.
inline const Subject& shared_subject() {
  static const Subject subject = small_subject();
  return subject;
}

inline Json design(const Json& keys = Json::object(), bool follow = false, const Json& genes = Json::object()) {
  return {{"design", {{"network", 0}, {"keys", keys}, {"genes", genes}, {"follow", follow}}}};
}

}  // namespace lanewise::explore::testing
