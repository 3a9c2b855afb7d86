// SPDX-License-Identifier: Apache-2.0
// Which operators move bytes, and what those that do not fit the array cost: subgraphs of hand-made graphs.
#include "core/mapping/layout.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/mapping/array_work.hpp"
#include "core/mapping/partition.hpp"
#include "core/mapping/plan_tiles.hpp"

namespace lanewise::mapping {
namespace {

using network::Graph;
using network::GraphBuilder;
using network::Operator;
using network::OperatorKind;
using network::TensorId;
using network::TensorRole;
using Shape = std::vector<std::int64_t>;

engine::EngineConfig engine_with(const std::vector<engine::Override>& overrides = {}) {
  return engine::load_engine("hwconfigs/ne-256.yaml", overrides).config;  // 16 dot products of 16 lanes
}

class Draft {
 public:
  TensorId input(const Shape& shape) {
    const TensorId id = tensor(shape, TensorRole::kGraphInput);
    builder_.mark_input(id);
    return id;
  }
  TensorId weight(const Shape& shape) { return tensor(shape, TensorRole::kWeight); }
  TensorId add(OperatorKind kind, std::vector<TensorId> inputs, std::vector<TensorId> weights, const Shape& out,
               Shape axes = {}) {
    Operator op = start(kind, std::move(inputs), std::move(weights), std::move(axes));
    return add(op, {out});
  }
  TensorId add(Operator op, const std::vector<Shape>& outs) {
    for (const Shape& out : outs) op.outputs.push_back(tensor(out, TensorRole::kActivation));
    builder_.add_operator(op);
    return op.outputs[0];
  }
  Operator start(OperatorKind kind, std::vector<TensorId> inputs, std::vector<TensorId> weights = {}, Shape axes = {}) {
    Operator op;
    op.name = std::string(network::to_string(kind)) + std::to_string(count_++);
    op.kind = kind;
    op.source_type = "Given";
    op.inputs = std::move(inputs);
    op.weights = std::move(weights);
    op.axes = std::move(axes);
    return op;
  }
  TensorId fully_connected(TensorId in, const Shape& out) {
    return add(OperatorKind::kFullyConnected, {in}, {weight({out.back(), builder_.tensor(in).shape.back()})}, out);
  }
  TensorId pointwise(TensorId in, std::int64_t channels) {
    Shape out = builder_.tensor(in).shape;
    const std::int64_t from = out[1];
    out[1] = channels;
    return add(OperatorKind::kConvolution, {in}, {weight({channels, from, 1, 1})}, out);
  }
  Graph finish(TensorId out) {
    builder_.mark_output(out);
    return std::move(builder_).build();
  }

