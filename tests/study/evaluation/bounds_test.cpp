// SPDX-License-Identifier: Apache-2.0
// What a subgraph, and a network, is said to be bound by is what helps when there is twice as much of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/engine/resources.hpp"
#include "core/mapping/partition.hpp"
#include "core/mapping/plan_tiles.hpp"
#include "estimator/analytical_gains.hpp"
#include "sim/simulate.hpp"
#include "study/evaluation/answer.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

using engine::Resource;

NetworkAnswer answer_with(const std::vector<engine::Override>& overrides) {
  return simulate_network(squeezenet(), engine::load_engine(kEnginePath, overrides).config);
}

TEST(Bounds, a_wide_array_whose_weights_come_slowly_is_bound_by_weight_loading) {
  const NetworkAnswer answer = answer_with({{"engine.parallelism_factor", "128"}});
  EXPECT_EQ(answer.total.bound_by, "weight_load");
  ASSERT_EQ(answer.total.bound_by_keys, std::vector<std::string>{"engine.weight_load_kernels_per_cycle"});
  // And it is: twice as fast weights save about as much as was said.
  const NetworkAnswer faster =
      answer_with({{"engine.parallelism_factor", "128"}, {"engine.weight_load_kernels_per_cycle", "2"}});
  const double said = answer.total.gains[Resource::kWeightLoad];
  const auto saved = static_cast<double>(answer.total.latency_cycles - faster.total.latency_cycles);
  EXPECT_GT(said, 0.3 * static_cast<double>(answer.total.latency_cycles));
  EXPECT_NEAR(said, saved, 0.15 * saved);
}

TEST(Bounds, each_resource_that_an_engine_is_starved_of_is_named) {
  EXPECT_EQ(answer_with({{"dram.bandwidth", "200 MB/s"}}).total.bound_by, "dram");
  EXPECT_EQ(answer_with({{"post_processing.width", "1"}}).total.bound_by, "post_processor");
  EXPECT_EQ(answer_with({{"command.cycles_per_pass", "1000000"}}).total.bound_by, "command_processor");
  EXPECT_EQ(answer_with({{"dram.latency", "50 us"}, {"dram.outstanding_requests", "1024"}}).total.bound_by,
            "dram_latency");
}

TEST(Bounds, gains_are_those_of_the_same_plan_with_the_resource_doubled) {
  const engine::EngineConfig engine = engine::load_engine(kEnginePath).config;
  // What leaves the plan as it is and moves neither steps nor bytes is simulated with the same plan.
  for (const Resource resource : {Resource::kWeightLoad, Resource::kDram, Resource::kDramLatency, Resource::kDmaSetup,
                                  Resource::kCommandProcessor, Resource::kPostProcessor}) {
    const engine::EngineConfig doubled = engine::doubled(engine, resource);
    for (const mapping::Subgraph& subgraph : mapping::partition(squeezenet(), engine)) {
      const mapping::TilePlan plan = mapping::plan_tiles(subgraph, engine);
      const record::Measurement as_is = sim::simulate(plan, subgraph, engine);
      const record::Measurement faster = sim::simulate(plan, subgraph, doubled);
      const double saved = as_double(as_is.latency) - as_double(faster.latency);
      EXPECT_NEAR(as_is.gains[resource], saved, 2 + 0.01 * as_double(as_is.latency))
          << engine::to_string(resource) << " " << subgraph.name;
    }
  }
}

TEST(Bounds, estimates_name_resources_too) {
  const engine::EngineConfig wide = engine::load_engine(kEnginePath, {{"engine.parallelism_factor", "128"}}).config;
  const estimator::AnalyticalGains gains(wide);
  std::int64_t weight_load = 0, all = 0;
  for (const mapping::Subgraph& subgraph : mapping::partition(squeezenet(), wide)) {
    if (!subgraph.shape.uses_array()) continue;
    ++all;
    weight_load += record::bound_by(gains.of(subgraph)) == "weight_load" ? 1 : 0;
  }
  EXPECT_GE(weight_load, all / 2);
}

TEST(Bounds, a_total_gains_what_its_subgraphs_do) {
  const NetworkAnswer answer = answer_with({});
  for (const engine::ResourceName& name : engine::resource_names()) {
    double sum = 0;
    for (const SubgraphAnswer& subgraph : answer.subgraphs) sum += subgraph.gains[name.resource];
    EXPECT_NEAR(answer.total.gains[name.resource], sum, 1e-6) << name.text;
    EXPECT_LE(sum, static_cast<double>(answer.total.latency_cycles)) << name.text;
  }
}

}  // namespace
}  // namespace lanewise::study::testing
