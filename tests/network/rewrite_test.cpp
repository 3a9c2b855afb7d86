// SPDX-License-Identifier: Apache-2.0
// Rewriting moves on networks small enough to work out by hand.
#include "network/rewrite.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "graph_consistency.hpp"

namespace lanewise::network {
namespace {

using Shape = std::vector<std::int64_t>;

// Writes networks the way a person lists layers; names follow the layers.
class Draft {
 public:
  TensorId input(const Shape& shape) {
    const TensorId id = add("input" + std::to_string(inputs_++), shape, TensorRole::kGraphInput);
    builder_.mark_input(id);
    return id;
  }

  TensorId convolution(const std::string& name, TensorId from, std::int64_t channels, std::int64_t kernel = 1,
                       std::int64_t stride = 1, std::int64_t groups = 1, bool bias = true) {
    Operator op = start(name, OperatorKind::kConvolution, "Conv", {from});
    op.groups = groups;
    Shape shape = shape_of(from);
    for (int axis : {0, 1}) {
      op.window.kernel[axis] = kernel;
      op.window.stride[axis] = stride;
      op.window.pad_begin[axis] = op.window.pad_end[axis] = kernel / 2;
      std::int64_t& size = shape[static_cast<std::size_t>(axis) + 2];
      size = (size + 2 * (kernel / 2) - kernel) / stride + 1;
    }
    op.weights = {weight(name + ".weight", {channels, shape[1] / groups, kernel, kernel})};
    if (bias) op.weights.push_back(weight(name + ".bias", {channels}));
    shape[1] = channels;
    return finish(std::move(op), {shape});
  }
  TensorId depthwise(const std::string& name, TensorId from, std::int64_t kernel = 3, std::int64_t stride = 1,
                     bool bias = true) {
    const std::int64_t channels = shape_of(from)[1];
    return convolution(name, from, channels, kernel, stride, channels, bias);
  }
  TensorId fully_connected(const std::string& name, TensorId from, std::int64_t channels) {
    Operator op = start(name, OperatorKind::kFullyConnected, "Gemm", {from});
    op.weights = {weight(name + ".weight", {channels, shape_of(from)[1]}), weight(name + ".bias", {channels})};
    return finish(std::move(op), {{shape_of(from)[0], channels}});
  }
  TensorId activation(const std::string& name, TensorId from, ActivationFunction function = ActivationFunction::kRelu) {
    Operator op = start(name, OperatorKind::kActivation, "Relu", {from});
    op.activation = function;
    return finish(std::move(op), {shape_of(from)});
  }
  TensorId combine(const std::string& name, TensorId a, TensorId b,
                   ElementwiseFunction function = ElementwiseFunction::kAdd) {
    Operator op = start(name, OperatorKind::kElementwise, "Add", {a, b});
    op.elementwise = function;
    Shape shape = shape_of(a);
    for (std::size_t i = 0; i < shape.size(); ++i) shape[i] = std::max(shape[i], shape_of(b)[i]);
    return finish(std::move(op), {shape});
  }
  TensorId global_pool(const std::string& name, TensorId from) {
    const Shape shape = shape_of(from);
    return finish(start(name, OperatorKind::kGlobalAveragePool, "GlobalAveragePool", {from}),
                  {{shape[0], shape[1], 1, 1}});
  }
  TensorId reshape(const std::string& name, TensorId from, const Shape& shape) {
    return finish(start(name, OperatorKind::kReshape, "Reshape", {from}), {shape});
  }
  TensorId concat(const std::string& name, const std::vector<TensorId>& parts) {
    Operator op = start(name, OperatorKind::kConcat, "Concat", parts);
    op.axes = {1};
    Shape shape = shape_of(parts[0]);
    for (std::size_t i = 1; i < parts.size(); ++i) shape[1] += shape_of(parts[i])[1];
    return finish(std::move(op), {shape});
  }
  // A free form for everything else.
  Operator start(const std::string& name, OperatorKind kind, const std::string& type, std::vector<TensorId> from) {
    Operator op;
    op.name = name;
    op.kind = kind;
    op.source_type = type;
    op.inputs = std::move(from);
    return op;
  }
  TensorId finish(Operator op, const std::vector<Shape>& shapes) {
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      op.outputs.push_back(
          add(op.name + (i == 0 ? ".out" : ".out" + std::to_string(i)), shapes[i], TensorRole::kActivation));
    }
    const TensorId first = op.outputs[0];
    builder_.add_operator(std::move(op));
    return first;
  }
  TensorId weight(const std::string& name, const Shape& shape) { return add(name, shape, TensorRole::kWeight); }
  Shape shape_of(TensorId id) { return builder_.tensor(id).shape; }
  Graph done(TensorId output) {
    builder_.mark_output(output);
    return std::move(builder_).build();
  }

