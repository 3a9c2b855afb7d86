// SPDX-License-Identifier: Apache-2.0
// Every shipped network on every shipped engine: runs, keeps to the roofline, and is bound by what it says.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "core/mapping/bounds.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/import.hpp"
#include "sim/simulate.hpp"

namespace lanewise {
namespace {

namespace fs = std::filesystem;

std::set<std::string> files(const char* folder, const char* extension) {
  std::set<std::string> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension) paths.insert(entry.path().string());
  }
  return paths;
}

TEST(ShippedModels, run_on_every_shipped_engine_and_never_beat_the_roofline) {
  const std::set<std::string> models = files("models", ".onnx");
  const std::set<std::string> engines = files("hwconfigs", ".yaml");
  ASSERT_EQ(models.size(), 18u);
  ASSERT_GE(engines.size(), 5u);
  for (const std::string& model : models) {
    const network::Graph graph = network::import_network(model);
    for (const std::string& path : engines) {
      const engine::EngineConfig e = engine::load_engine(path).config;
      double latency = 0, roofline = 0;
      std::set<std::string> seen;
      for (const mapping::Subgraph& s : mapping::partition(graph, e)) {
        if (!seen.insert(mapping::subgraph_key(s)).second) continue;
        const record::Measurement m = sim::simulate(s, e);
        const mapping::Bounds b = mapping::bounds(s, e);
        EXPECT_GE(static_cast<double>(m.latency.count()), b.roofline_cycles - 1e-6) << s.name << " on " << path;
        EXPECT_GE(m.energy.count(), mapping::energy_bound_picojoules(s, e) * (1 - 1e-9)) << s.name << " on " << path;
        EXPECT_LE(m.peak_sram.count(), e.onchip_capacity().count()) << s.name << " on " << path;
        EXPECT_LE(m.utilization, 1.0);
        latency += static_cast<double>(m.latency.count());
        roofline += b.roofline_cycles;
      }
      // Loading, computing and storing add up.
      const bool in_turn = (e.patch_pixels() > 0 && !e.dma.prefetch_input) || (e.dram.half_duplex && !e.dma.overlap);
      // Tiles by a library's rule load what they need again and again.
      const bool by_rule = e.mapping.half_tiles;
      if (in_turn || by_rule) continue;
      // The first bytes and the last result of a subgraph have nothing to overlap with: most of a recurrent step.
      constexpr double kStartAndEnd = 300;
      EXPECT_LT(latency, 1.6 * roofline + kStartAndEnd * static_cast<double>(seen.size()))
          << model << " on " << path << ": tiles overlap loading and computing";
    }
  }
}

// Lanes change the tile plan too; plans whose rehearsals are within 2 % count as equally fast (on one plan none is
// slower: see properties_test).
TEST(ShippedModels, more_lanes_with_a_new_plan_are_hardly_ever_slower) {
  const engine::EngineConfig narrow = engine::load_engine("hwconfigs/ne-256.yaml").config;
  const engine::EngineConfig wide = engine::with_overrides(narrow, {{"engine.dot_product_lanes", "32"}});
  int subgraphs = 0, slower = 0;
  for (const char* model : {"mobilenet_v2", "resnet50", "efficientnet_b0", "ssdlite320_mobilenet_v3_large"}) {
    for (const mapping::Subgraph& s :
         mapping::partition(network::import_network("models/" + std::string(model) + ".onnx"), narrow)) {
      const std::int64_t before = sim::simulate(s, narrow).latency.count();
      const std::int64_t after = sim::simulate(s, wide).latency.count();
      ++subgraphs;
      slower += static_cast<double>(after) > 1.02 * static_cast<double>(before) ? 1 : 0;
      EXPECT_LE(static_cast<double>(after), 1.05 * static_cast<double>(before) + 50.0) << mapping::subgraph_key(s);
    }
  }
  EXPECT_LE(slower, subgraphs / 50) << "of " << subgraphs;
}

}  // namespace
}  // namespace lanewise
