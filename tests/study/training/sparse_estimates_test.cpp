// SPDX-License-Identifier: Apache-2.0
// An estimator trained on simulations that hold sparse weights, asked about networks and engines that it never saw.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/mapping/partition.hpp"
#include "core/network/compression.hpp"
#include "core/network/import.hpp"
#include "estimator/estimator.hpp"
#include "sim/simulate.hpp"
#include "study/campaign/campaign.hpp"

namespace lanewise::study {
namespace {

constexpr const char* kHwconfig = "hwconfigs/ne-256.yaml";

estimator::Estimator trained() {
  CampaignOptions options;
  options.rows = 1500;
  options.engines = 30;
  options.seed = 11;
  options.outside_share = 0;
  options.forms.engine_share = 0.6;
  options.forms.row_share = 0.5;
  const Campaign campaign = plan_campaign(
      {network::import_network("models/squeezenet1_1.onnx"), network::import_network("models/mobilenet_v2.onnx")},
      engine::load_engine(kHwconfig).config, engine::load_family(kHwconfig), options);
  std::vector<estimator::Sample> samples;
  for (const Job& job : campaign.jobs) {
    estimator::Sample sample;
    sample.engine = &campaign.engines[job.engine].config;
    sample.subgraph = mapping::parse_subgraph_key(job.subgraph_key);
    sample.measurement = sim::simulate(sample.subgraph, *sample.engine);
    samples.push_back(sample);
  }
  estimator::TrainOptions train;
  train.trees = 60;
  train.depth = 5;
  train.learning_rate = 0.2;
  train.folds = 0;
  return estimator::Estimator::train(samples, train);
}

TEST(SparseEstimates, fall_where_the_simulation_does) {
  const estimator::Estimator model = trained();
  network::Compression pruned;
  pruned.prune = network::parse_prune("2:4");
  const network::Graph sparse = network::with_compression(network::import_network("models/resnet18.onnx"), pruned);
  for (const std::vector<engine::Override>& keys :
       {std::vector<engine::Override>{{"sparsity.structured", "2:4"}},
        std::vector<engine::Override>{
            {"sparsity.structured", "2:4"}, {"compression.zeros", "indices"}, {"compression.weights_per_cycle", "128"}},
        std::vector<engine::Override>{}}) {
    std::vector<engine::Override> overrides = keys;
    overrides.push_back({"engine.parallelism_factor", "20"});
    const engine::EngineConfig engine = engine::load_engine(kHwconfig, overrides).config;
    const std::vector<mapping::Subgraph> subgraphs = mapping::partition(sparse, engine);
    std::int64_t fall = 0, told = 0;
    double simulated[2] = {0, 0}, estimated[2] = {0, 0};
    for (const mapping::Subgraph& formed : subgraphs) {
      mapping::Subgraph dense = formed;
      dense.shape.weight_form = {};
      const double before = as_double(sim::simulate(dense, engine).latency),
                   after = as_double(sim::simulate(formed, engine).latency);
      const std::vector<estimator::Prediction> predicted =
          model.predict(std::vector<estimator::Estimator::Query>{{&dense, &engine}, {&formed, &engine}});
      simulated[0] += before;
      simulated[1] += after;
      for (const int i : {0, 1}) estimated[i] += as_double(predicted[static_cast<std::size_t>(i)].latency);
      EXPECT_TRUE(!keys.empty() || predicted[0].latency == predicted[1].latency) << formed.name;
      if (after > 0.95 * before) continue;
      ++fall;
      told += predicted[1].latency < predicted[0].latency ? 1 : 0;
    }
    EXPECT_EQ(told, fall);
    EXPECT_EQ(fall > 10, !keys.empty());
    EXPECT_NEAR(estimated[1] / estimated[0], simulated[1] / simulated[0], 0.05);
  }
}

}  // namespace
}  // namespace lanewise::study
