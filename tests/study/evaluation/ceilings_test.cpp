// SPDX-License-Identifier: Apache-2.0
// The ceilings of the roofline: no subgraph lies above the lowest of its own, and each is the formula that it stands
// for.
#include <map>

#include "study/evaluation/answer.hpp"
#include "study/evaluation/profile.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

std::map<Ceiling, double> heights(const SubgraphProfile& subgraph) {
  std::map<Ceiling, double> out;
  for (const CeilingHeight& height : subgraph.ceilings) out[height.ceiling] = height.macs_per_cycle;
  return out;
}

TEST(Ceilings, no_subgraph_of_a_shipped_network_lies_above_one_on_any_shipped_engine) {
  const auto source = make_simulator(kWorker, 2);
  for (const std::string& hw : files_in("hwconfigs", ".yaml")) {
    const engine::EngineConfig engine = engine::load_engine(hw).config;
    for (const std::string& model : files_in("models", ".onnx")) {
      const network::Graph graph = network::import_network(model);
      const Profile p = profile(graph, engine, answer_one(graph, engine, *source));
      double share = 0;
      for (const NetworkCeiling& ceiling : p.ceilings) share += ceiling.latency_percent;
      EXPECT_LE(share, 150) << model << " on " << hw;
      for (const SubgraphProfile& s : p.subgraphs) {
        if (s.macs == 0) continue;
        ASSERT_FALSE(s.ceilings.empty());
        EXPECT_LE(s.macs_per_cycle, s.lowest().macs_per_cycle * (1 + 1e-9))
            << model << " on " << hw << ": " << s.name << " above " << to_string(s.lowest().ceiling);
        for (const CeilingHeight& height : s.ceilings)
          EXPECT_GE(height.macs_per_cycle, s.lowest().macs_per_cycle * (1 - 1e-8));
      }
    }
  }
}

SubgraphProfile named(const Profile& profile, const std::string& part) {
  for (const SubgraphProfile& subgraph : profile.subgraphs) {
    if (subgraph.name.find(part) != std::string::npos) return subgraph;
  }
  ADD_FAILURE() << part;
  return {};
}

// MobileNetV2's first block: 3x3 on 3 -> 32 channels, 112 x 112 pixels; then 3x3 depthwise on 32 channels.
TEST(Ceilings, follow_from_the_array_by_formula) {
  const network::Graph graph = mobilenet();
  const engine::EngineConfig engine = small_engine();  // 16 x 16, stripes of 128 pixels, one kernel a cycle, width 8
  const Profile p = profile(graph, engine, simulate_network(graph, engine));
  const auto first = heights(named(p, "features.0.0"));
  EXPECT_DOUBLE_EQ(first.at(Ceiling::kPeak), 256);
  EXPECT_DOUBLE_EQ(first.at(Ceiling::kLaneFill), 256.0 * 3 / 16);
  // A block of a stripe loads 16 kernels; 98 stripes of 128 pixels are exactly 112 x 112.
  EXPECT_DOUBLE_EQ(first.at(Ceiling::kWeightLoad), 128.0 * 16 * 3 / 16);
  // 27 MACs per sum, 8 sums a cycle.
  EXPECT_DOUBLE_EQ(first.at(Ceiling::kPostProcessor), 27.0 * 8);
  const SubgraphProfile depthwise = named(p, "features.1/conv/conv.0");
  const auto second = heights(depthwise);
  EXPECT_DOUBLE_EQ(second.at(Ceiling::kDepthwiseLanes), 16);
  EXPECT_EQ(second.count(Ceiling::kLaneFill), 0u);
  EXPECT_DOUBLE_EQ(second.at(Ceiling::kPostProcessor), 9.0 * 8);
}

TEST(Ceilings, weight_loading_binds_where_accumulators_do_not_grow_with_the_array) {
  const network::Graph graph = mobilenet();
  const engine::EngineConfig wide = engine::with_overrides(small_engine(), {{"engine.parallelism_factor", "128"}});
  const Profile p = profile(graph, wide, simulate_network(graph, wide));
  ASSERT_FALSE(p.ceilings.empty());
  EXPECT_EQ(p.ceilings.front().ceiling, Ceiling::kWeightLoad);
  EXPECT_EQ(p.ceilings.front().family, "depthwise");
  // Of a block of 128 cycles, at most 16 are its stripe's pixels: 1 lane of 16 dot products each.
  EXPECT_DOUBLE_EQ(p.ceilings.front().macs_per_cycle, 16.0 * 16 / 128);
}

}  // namespace
}  // namespace lanewise::study::testing
