// SPDX-License-Identifier: Apache-2.0
// Every shipped network runs on every shipped engine, and no subgraph is faster than its roofline.
#include "core/mapping/bounds.hpp"
#include "core/mapping/partition.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

TEST(ShippedNetworks, run_on_every_shipped_engine_within_its_roofline) {
  const std::vector<std::string> models = files_in("models", ".onnx"), engines = files_in("hwconfigs", ".yaml");
  ASSERT_GE(models.size(), 12u);
  ASSERT_GE(engines.size(), 5u);
  const auto source = make_simulator(kWorker, 2);
  for (const std::string& hw : engines) {
    const engine::EngineConfig engine = engine::load_engine(hw).config;
    for (const std::string& model : models) {
      const network::Graph graph = network::import_network(model);
      const std::vector<mapping::Subgraph> subgraphs = mapping::partition(graph, engine);
      std::vector<SubgraphQuery> queries;
      for (const mapping::Subgraph& subgraph : subgraphs) queries.push_back({&subgraph, &engine});
      const std::vector<record::SubgraphResult> results = source->measure(queries);
      for (std::size_t i = 0; i < results.size(); ++i) {
        ASSERT_EQ(results[i].failure, "") << model << " on " << hw << ": " << subgraphs[i].name;
        EXPECT_GE(static_cast<double>(results[i].measurement.latency.count()),
                  mapping::bounds(subgraphs[i], engine).roofline_cycles)
            << model << " on " << hw << ": " << subgraphs[i].name;
      }
    }
  }
}

}  // namespace
}  // namespace lanewise::study::testing
