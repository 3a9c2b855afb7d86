// SPDX-License-Identifier: Apache-2.0
// Simulations and estimates name the bound of a subgraph by the same words.
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/mapping/partition.hpp"
#include "core/record/unit_names.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

struct Found {
  std::set<std::string> simulated, estimated;
};

Found bounds_of(const network::Graph& graph, const std::vector<engine::Override>& overrides) {
  const engine::EngineConfig engine = engine::load_engine(kEnginePath, overrides).config;
  const std::unique_ptr<MeasurementSource> simulator = make_simulator();
  Found found;
  for (const mapping::Subgraph& subgraph : mapping::partition(graph, engine)) {
    const record::SubgraphResult result = simulator->measure({{&subgraph, &engine}}, {}).front();
    found.simulated.insert(result.measurement.bound_by);
    found.estimated.insert(largest_bound(subgraph, engine));
  }
  return found;
}

TEST(Bounds, slow_banks_bound_simulations_and_estimates_by_the_same_name) {
  const Found found = bounds_of(squeezenet(), {{"memory.bank_bandwidth", "1 B/cycle"},
                                               {"memory.activation_banks", "4"},
                                               {"memory.weight_banks", "4"},
                                               {"memory.bank_size", "64 KiB"}});
  EXPECT_EQ(found.simulated.count("onchip_memory"), 1u);
  EXPECT_EQ(found.estimated.count("onchip_memory"), 1u);
}

TEST(Bounds, every_bound_is_the_bound_of_a_unit_or_latency) {
  std::set<std::string> known = {record::bound_text(std::nullopt)};
  for (const record::UnitName& name : record::unit_names()) {
    if (name.bound) known.insert(record::bound_text(name.bound));
  }
  const Found found = bounds_of(squeezenet(), {});
  for (const std::string& bound : found.simulated) EXPECT_EQ(known.count(bound), 1u) << bound;
  for (const std::string& bound : found.estimated) EXPECT_EQ(known.count(bound), 1u) << bound;
}

}  // namespace
}  // namespace lanewise::study::testing