 private:
  TensorId add(const std::string& name, const Shape& shape, TensorRole role) {
    return builder_.add_tensor({name, shape, Precision::kInt8, role});
  }
  GraphBuilder builder_{"draft"};
  int inputs_ = 0;
};

const Operator& named(const Graph& graph, const std::string& name) {
  for (const Operator& op : graph.operators()) {
    if (op.name == name) return op;
  }
  throw Error("no operator " + name);
}
bool has(const Graph& graph, const std::string& name) {
  for (const Operator& op : graph.operators()) {
    if (op.name == name) return true;
  }
  return false;
}
Shape out_shape(const Graph& graph, const std::string& name) {
  return graph.tensor(named(graph, name).outputs[0]).shape;
}
Shape weight_shape(const Graph& graph, const std::string& name, std::size_t i = 0) {
  return graph.tensor(named(graph, name).weights.at(i)).shape;
}
std::string reason(const Graph& graph, const std::string& name) {
  for (const std::string& line : find_move_sites(graph).frozen) {
    if (line.rfind(name + ": ", 0) == 0) return line.substr(name.size() + 2);
  }
  return "";
}
Graph scaled(const Graph& graph, double multiplier, std::int64_t multiple = 1) {
  Moves moves;
  moves.depth_multiplier.assign(find_move_sites(graph).stages.size(), multiplier);
  moves.channel_multiple = multiple;
  return apply(graph, moves);
}
void expect_consistent(const Graph& graph) { EXPECT_EQ(ConsistencyCheck::faults(graph), std::vector<std::string>{}); }

Graph chain() {
  Draft draft;
  TensorId x = draft.convolution("stem", draft.input({1, 3, 32, 32}), 16, 3, 2);
  x = draft.activation("relu", x);
  x = draft.convolution("middle", x, 24, 3, 2);
  x = draft.convolution("last", x, 40);
  x = draft.reshape("flatten", draft.global_pool("pool", x), {1, 40});
  return draft.done(draft.fully_connected("classifier", x, 10));
}

// MobileNetV2's block with t = 6, c = 16, c' = 16 and a residual, behind a stem.
Graph bottleneck(std::int64_t kernel = 3, std::int64_t stride = 1, bool expand_bias = true,
                 bool depthwise_bias = true) {
  Draft draft;
  const TensorId stem = draft.convolution("stem", draft.input({1, 3, 32, 32}), 16, 3, 2);
  TensorId x = draft.convolution("expand", stem, 96, 1, 1, 1, expand_bias);
  x = draft.activation("relu_a", x);
  x = draft.depthwise("depthwise", x, kernel, stride, depthwise_bias);
  x = draft.activation("relu_b", x, ActivationFunction::kHardSwish);
  x = draft.convolution("project", x, 16);
  if (stride == 1) x = draft.combine("add", stem, x);
  x = draft.convolution("head", x, 32);
  return draft.done(draft.convolution("output", x, 4));
}

TEST(Rewrite, DefaultMovesYieldAnEqualGraph) {
  for (const Graph& graph : {chain(), bottleneck()}) {
    EXPECT_EQ(difference(graph, apply(graph, {})), "");
    EXPECT_EQ(difference(graph, scaled(graph, 1.0)), "");
  }
}

TEST(Rewrite, DoublingAChainDoublesEveryFreeChannelExactly) {
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

TEST(Rewrite, StagesScaleAloneAndAreOrderedFinestFirst) {
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

TEST(Rewrite, ChannelsRoundToTheNearestMultipleAndNeverToNone) {
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

TEST(Rewrite, AdditionsAndDepthwiseTieChannels) {
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

TEST(Rewrite, StridedBottlenecksBelongToTheStageTheyMake) {
  const MoveSites sites = find_move_sites(bottleneck(3, 2));
  ASSERT_EQ(sites.stages.size(), 2u);
  EXPECT_EQ(sites.stages[0].free_groups, 1);  // stem
  EXPECT_EQ(sites.stages[1].free_groups, 3);  // expand with depthwise, project, head
}

TEST(Rewrite, FusedBottleneckCostsItsClosedForm) {
  for (const std::int64_t kernel : {3, 5}) {
    for (const std::int64_t stride : {1, 2}) {
      const Graph graph = bottleneck(kernel, stride);
      ASSERT_EQ(find_move_sites(graph).fusions.size(), 1u);
      EXPECT_EQ(find_move_sites(graph).fusions[0].block, "ibn0");
      Moves moves;
      moves.fuse = {true};
      const Graph fused = apply(graph, moves);
      expect_consistent(fused);
      // K^2 c tc + tc c' a pixel of the output, against c tc a pixel of the input + K^2 tc + tc c' a pixel of the
      // output.
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

TEST(Rewrite, FusionKeepsNamesActivationAndResidual) {
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

TEST(Rewrite, FusedConvolutionHasABiasIfEitherHad) {
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

TEST(Rewrite, FusionAndMultiplierCombine) {
  const Graph graph = bottleneck();
  Moves moves;
  moves.fuse = {true};
  moves.depth_multiplier = {0.75};
  moves.channel_multiple = 8;
  const Graph small = apply(graph, moves);
  expect_consistent(small);
  EXPECT_EQ(weight_shape(small, "expand"), (Shape{72, 16, 3, 3}));  // 12 channels round to 16
}

TEST(Rewrite, AnExpansionReadElsewhereIsNoFusionSite) {
  Draft draft;
  const TensorId stem = draft.convolution("stem", draft.input({1, 3, 32, 32}), 16);
  const TensorId expand = draft.convolution("expand", stem, 96);
  const TensorId depthwise = draft.depthwise("depthwise", expand);
  const TensorId project = draft.convolution("project", depthwise, 16);
  const TensorId tap = draft.convolution("tap", expand, 16);
  const Graph graph = draft.done(draft.combine("add", project, tap));
  EXPECT_TRUE(find_move_sites(graph).fusions.empty());
}

TEST(Rewrite, SqueezeExciteWorksForTheMapItGates) {
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

TEST(Rewrite, ChannelsAtOnePixelThatSteerNoMapAreAStageOfTheirOwn) {
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

TEST(Rewrite, ConcatAddsItsPartsAndFlattenMultipliesByTheMap) {
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

TEST(Rewrite, SumsOfDifferentlyComposedChannelsFreeze) {
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

TEST(Rewrite, ConcatsOfOneCompositionStayTied) {
  Draft draft;
  const TensorId stem = draft.convolution("stem", draft.input({1, 3, 8, 8}), 8);
  const TensorId x = draft.concat("join1", {draft.convolution("a", stem, 12), draft.convolution("b", stem, 20)});
  const TensorId y = draft.concat("join2", {draft.convolution("c", stem, 12), draft.convolution("d", stem, 20)});
  const Graph graph = draft.done(draft.convolution("output", draft.combine("add", x, y), 4));
  EXPECT_EQ(find_move_sites(graph).stages.at(0).free_groups, 3);  // stem, {a, c}, {b, d}
  expect_consistent(scaled(graph, 0.33));
}

TEST(Rewrite, WhatCannotBeFollowedIsFrozenWithAReason) {
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

TEST(Rewrite, OneChannelBroadcastOverManyStaysOne) {
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

TEST(Rewrite, SharedWeightsKeepTheirChannels) {
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

TEST(Rewrite, ParametersOfNormalizationAndActivationFollow) {
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

TEST(Rewrite, TransposedConvolutionsAndReductionsFollow) {
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

TEST(Rewrite, PaddingBeforeTheDepthwiseMovesIntoTheFusedWindow) {
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

TEST(Rewrite, MovesThatDoNotFitAreRefused) {
  const Graph graph = bottleneck();
  const auto message = [&](const Moves& moves) -> std::string {
    try {
      apply(graph, moves);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  Moves moves;
  moves.fuse = {true, false};
  EXPECT_EQ(message(moves), "network 'draft': moves fuse 2 blocks, it has 1 that may be fused");
  moves = {};
  moves.depth_multiplier = {1, 1, 1};
  EXPECT_EQ(message(moves), "network 'draft': moves give 3 depth multipliers, it has 1 stages");
  moves.depth_multiplier = {0};
  EXPECT_EQ(message(moves), "network 'draft': depth multiplier 0 must be a number above 0");
  moves.depth_multiplier = {1e9};
  EXPECT_NE(message(moves).find("must be at most 16777216"), std::string::npos) << message(moves);
  moves = {};
  moves.channel_multiple = 0;
  EXPECT_EQ(message(moves), "network 'draft': channel multiple 0 must be at least 1");
}

}  // namespace
}  // namespace lanewise::network
