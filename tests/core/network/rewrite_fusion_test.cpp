// SPDX-License-Identifier: Apache-2.0
// Rewriting inverted bottlenecks into fused ones, on networks small enough to work out by hand.
#include <gtest/gtest.h>

#include "tests/core/network/rewrite_draft.hpp"

namespace lanewise::network {
namespace {

using namespace testing;

TEST(RewriteFusion, a_fused_bottleneck_has_the_macs_of_the_formula) {
  for (const std::int64_t kernel : {3, 5}) {
    for (const std::int64_t stride : {1, 2}) {
      const Graph graph = bottleneck(kernel, stride);
      ASSERT_EQ(find_move_sites(graph).fusions.size(), 1u);
      EXPECT_EQ(find_move_sites(graph).fusions[0].block, "ibn0");
      Moves moves;
      moves.fuse = {true};
      const Graph fused = apply(graph, moves);
      expect_consistent(fused);
      // K^2 c tc + tc c' per pixel of the output, against c tc per pixel of the input and K^2 tc + tc c' per pixel of
      // the output.
      const std::int64_t pixels = 16 * 16 / (stride * stride);
      const std::int64_t before = 16 * 16 * 16 * 96 + pixels * (kernel * kernel * 96 + 96 * 16);
      const std::int64_t after = pixels * (kernel * kernel * 16 * 96 + 96 * 16);
      EXPECT_EQ(macs(fused) - macs(graph), after - before);
      EXPECT_EQ(parameters(fused) - parameters(graph),
                kernel * kernel * 16 * 96 - 16 * 96 - kernel * kernel * 96 - 96);  // and one bias fewer
      ASSERT_FALSE(fused.blocks().empty());
      EXPECT_EQ(fused.blocks()[0].kind, BlockKind::kFusedInvertedBottleneck);
      EXPECT_TRUE(find_move_sites(fused).fusions.empty());
    }
  }
}

TEST(RewriteFusion, fusion_keeps_names_activation_and_residual) {
  const Graph graph = bottleneck(5, 1);
  Moves moves;
  moves.fuse = {true};
  const Graph fused = apply(graph, moves);
  EXPECT_EQ(fused.name(), graph.name());
  EXPECT_FALSE(has(fused, "depthwise"));
  EXPECT_FALSE(has(fused, "relu_a"));
  EXPECT_EQ(named(fused, "relu_b").activation, ActivationFunction::kHardSwish);
  EXPECT_TRUE(has(fused, "add"));
  EXPECT_EQ(weight_shape(fused, "expand"), (Shape{96, 16, 5, 5}));
  EXPECT_EQ(named(fused, "expand").window.pad_begin[0], 2);
  EXPECT_EQ(fused.operators().size() + 2, graph.operators().size());
  EXPECT_EQ(fused.tensors().size() + 4, graph.tensors().size());  // two maps, the depthwise's weight and bias
  for (const Block& block : fused.blocks()) {
    if (block.kind == BlockKind::kFusedInvertedBottleneck) {
      EXPECT_NE(block.residual_add, kNone);
    }
  }
  moves.fuse = {false};
  EXPECT_EQ(difference(graph, apply(graph, moves)), "");
}

TEST(RewriteFusion, fused_convolution_has_a_bias_if_either_had) {
  Moves moves;
  moves.fuse = {true};
  for (const bool expand_bias : {false, true}) {
    for (const bool depthwise_bias : {false, true}) {
      const Graph fused = apply(bottleneck(3, 1, expand_bias, depthwise_bias), moves);
      expect_consistent(fused);
      EXPECT_EQ(named(fused, "expand").weights.size(), expand_bias || depthwise_bias ? 2u : 1u);
    }
  }
}

TEST(RewriteFusion, fusion_and_multiplier_combine) {
  const Graph graph = bottleneck();
  Moves moves;
  moves.fuse = {true};
  moves.depth_multiplier = {0.75};
  moves.channel_multiple = 8;
  const Graph small = apply(graph, moves);
  expect_consistent(small);
  EXPECT_EQ(weight_shape(small, "expand"), (Shape{72, 16, 3, 3}));  // 12 channels round to 16
}

TEST(RewriteFusion, an_expansion_read_elsewhere_is_no_fusion_site) {
  Draft draft;
  const TensorId stem = draft.convolution("stem", draft.input({1, 3, 32, 32}), 16);
  const TensorId expand = draft.convolution("expand", stem, 96);
  const TensorId depthwise = draft.depthwise("depthwise", expand);
  const TensorId project = draft.convolution("project", depthwise, 16);
  const TensorId tap = draft.convolution("tap", expand, 16);
  const Graph graph = draft.done(draft.combine("add", project, tap));
  EXPECT_TRUE(find_move_sites(graph).fusions.empty());
}

TEST(RewriteFusion, padding_before_the_depthwise_moves_into_the_fused_window) {
  Draft draft;
  TensorId x = draft.convolution("stem", draft.input({1, 3, 32, 32}), 16);
  x = draft.convolution("expand", x, 96);
  Operator pad = draft.start("pad", OperatorKind::kPad, "Pad", {x});
  pad.offsets = {0, 0, 0, 0};
  x = draft.finish(std::move(pad), {{1, 96, 33, 33}});
  Operator depthwise = draft.start("depthwise", OperatorKind::kConvolution, "Conv", {x});
  depthwise.groups = 96;
  for (int axis : {0, 1}) {
    depthwise.window.kernel[axis] = 3;
    depthwise.window.stride[axis] = 2;
  }
  depthwise.weights = {draft.weight("depthwise.weight", {96, 1, 3, 3})};
  x = draft.finish(std::move(depthwise), {{1, 96, 16, 16}});
  const Graph graph = draft.done(draft.convolution("output", draft.convolution("project", x, 24), 4));
  ASSERT_EQ(find_move_sites(graph).fusions.size(), 1u);
  Moves moves;
  moves.fuse = {true};
  const Graph fused = apply(graph, moves);
  expect_consistent(fused);
  EXPECT_FALSE(has(fused, "pad"));
  EXPECT_EQ(named(fused, "expand").window.pad_end[1], 1);
  EXPECT_EQ(named(fused, "expand").window.pad_begin[1], 0);
}

}  // namespace
}  // namespace lanewise::network