 private:
  TensorId tensor(const Shape& shape, TensorRole role) {
    return builder_.add_tensor({"t" + std::to_string(count_++), shape, Precision::kInt8, role});
  }
  GraphBuilder builder_{"draft"};
  int count_ = 0;
};

std::vector<SubgraphFamily> families(const std::vector<Subgraph>& subgraphs) {
  std::vector<SubgraphFamily> all;
  for (const Subgraph& subgraph : subgraphs) all.push_back(subgraph.shape.family);
  return all;
}

constexpr SubgraphFamily kConv = SubgraphFamily::kConvolution;
constexpr SubgraphFamily kFully = SubgraphFamily::kFullyConnected;
constexpr SubgraphFamily kNorm = SubgraphFamily::kNormalization;
constexpr SubgraphFamily kMove = SubgraphFamily::kMove;
constexpr SubgraphFamily kMat = SubgraphFamily::kMatMul;

// ConvNeXt's block: an image normalised and multiplied over its channels, there and back.
TEST(Layout, channels_last_is_how_surfaces_lie) {
  Draft d;
  TensorId x = d.pointwise(d.input({1, 3, 8, 6}), 32);
  x = d.add(OperatorKind::kTranspose, {x}, {}, {1, 8, 6, 32}, {0, 2, 3, 1});
  x = d.add(OperatorKind::kLayerNormalization, {x}, {d.weight({32}), d.weight({32})}, {1, 8, 6, 32}, {3});
  x = d.fully_connected(x, {1, 8, 6, 64});
  x = d.add(OperatorKind::kTranspose, {x}, {}, {1, 64, 8, 6}, {0, 3, 1, 2});
  const std::vector<Subgraph> subgraphs = partition(d.finish(d.pointwise(x, 8)), engine_with());
  EXPECT_EQ(families(subgraphs), (std::vector<SubgraphFamily>{kConv, kNorm, kFully, kConv}));
  EXPECT_EQ(subgraphs[1].shape.in_channels, 32) << "a normalization has all it sums over at once";
  EXPECT_EQ(subgraphs[1].shape.in_height * subgraphs[1].shape.in_width, 48);
  EXPECT_EQ(subgraphs[0].operators.size(), 2u) << "the transposition is named where its bytes are written";
}

TEST(Layout, transposing_the_map_moves_it) {
  Draft d;
  TensorId x = d.pointwise(d.input({1, 3, 8, 6}), 32);
  x = d.add(OperatorKind::kTranspose, {x}, {}, {1, 32, 6, 8}, {0, 1, 3, 2});
  EXPECT_EQ(families(partition(d.finish(d.pointwise(x, 8)), engine_with())),
            (std::vector<SubgraphFamily>{kConv, kMove, kConv}));
}

// Attention as exporters write it: three slices of one matrix product, heads apart, keys transposed, heads together.
Graph attention(std::int64_t tokens, std::int64_t heads, std::int64_t depth) {
  Draft d;
  const std::int64_t width = heads * depth;
  const TensorId x = d.fully_connected(d.input({1, tokens, width}), {1, tokens, 3 * width});
  TensorId part[3];
  for (std::int64_t i = 0; i < 3; ++i) {
    Operator slice = d.start(OperatorKind::kSlice, {x}, {}, {2});
    slice.offsets = {i * width};
    const TensorId cut = d.add(slice, {{1, tokens, width}});
    const TensorId split = d.add(OperatorKind::kReshape, {cut}, {}, {1, tokens, heads, depth});
    part[i] = d.add(OperatorKind::kTranspose, {split}, {}, {1, heads, tokens, depth}, {0, 2, 1, 3});
  }
  const TensorId keys = d.add(OperatorKind::kTranspose, {part[1]}, {}, {1, heads, depth, tokens}, {0, 1, 3, 2});
  TensorId y = d.add(OperatorKind::kMatMul, {part[0], keys}, {}, {1, heads, tokens, tokens});
  y = d.add(OperatorKind::kSoftmax, {y}, {}, {1, heads, tokens, tokens}, {3});
  y = d.add(OperatorKind::kMatMul, {y, part[2]}, {}, {1, heads, tokens, depth});
  y = d.add(OperatorKind::kTranspose, {y}, {}, {1, tokens, heads, depth}, {0, 2, 1, 3});
  y = d.add(OperatorKind::kReshape, {y}, {}, {1, tokens, width});
  return d.finish(d.fully_connected(y, {1, tokens, width}));
}

TEST(Layout, attention_moves_its_keys_alone) {
  const std::vector<Subgraph> subgraphs = partition(attention(20, 4, 32), engine_with());
  EXPECT_EQ(families(subgraphs), (std::vector<SubgraphFamily>{kFully, kMove, kMat, kNorm, kMat, kFully}));
  EXPECT_EQ(subgraphs[1].shape.input_bytes().count(), 4 * 20 * 32);
  EXPECT_EQ(subgraphs[2].shape.macs(), 4 * 20 * 20 * 32);
  EXPECT_EQ(subgraphs[3].shape.in_channels, 20) << "softmax over the keys";
  // Heads narrower than a surface share one: taking them apart and together moves bytes.
  EXPECT_EQ(families(partition(attention(20, 4, 8), engine_with())),
            (std::vector<SubgraphFamily>{kFully, kMove, kMove, kMove, kMove, kMat, kNorm, kMat, kMove, kFully}));
}

// A shift by three columns: what is cut off on the left comes back on the right.
TEST(Layout, a_shift_is_one_copy) {
  const auto subgraphs_of = [](std::int64_t axis) {
    Draft d;
    const TensorId x = d.pointwise(d.input({1, 3, 8, 8}), 32);
    TensorId part[2];
    for (const std::int64_t i : {0, 1}) {
      Operator slice = d.start(OperatorKind::kSlice, {x}, {}, {axis});
      slice.offsets = {i == 0 ? 3 : 0};
      Shape out{1, 32, 8, 8};
      out[static_cast<std::size_t>(axis)] = i == 0 ? 5 : 3;
      part[i] = d.add(slice, {out});
    }
    const TensorId y = d.add(OperatorKind::kConcat, {part[0], part[1]}, {}, {1, 32, 8, 8}, {axis});
    return partition(d.finish(d.pointwise(y, 8)), engine_with());
  };
  for (const std::int64_t axis : {2, 3}) {
    const std::vector<Subgraph> subgraphs = subgraphs_of(axis);
    EXPECT_EQ(families(subgraphs), (std::vector<SubgraphFamily>{kConv, kMove, kConv}));
    EXPECT_EQ(subgraphs[1].shape.input_bytes().count(), 32 * 64);
    EXPECT_EQ(subgraphs[0].operators.size(), 3u) << "both slices are named";
  }
}

TEST(Layout, a_large_constant_operand_streams_and_a_small_one_does_not) {
  const auto graph = [](const Shape& constant) {
    Draft d;
    const TensorId x = d.add(OperatorKind::kSoftmax, {d.input({1, 10, 32})}, {}, {1, 10, 32}, {2});
    Operator add = d.start(OperatorKind::kElementwise, {x}, {d.weight(constant)});
    return d.finish(d.add(add, {{1, 10, 32}}));
  };
  const std::vector<Subgraph> embedding = partition(graph({1, 10, 32}), engine_with());
  ASSERT_EQ(embedding.size(), 2u);
  EXPECT_EQ(embedding[1].shape.operand, FusedOperand::kTensor);
  EXPECT_EQ(embedding[1].shape.operand_bytes().count(), 320);
  EXPECT_FALSE(embedding[1].context.operand_on_chip);
  EXPECT_EQ(partition(graph({32}), engine_with()).size(), 1u) << "the last sweep of the normalization adds it";
}

// Taps: every output pixel meets those of its phase, so that all phases together have the kernel's.
TEST(TransposedConvolution, phases_multiply_no_zeros) {
  const auto subgraphs_of = [](std::int64_t kernel, std::int64_t stride, std::int64_t out_size) {
    Draft d;
    const TensorId x = d.input({1, 32, 8, 8});
    Operator op = d.start(OperatorKind::kConvolution, {x}, {d.weight({32, 24, kernel, kernel}), d.weight({24})});
    op.transposed = true;
    for (int axis = 0; axis < 2; ++axis) {
      op.window.kernel[axis] = kernel;
      op.window.stride[axis] = stride;
      op.window.pad_begin[axis] = (kernel - 1) / 2;
      op.window.pad_end[axis] = 7 * stride + kernel - out_size - (kernel - 1) / 2;
    }
    const TensorId up = d.add(op, {{1, 24, out_size, out_size}});
    Operator relu = d.start(OperatorKind::kActivation, {up});
    relu.activation = network::ActivationFunction::kRelu;
    const Graph graph = d.finish(d.add(relu, {{1, 24, out_size, out_size}}));
    const std::vector<Subgraph> subgraphs = partition(graph, engine_with());
    std::int64_t macs = 0, outputs = 0, parameters = 0;
    for (const Subgraph& subgraph : subgraphs) {
      macs += subgraph.shape.macs();
      outputs += subgraph.shape.output_bytes().count();
      parameters += subgraph.parameters;
      EXPECT_EQ(subgraph.output, subgraphs[0].output);
      EXPECT_EQ(subgraph.shape.activation, network::ActivationFunction::kRelu);
    }
    EXPECT_EQ(macs, 64 * kernel * kernel * 32 * 24);
    EXPECT_EQ(macs, network::macs(graph));
    EXPECT_EQ(outputs, out_size * out_size * 24);
    EXPECT_EQ(parameters, network::parameters(graph));
    return subgraphs;
  };
  const std::vector<Subgraph> even = subgraphs_of(4, 2, 16);  // each of four phases has 2 x 2 taps: one subgraph
  ASSERT_EQ(even.size(), 1u);
  EXPECT_EQ(even[0].shape.out_channels, 4 * 24);
  EXPECT_EQ(even[0].shape.window.kernel[0], 2);
  const std::vector<Subgraph> odd = subgraphs_of(3, 2, 16);  // 2 x 2, 2 x 1, 1 x 2 and 1 x 1 taps
  ASSERT_EQ(odd.size(), 4u);
  EXPECT_EQ(odd[1].shape.window.kernel[0], 2);
  EXPECT_EQ(odd[1].shape.window.kernel[1], 1);
  EXPECT_EQ(subgraphs_of(2, 2, 16).size(), 1u);
  EXPECT_EQ(subgraphs_of(5, 3, 24).size(), 4u);  // two phases of 2 taps and one of 1 an axis
}

// Against counting, for every output pixel of one axis, the taps that meet an input pixel there.
TEST(TransposedConvolution, phases_without_taps_are_only_written) {
  constexpr std::int64_t kIn = 8, kChannels = 16;
  for (const std::int64_t kernel : {1, 2, 3, 4, 5}) {
    for (const std::int64_t stride : {1, 2, 3, 4, 6}) {
      for (const std::int64_t dilation : {1, 2, 3}) {
        SCOPED_TRACE(std::to_string(kernel) + " / " + std::to_string(stride) + " / " + std::to_string(dilation));
        const std::int64_t out_size = (kIn - 1) * stride + (kernel - 1) * dilation + 1;
        Draft d;
        const TensorId x = d.input({1, kChannels, 1, kIn});
        Operator op = d.start(OperatorKind::kConvolution, {x}, {d.weight({kChannels, kChannels, 1, kernel})});
        op.transposed = true;
        op.window.kernel[1] = kernel;
        op.window.stride[1] = stride;
        op.window.dilation[1] = dilation;
        const Graph graph = d.finish(d.add(op, {{1, kChannels, 1, out_size}}));
        std::vector<bool> reached(static_cast<std::size_t>(stride), false);
        for (std::int64_t tap = 0; tap < kernel; ++tap) {
          reached[static_cast<std::size_t>(tap * dilation % stride)] = true;
        }
        const bool all = std::count(reached.begin(), reached.end(), true) == stride;
        std::int64_t macs = 0, outputs = 0, bare = 0;
        for (const Subgraph& subgraph : partition(graph, engine_with())) {
          macs += subgraph.shape.macs();
          outputs += subgraph.shape.output_bytes().count();
          bare += !subgraph.shape.uses_array();
        }
        EXPECT_EQ(macs, kIn * kernel * kChannels * kChannels);
        EXPECT_EQ(macs, network::macs(graph));
        EXPECT_EQ(outputs, kIn * stride * kChannels);
        EXPECT_EQ(bare, all ? 0 : 1);
      }
    }
  }
}

TEST(Host, works_from_dram_to_dram_at_its_own_pace) {
  Draft d;
  const TensorId x = d.pointwise(d.input({1, 16, 5, 8}), 16);
  Operator top = d.start(OperatorKind::kHost, {x});
  top.source_type = "TopK";
  const TensorId values = d.add(top, {{1, 16, 5, 3}, {1, 16, 5, 3}});
  const Graph graph = d.finish(d.pointwise(values, 16));
  const engine::EngineConfig engine =
      engine_with({{"host.cycles_per_element", "10"}, {"host.cycles_per_pass", "1000"}});
  const std::vector<Subgraph> subgraphs = partition(graph, engine);
  ASSERT_EQ(subgraphs.size(), 3u);
  const Subgraph& host = subgraphs[1];
  EXPECT_EQ(host.shape.family, SubgraphFamily::kHost);
  EXPECT_EQ(host.shape.input_bytes().count(), 640);
  EXPECT_EQ(host.shape.output_bytes().count(), 2 * 240);
  EXPECT_FALSE(subgraphs[0].context.output_on_chip);
  EXPECT_FALSE(host.context.input_on_chip || host.context.output_on_chip || subgraphs[2].context.input_on_chip);
  // 640 elements of 10 cycles and one call, however the subgraph is cut.
  const TilePlan plan = plan_tiles(host, engine);
  double cycles = 0;
  std::int64_t loaded = 0, stored = 0;
  for (const TileStep& step : plan.steps) {
    cycles += post_cycles(host.shape, engine, step.post_elements);
    loaded += step.input_load.bytes;
    stored += step.store.bytes;
  }
  EXPECT_DOUBLE_EQ(cycles, 640 * 10 + 1000);
  EXPECT_EQ(loaded, 640);
  EXPECT_EQ(stored, 480);
}

TEST(Precisions, sizes_and_rates_follow_each_tensor) {
  const auto subgraph_of = [](Precision in, Precision weights, Precision out) {
    Subgraph s;
    s.shape.in_channels = s.shape.out_channels = 64;
    s.shape.in_height = s.shape.in_width = s.shape.out_height = s.shape.out_width = 8;
    s.shape.input_precision = in;
    s.shape.weight_precision = weights;
    s.shape.output_precision = out;
    return s;
  };
  const engine::EngineConfig engine = engine::load_engine("hwconfigs/ne-1024.yaml").config;
  const Subgraph narrow = subgraph_of(Precision::kInt8, Precision::kInt4, Precision::kInt16);
  const TilePlan plan = plan_tiles(narrow, engine);
  std::int64_t in = 0, weights = 0, out = 0;
  for (const TileStep& step : plan.steps) {
    in += step.input_load.bytes;
    weights += step.weight_load.bytes;
    out += step.store.bytes;
  }
  EXPECT_EQ(in, 64 * 64);
  EXPECT_EQ(weights, 64 * 64 / 2);
  EXPECT_EQ(out, 64 * 64 * 2);
  // The array runs at the rate of the wider operand: int4 pays where both are.
  EXPECT_EQ(array_work(narrow.shape, engine).cycles_per_block, 1.0);
  const Subgraph both = subgraph_of(Precision::kInt4, Precision::kInt4, Precision::kInt8);
  EXPECT_EQ(array_work(both.shape, engine).cycles_per_block,
            1.0 / engine.array.precision_rate[static_cast<std::size_t>(Precision::kInt4)]);
  const Subgraph wide = subgraph_of(Precision::kInt16, Precision::kInt8, Precision::kInt8);
  EXPECT_EQ(array_work(wide.shape, engine).cycles_per_block,
            1.0 / engine.array.precision_rate[static_cast<std::size_t>(Precision::kInt16)]);
}

}  // namespace
}  // namespace lanewise::mapping
