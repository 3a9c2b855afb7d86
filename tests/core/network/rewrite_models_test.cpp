// SPDX-License-Identifier: Apache-2.0
// Rewriting moves on every shipped network: whatever is asked of them, the graph stays a network.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "core/base/random.hpp"
#include "core/network/import.hpp"
#include "core/network/rewrite.hpp"
#include "tests/core/network/graph_consistency.hpp"

namespace lanewise::network {
namespace {

std::vector<std::string> model_files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(LANEWISE_SOURCE_DIR "/models")) {
    if (entry.path().extension() == ".onnx") files.push_back(entry.path().stem().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

const Graph& model(const std::string& name) {
  static std::map<std::string, Graph> loaded;
  auto found = loaded.find(name);
  if (found == loaded.end()) {
    found = loaded.emplace(name, import_network(LANEWISE_SOURCE_DIR "/models/" + name + ".onnx")).first;
  }
  return found->second;
}

void expect_consistent(const Graph& graph) {
  const auto faults = ConsistencyCheck::faults(graph);
  EXPECT_TRUE(faults.empty()) << faults.size() << " faults, the first: " << faults.front();
}

// Their widths run through tokens and heads, which no move widens: the moves leave such a network as it is.
bool is_rigid(const std::string& name) {
  return name == "convnext_tiny" || name == "swin_t" || name == "vit_b_16" || name.rfind("decoder", 0) == 0;
}

Moves everywhere(const MoveSites& sites, double multiplier, std::int64_t multiple, bool fuse) {
  Moves moves;
  moves.fuse.assign(sites.fusions.size(), fuse);
  moves.depth_multiplier.assign(sites.stages.size(), multiplier);
  moves.channel_multiple = multiple;
  return moves;
}

std::size_t count(const Graph& graph, BlockKind kind) {
  return static_cast<std::size_t>(std::count_if(graph.blocks().begin(), graph.blocks().end(),
                                                [kind](const Block& block) { return block.kind == kind; }));
}

class ShippedNetwork : public testing::TestWithParam<std::string> {};

TEST_P(ShippedNetwork, default_moves_yield_an_equal_graph) {
  const Graph& graph = model(GetParam());
  expect_consistent(graph);
  const MoveSites sites = find_move_sites(graph);
  for (const Moves& moves : {Moves{}, everywhere(sites, 1.0, 1, false)}) {
    const Graph same = apply(graph, moves);
    EXPECT_EQ(difference(graph, same), "");
    EXPECT_EQ(macs(same), macs(graph));
    EXPECT_EQ(parameters(same), parameters(graph));
  }
}

TEST_P(ShippedNetwork, scaled_graphs_stay_consistent) {
  const Graph& graph = model(GetParam());
  const MoveSites sites = find_move_sites(graph);
  std::int64_t smaller = 0;
  for (const double multiplier : {0.5, 0.75, 1.25}) {
    for (const std::int64_t multiple : {1, 16, 32}) {
      const Graph scaled = apply(graph, everywhere(sites, multiplier, multiple, false));
      expect_consistent(scaled);
      EXPECT_EQ(find_move_sites(scaled).stages.size(), sites.stages.size());
      if (is_rigid(GetParam())) {
        EXPECT_EQ(macs(scaled), macs(graph));
      } else if (multiple == 1) {
        EXPECT_GT(macs(scaled), smaller);
        smaller = macs(scaled);
        EXPECT_EQ(macs(scaled) > macs(graph), multiplier > 1);
      }
    }
  }
}

TEST_P(ShippedNetwork, random_moves_stay_consistent) {
  const Graph& graph = model(GetParam());
  const MoveSites sites = find_move_sites(graph);
  Random random(stable_hash(GetParam()));
  for (int i = 0; i < 10; ++i) {
    Moves moves = everywhere(sites, 1, random.chance(0.5) ? 1 : 8, false);
    for (double& multiplier : moves.depth_multiplier) multiplier = 0.4 + random.unit();
    for (std::size_t site = 0; site < moves.fuse.size(); ++site) moves.fuse[site] = random.chance(0.5);
    expect_consistent(apply(graph, moves));
  }
}

TEST_P(ShippedNetwork, alignment_makes_every_free_group_a_multiple) {
  const Graph& graph = model(GetParam());
  const MoveSites sites = find_move_sites(graph);
  for (const std::int64_t multiple : {16, 32}) {
    const Graph aligned = apply(graph, everywhere(sites, 1.0, multiple, false));
    expect_consistent(aligned);
    for (const Operator& op : aligned.operators()) {
      if (op.kind != OperatorKind::kConvolution) continue;
      const auto& now = aligned.tensor(op.outputs[0]).shape;
      const auto& then = graph.tensor(op.outputs[0]).shape;
      EXPECT_TRUE(now == then || now[1] % multiple == 0) << op.name;
    }
    // Once aligned, nothing is left to do.
    EXPECT_EQ(difference(aligned, apply(aligned, everywhere(sites, 1.0, multiple, false))), "");
  }
}

TEST_P(ShippedNetwork, doubling_and_halving_gives_the_network_back) {
  const Graph& graph = model(GetParam());
  const MoveSites sites = find_move_sites(graph);
  const Graph twice = apply(graph, everywhere(sites, 2.0, 1, false));
  expect_consistent(twice);
  EXPECT_EQ(difference(graph, apply(twice, everywhere(sites, 0.5, 1, false))), "");
}

TEST_P(ShippedNetwork, every_fused_block_has_the_macs_of_the_formula) {
  const Graph& graph = model(GetParam());
  const MoveSites sites = find_move_sites(graph);
  std::int64_t all = macs(graph);
  for (std::size_t site = 0; site < sites.fusions.size(); ++site) {
    const auto block = std::find_if(graph.blocks().begin(), graph.blocks().end(),
                                    [&](const Block& b) { return b.name == sites.fusions[site].block; });
    ASSERT_NE(block, graph.blocks().end());
    const Operator& depthwise = graph.op(block->depthwise);
    const auto& out = graph.tensor(depthwise.outputs[0]).shape;
    const std::int64_t c = graph.tensor(graph.op(block->expand).inputs[0]).shape[1];
    const std::int64_t full = out[2] * out[3] * depthwise.window.kernel[0] * depthwise.window.kernel[1] * c * out[1];
    const std::int64_t change = full - macs(graph, graph.op(block->expand)) - macs(graph, depthwise);
    Moves moves;
    moves.fuse.assign(sites.fusions.size(), false);
    moves.fuse[site] = true;
    const Graph fused = apply(graph, moves);
    expect_consistent(fused);
    EXPECT_EQ(macs(fused) - macs(graph), change) << block->name;
    EXPECT_EQ(count(fused, BlockKind::kInvertedBottleneck), count(graph, BlockKind::kInvertedBottleneck) - 1);
    EXPECT_EQ(count(fused, BlockKind::kFusedInvertedBottleneck), count(graph, BlockKind::kFusedInvertedBottleneck) + 1);
    all += change;
  }
  const Graph fused = apply(graph, everywhere(sites, 1, 1, true));
  expect_consistent(fused);
  EXPECT_EQ(macs(fused), all);
  EXPECT_EQ(count(fused, BlockKind::kSqueezeExcite), count(graph, BlockKind::kSqueezeExcite));
  EXPECT_EQ(count(fused, BlockKind::kResidual), count(graph, BlockKind::kResidual));
}

TEST_P(ShippedNetwork, nothing_is_dropped_silently) {
  const Graph& graph = model(GetParam());
  const MoveSites sites = find_move_sites(graph);
  EXPECT_EQ(sites.stages.empty(), is_rigid(GetParam()));
  for (std::size_t i = 1; i < sites.stages.size(); ++i) {
    EXPECT_GE(sites.stages[i - 1].height * sites.stages[i - 1].width, sites.stages[i].height * sites.stages[i].width);
  }
  // A layer either scales or stands in the list: as itself, or behind the layer whose channels it shares.
  const Graph twice = apply(graph, everywhere(sites, 2.0, 1, false));
  std::size_t kept = 0;
  for (const Operator& op : twice.operators()) {
    if (op.kind != OperatorKind::kConvolution && op.kind != OperatorKind::kFullyConnected) continue;
    kept += twice.tensor(op.outputs[0]).shape == graph.tensor(op.outputs[0]).shape ? 1U : 0U;
  }
  std::printf("%s: %zu fusions, %zu stages, %zu frozen groups of %zu layers\n", GetParam().c_str(),
              sites.fusions.size(), sites.stages.size(), sites.frozen.size(), kept);
  EXPECT_EQ(kept > 0, std::any_of(sites.frozen.begin(), sites.frozen.end(), [](const std::string& line) {
              return line.find(": is a graph input") == std::string::npos;
            }));
}

INSTANTIATE_TEST_SUITE_P(All, ShippedNetwork, testing::ValuesIn(model_files()),
                         [](const auto& instance) { return instance.param; });

TEST(ShippedNetworks, have_the_moves_their_architectures_offer) {
  // MobileNetV2: 17 blocks, the first without expansion; five resolutions, 112 to 7.
  const MoveSites v2 = find_move_sites(model("mobilenet_v2"));
  EXPECT_EQ(v2.fusions.size(), 16u);
  ASSERT_EQ(v2.stages.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(v2.stages[i].height, 112 >> i);
  // By hand: each expansion with its depthwise, each width that residuals tie.
  EXPECT_EQ(v2.stages[0].free_groups, 2);
  EXPECT_EQ(v2.stages[1].free_groups, 2 + 1);
  EXPECT_EQ(v2.stages[2].free_groups, 3 + 1);
  EXPECT_EQ(v2.stages[3].free_groups, 4 + 3 + 2);  // expansions to 64, to 96, and the two widths
  EXPECT_EQ(v2.stages[4].free_groups, 4 + 3);      // 160, 320 and the head
  EXPECT_EQ(v2.frozen.size(), 2u);                 // the image and the classes
  // SSDLite's maps halve from 160 to 1; no other shape is a stage.
  const MoveSites ssd = find_move_sites(model("ssdlite320_mobilenet_v3_large"));
  ASSERT_EQ(ssd.stages.size(), 9u);
  std::int64_t size = 160;
  for (const Stage& stage : ssd.stages) {
    EXPECT_EQ(stage.height, size) << stage.name;
    EXPECT_EQ(stage.width, size) << stage.name;
    size = (size + 1) / 2;
  }
  // ResNet has no inverted bottleneck; its head is frozen, its body is not.
  EXPECT_TRUE(find_move_sites(model("resnet50")).fusions.empty());
  EXPECT_GE(find_move_sites(model("resnet50")).stages.size(), 4u);
}

}  // namespace
}  // namespace lanewise::network
