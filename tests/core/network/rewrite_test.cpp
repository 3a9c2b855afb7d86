// SPDX-License-Identifier: Apache-2.0
// Rewriting moves on networks small enough to work out by hand: channels and what ties them.
#include <gtest/gtest.h>

#include "core/network/compression.hpp"
#include "tests/core/network/rewrite_draft.hpp"

namespace lanewise::network {
namespace {

using namespace testing;

TEST(Rewrite, doubling_a_chain_doubles_every_free_channel_exactly) {
  const Graph graph = chain();
  const Graph twice = scaled(graph, 2.0);
  expect_consistent(twice);
  EXPECT_EQ(out_shape(twice, "stem"), (Shape{1, 32, 16, 16}));
  EXPECT_EQ(out_shape(twice, "middle"), (Shape{1, 48, 8, 8}));
  EXPECT_EQ(out_shape(twice, "last"), (Shape{1, 80, 8, 8}));
  EXPECT_EQ(weight_shape(twice, "stem"), (Shape{32, 3, 3, 3}));
  EXPECT_EQ(weight_shape(twice, "middle"), (Shape{48, 32, 3, 3}));
  EXPECT_EQ(weight_shape(twice, "middle", 1), (Shape{48}));
  EXPECT_EQ(out_shape(twice, "flatten"), (Shape{1, 80}));
  EXPECT_EQ(weight_shape(twice, "classifier"), (Shape{10, 80}));
  EXPECT_EQ(weight_shape(twice, "classifier", 1), (Shape{10}));
  // Layers between two free groups do four times the work, those at an end twice.
  EXPECT_EQ(macs(twice, named(twice, "middle")), 4 * macs(graph, named(graph, "middle")));
  EXPECT_EQ(macs(twice, named(twice, "stem")), 2 * macs(graph, named(graph, "stem")));
}

TEST(Rewrite, stages_scale_alone_and_are_ordered_finest_first) {
  const Graph graph = chain();
  const MoveSites sites = find_move_sites(graph);
  ASSERT_EQ(sites.stages.size(), 2u);
  EXPECT_EQ(sites.stages[0].name, "stage0");
  EXPECT_EQ(sites.stages[0].height, 16);
  EXPECT_EQ(sites.stages[0].free_groups, 1);
  EXPECT_EQ(sites.stages[1].height, 8);
  EXPECT_EQ(sites.stages[1].free_groups, 2);
  EXPECT_EQ(reason(graph, "input0"), "is a graph input");
  EXPECT_EQ(reason(graph, "classifier"), "is the graph output classifier.out");
  Moves moves;
  moves.depth_multiplier = {1.0, 0.5};
  const Graph half = apply(graph, moves);
  EXPECT_EQ(out_shape(half, "stem")[1], 16);
  EXPECT_EQ(out_shape(half, "middle")[1], 12);
  EXPECT_EQ(weight_shape(half, "middle"), (Shape{12, 16, 3, 3}));
}

TEST(Rewrite, channels_round_to_the_nearest_multiple_and_never_to_none) {
  const Graph graph = chain();  // free channels 16, 24, 40
  const Graph aligned = scaled(graph, 1.0, 32);
  expect_consistent(aligned);
  EXPECT_EQ(out_shape(aligned, "stem")[1], 32);    // 0.5 of 32 rounds up
  EXPECT_EQ(out_shape(aligned, "middle")[1], 32);  // 0.75
  EXPECT_EQ(out_shape(aligned, "last")[1], 32);    // 1.25 rounds down
  const Graph tiny = scaled(graph, 0.01);
  expect_consistent(tiny);
  EXPECT_EQ(out_shape(tiny, "stem")[1], 1);
  const Graph rounded = scaled(graph, 0.3);
  EXPECT_EQ(out_shape(rounded, "stem")[1], 5);    // 4.8
  EXPECT_EQ(out_shape(rounded, "middle")[1], 7);  // 7.2
}

TEST(Rewrite, additions_and_depthwise_tie_channels) {
  const Graph graph = bottleneck();
  const MoveSites sites = find_move_sites(graph);
  ASSERT_EQ(sites.stages.size(), 1u);
  EXPECT_EQ(sites.stages[0].free_groups, 3);  // {stem, project}, {expand, depthwise}, {head}
  const Graph wider = scaled(graph, 1.5);
  expect_consistent(wider);
  EXPECT_EQ(out_shape(wider, "stem")[1], 24);
  EXPECT_EQ(out_shape(wider, "project")[1], 24);
  EXPECT_EQ(out_shape(wider, "depthwise")[1], 144);
  EXPECT_EQ(named(wider, "depthwise").groups, 144);
  EXPECT_EQ(weight_shape(wider, "depthwise"), (Shape{144, 1, 3, 3}));
  EXPECT_EQ(out_shape(wider, "output")[1], 4);
}

TEST(Rewrite, strided_bottlenecks_belong_to_the_stage_they_make) {
  const MoveSites sites = find_move_sites(bottleneck(3, 2));
  ASSERT_EQ(sites.stages.size(), 2u);
  EXPECT_EQ(sites.stages[0].free_groups, 1);  // stem
  EXPECT_EQ(sites.stages[1].free_groups, 3);  // expand with depthwise, project, head
}

TEST(Rewrite, squeeze_excite_works_for_the_map_it_gates) {
  Draft draft;
  TensorId x = draft.convolution("stem", draft.input({1, 3, 32, 32}), 16, 3, 2);
  x = draft.convolution("wide", x, 48, 3, 2);
  TensorId gate = draft.convolution("squeeze", draft.global_pool("pool", x), 12);
  gate = draft.convolution("excite", draft.activation("relu", gate), 48);
  gate = draft.activation("sigmoid", gate, ActivationFunction::kHardSigmoid);
  x = draft.combine("scale", x, gate, ElementwiseFunction::kMultiply);
  const Graph graph = draft.done(draft.convolution("output", x, 4));
  const MoveSites sites = find_move_sites(graph);
  ASSERT_EQ(sites.stages.size(), 2u);
  EXPECT_EQ(sites.stages[0].height, 16);
  EXPECT_EQ(sites.stages[1].height, 8);
  EXPECT_EQ(sites.stages[1].free_groups, 2);  // {wide, excite}, {squeeze}
  Moves moves;
  moves.depth_multiplier = {1.0, 0.5};
  const Graph half = apply(graph, moves);
  expect_consistent(half);
  EXPECT_EQ(weight_shape(half, "squeeze"), (Shape{6, 24, 1, 1}));
  EXPECT_EQ(weight_shape(half, "excite"), (Shape{24, 6, 1, 1}));
}

TEST(Rewrite, channels_at_one_pixel_that_steer_no_map_are_a_stage_of_their_own) {
  Draft draft;
  TensorId x = draft.convolution("stem", draft.input({1, 3, 8, 8}), 16);
  x = draft.reshape("flatten", draft.global_pool("pool", x), {1, 16});
  x = draft.activation("relu", draft.fully_connected("hidden", x, 64));
  // What a detector's last level does: four numbers a box are no map of 4 x 1.
  x = draft.reshape("boxes", draft.fully_connected("regression", x, 24), {1, 6, 4, 1});
  const Graph graph = draft.done(x);
  const MoveSites sites = find_move_sites(graph);
  ASSERT_EQ(sites.stages.size(), 2u);
  EXPECT_EQ(sites.stages[1].name, "stage1");
  EXPECT_EQ(sites.stages[1].height * sites.stages[1].width, 1);
  EXPECT_EQ(reason(graph, "regression"), "is mixed with other axes by boxes");
  Moves moves;
  moves.depth_multiplier = {1.0, 0.5};
  expect_consistent(apply(graph, moves));
  EXPECT_EQ(weight_shape(apply(graph, moves), "hidden"), (Shape{32, 16}));
}

TEST(Rewrite, concat_adds_its_parts_and_flatten_multiplies_by_the_map) {
  Draft draft;
  const TensorId stem = draft.convolution("stem", draft.input({1, 3, 8, 8}), 8);
  const TensorId a = draft.convolution("a", stem, 12);
  const TensorId b = draft.convolution("b", stem, 20);
  TensorId x = draft.concat("join", {a, stem, b});
  x = draft.depthwise("depthwise", x);
  x = draft.reshape("flatten", x, {1, 40 * 64});
  const Graph graph = draft.done(draft.fully_connected("classifier", x, 5));
  const Graph wider = scaled(graph, 1.25);
  expect_consistent(wider);
  EXPECT_EQ(out_shape(wider, "join")[1], 10 + 15 + 25);
  EXPECT_EQ(named(wider, "depthwise").groups, 50);
  EXPECT_EQ(weight_shape(wider, "classifier"), (Shape{5, 50 * 64}));
}

TEST(Rewrite, sums_of_differently_composed_channels_freeze) {
  Draft draft;
  const TensorId stem = draft.convolution("stem", draft.input({1, 3, 8, 8}), 8);
  const TensorId pair = draft.concat("join", {draft.convolution("a", stem, 12), draft.convolution("b", stem, 20)});
  const TensorId sum = draft.combine("add", pair, draft.convolution("c", stem, 32));
  const Graph graph = draft.done(draft.convolution("output", sum, 4));
  EXPECT_EQ(reason(graph, "a"), "meets channels composed otherwise in add");
  EXPECT_EQ(reason(graph, "c"), "meets channels composed otherwise in add");
  EXPECT_EQ(reason(graph, "stem"), "");
  expect_consistent(scaled(graph, 0.6));
  EXPECT_EQ(out_shape(scaled(graph, 0.5), "join")[1], 32);
}

TEST(Rewrite, concats_of_one_composition_stay_tied) {
  Draft draft;
  const TensorId stem = draft.convolution("stem", draft.input({1, 3, 8, 8}), 8);
  const TensorId x = draft.concat("join1", {draft.convolution("a", stem, 12), draft.convolution("b", stem, 20)});
  const TensorId y = draft.concat("join2", {draft.convolution("c", stem, 12), draft.convolution("d", stem, 20)});
  const Graph graph = draft.done(draft.convolution("output", draft.combine("add", x, y), 4));
  EXPECT_EQ(find_move_sites(graph).stages.at(0).free_groups, 3);  // stem, {a, c}, {b, d}
  expect_consistent(scaled(graph, 0.33));
}

TEST(Rewrite, what_cannot_be_followed_is_frozen_with_a_reason) {
  Draft draft;
  TensorId x = draft.convolution("stem", draft.input({1, 3, 8, 8}), 16);
  x = draft.convolution("grouped", x, 24, 3, 1, 4);
  x = draft.convolution("before", x, 12);
  x = draft.reshape("shuffle", x, {1, 2, 6, 8, 8});
  Operator transpose = draft.start("swap", OperatorKind::kTranspose, "Transpose", {x});
  transpose.axes = {0, 2, 1, 3, 4};
  x = draft.finish(std::move(transpose), {{1, 6, 2, 8, 8}});
  x = draft.reshape("back", x, {1, 12, 8, 8});
  x = draft.convolution("between", x, 10);
  Operator split = draft.start("split", OperatorKind::kSplit, "Split", {x});
  split.axes = {1};
  x = draft.finish(std::move(split), {{1, 5, 8, 8}, {1, 5, 8, 8}});
  x = draft.convolution("free", x, 6);
  const Graph graph = draft.done(draft.convolution("output", x, 4));
  EXPECT_EQ(reason(graph, "stem"), "meets the grouped convolution grouped");
  EXPECT_EQ(reason(graph, "grouped"), "meets the grouped convolution grouped");
  EXPECT_EQ(reason(graph, "before"), "is mixed with other axes by shuffle");
  EXPECT_EQ(reason(graph, "between"), "is divided by the split split");
  EXPECT_EQ(reason(graph, "free"), "");
  const Graph half = scaled(graph, 0.5);
  expect_consistent(half);
  EXPECT_EQ(out_shape(half, "free")[1], 3);
  EXPECT_EQ(out_shape(half, "between")[1], 10);
}

TEST(Rewrite, one_channel_broadcast_over_many_stays_one) {
  Draft draft;
  const TensorId stem = draft.convolution("stem", draft.input({1, 3, 8, 8}), 16);
  const TensorId mask = draft.activation("sigmoid", draft.convolution("mask", stem, 1), ActivationFunction::kSigmoid);
  const TensorId x = draft.combine("apply", stem, mask, ElementwiseFunction::kMultiply);
  const Graph graph = draft.done(draft.convolution("output", x, 4));
  EXPECT_EQ(reason(graph, "mask"), "is broadcast over channels in apply");
  const Graph aligned = scaled(graph, 2.0, 16);
  expect_consistent(aligned);
  EXPECT_EQ(out_shape(aligned, "mask")[1], 1);
  EXPECT_EQ(out_shape(aligned, "stem")[1], 32);
}

TEST(Rewrite, shared_weights_keep_their_channels) {
  Draft draft;
  const TensorId image = draft.input({1, 3, 8, 8});
  const TensorId a = draft.convolution("a", image, 8);
  const TensorId b = draft.convolution("b", a, 8);
  Operator twin = draft.start("c", OperatorKind::kConvolution, "Conv", {b});
  twin.weights = {draft.weight("shared", {8, 8, 1, 1})};
  Operator other = twin;
  const TensorId c = draft.finish(std::move(twin), {{1, 8, 8, 8}});
  other.name = "d";
  other.inputs = {c};
  const TensorId d = draft.finish(std::move(other), {{1, 8, 8, 8}});
  const Graph graph = draft.done(draft.convolution("output", draft.convolution("e", d, 8), 4));
  EXPECT_EQ(reason(graph, "b"), "meets the shared weight shared");
  EXPECT_EQ(reason(graph, "d"), "meets the shared weight shared");
  const Graph twice = scaled(graph, 2);
  expect_consistent(twice);
  EXPECT_EQ(out_shape(twice, "a")[1], 16);
  EXPECT_EQ(out_shape(twice, "b")[1], 8);
  EXPECT_EQ(out_shape(twice, "e")[1], 16);
}

TEST(Rewrite, parameters_of_normalization_and_activation_follow) {
  Draft draft;
  TensorId x = draft.convolution("stem", draft.input({1, 3, 8, 8}), 16, 1, 1, 1, false);
  Operator normalization = draft.start("normalization", OperatorKind::kBatchNormalization, "BatchNormalization", {x});
  for (const char* name : {"gamma", "beta", "mean", "variance"})
    normalization.weights.push_back(draft.weight(name, {16}));
  x = draft.finish(std::move(normalization), {draft.shape_of(x)});
  Operator prelu = draft.start("prelu", OperatorKind::kActivation, "PRelu", {x});
  prelu.activation = ActivationFunction::kPRelu;
  prelu.weights = {draft.weight("slope", {16, 1, 1})};
  x = draft.finish(std::move(prelu), {draft.shape_of(x)});
  Operator scale = draft.start("scale", OperatorKind::kElementwise, "Mul", {x});
  scale.elementwise = ElementwiseFunction::kMultiply;
  scale.weights = {draft.weight("factor", {1, 16, 1, 1}), draft.weight("one", {})};
  x = draft.finish(std::move(scale), {draft.shape_of(x)});
  const Graph graph = draft.done(draft.convolution("output", x, 4));
  const Graph half = scaled(graph, 0.5);
  expect_consistent(half);
  EXPECT_EQ(weight_shape(half, "normalization", 3), (Shape{8}));
  EXPECT_EQ(weight_shape(half, "prelu"), (Shape{8, 1, 1}));
  EXPECT_EQ(weight_shape(half, "scale"), (Shape{1, 8, 1, 1}));
}

TEST(Rewrite, transposed_convolutions_and_reductions_follow) {
  Draft draft;
  TensorId x = draft.convolution("stem", draft.input({1, 3, 8, 8}), 16, 3, 2);
  Operator up = draft.start("up", OperatorKind::kConvolution, "ConvTranspose", {x});
  up.transposed = true;
  up.window.kernel[0] = up.window.kernel[1] = up.window.stride[0] = up.window.stride[1] = 2;
  up.weights = {draft.weight("up.weight", {16, 24, 2, 2}), draft.weight("up.bias", {24})};
  x = draft.finish(std::move(up), {{1, 24, 8, 8}});
  Operator mean = draft.start("mean", OperatorKind::kReduce, "ReduceMean", {x});
  mean.axes = {2, 3};
  x = draft.finish(std::move(mean), {{1, 24}});
  const Graph graph = draft.done(draft.fully_connected("classifier", x, 4));
  const Graph half = scaled(graph, 0.5);
  expect_consistent(half);
  EXPECT_EQ(weight_shape(half, "up"), (Shape{8, 12, 2, 2}));
  EXPECT_EQ(weight_shape(half, "up", 1), (Shape{12}));
  EXPECT_EQ(weight_shape(half, "classifier"), (Shape{4, 12}));
}

TEST(Rewrite, moves_that_do_not_fit_are_refused) {
  const Graph graph = bottleneck();
  const auto message = [&](const Moves& moves) -> std::string {
    try {
      apply(graph, moves);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  Moves fusing;
  fusing.fuse = std::vector<bool>(2, true);
  EXPECT_EQ(message(fusing), "network 'draft': moves fuse 2 blocks, it has 1 that may be fused");
  Moves moves;
  moves.depth_multiplier = {1, 1, 1};
  EXPECT_EQ(message(moves), "network 'draft': moves give 3 depth multipliers, it has 1 stages");
  moves.depth_multiplier = {0};
  EXPECT_EQ(message(moves), "network 'draft': depth multiplier 0 must be a number above 0");
  moves.depth_multiplier = {1e9};
  EXPECT_NE(message(moves).find("must be at most 16777216"), std::string::npos) << message(moves);
  Moves rounding;
  rounding.channel_multiple = 0;
  EXPECT_EQ(message(rounding), "network 'draft': channel multiple 0 must be at least 1");
}

// 2:4 wants input channels in fours. Those of `middle` are the 16 of the stem, those of `last` the 24 of `middle`.
TEST(Rewrite, weights_that_a_structure_does_not_divide_any_more_are_dense) {
  Compression pruned;
  pruned.prune = parse_structure("2:4");
  const Graph graph = with_compression(chain(), pruned);
  const auto form_of = [](const Graph& network, const std::string& layer) {
    return network.tensor(named(network, layer).weights[0]).form;
  };
  ASSERT_EQ(form_of(graph, "middle").of, 4);
  ASSERT_EQ(form_of(graph, "last").of, 4);
  const Graph smaller = scaled(graph, 0.375);  // free channels 6, 9, 15
  EXPECT_FALSE(form_of(smaller, "middle").structured());
  EXPECT_EQ(form_of(smaller, "last").density, 1);
  const Graph half = scaled(graph, 0.5);  // 8, 12, 20
  EXPECT_EQ(form_of(half, "middle").kept, 2);
  EXPECT_EQ(form_of(half, "last").density, 0.5);
}

}  // namespace
}  // namespace lanewise::network
