// SPDX-License-Identifier: Apache-2.0
// Each operator's attributes, in the forms that the operator sets 9 to 17 give them.
#include <gtest/gtest.h>

#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

using Shape = std::vector<std::int64_t>;

Window window(std::int64_t kernel, std::int64_t stride, std::int64_t pad_begin, std::int64_t pad_end) {
  Window result;
  for (const int d : {0, 1}) {
    result.kernel[d] = kernel;
    result.stride[d] = stride;
    result.pad_begin[d] = pad_begin;
    result.pad_end[d] = pad_end;
  }
  return result;
}

Graph convolve(const std::string& type, const std::string& attributes, const Shape& weight,
               const Shape& in = {1, 4, 9, 9}) {
  std::string dimensions;
  for (const std::int64_t dimension : in) dimensions += (dimensions.empty() ? "" : ",") + std::to_string(dimension);
  OnnxFile file("(float[" + dimensions + "] x) => (float y) { y = " + type + " <" + attributes + "> (x, w) }");
  file.model().mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  return file.weight("w", weight).import();
}

// What every reader of a window relies on, in each dimension.
void expect_window_yields_output(const Graph& graph, const Operator& op) {
  const Shape& in = graph.tensor(op.inputs[0]).shape;
  const Shape& out = graph.tensor(op.outputs[0]).shape;
  for (const std::size_t d : {0U, 1U}) {
    const Window& w = op.window;
    const std::int64_t span = (w.kernel[d] - 1) * w.dilation[d] + 1;
    const std::int64_t pads = w.pad_begin[d] + w.pad_end[d];
    if (op.transposed) {
      EXPECT_EQ(out[d + 2], (in[d + 2] - 1) * w.stride[d] + span - pads) << op.name;
    } else {
      EXPECT_EQ(out[d + 2], (in[d + 2] + pads - span) / w.stride[d] + 1) << op.name;
    }
  }
}

TEST(Convolution, strides_pads_dilations_and_groups_are_read) {
  const Graph graph = convolve("Conv", "strides = [2,1], pads = [1,0,2,3], dilations = [1,2], group = 2", {6, 2, 3, 3});
  const Operator& op = graph.op(0);
  EXPECT_EQ(op.groups, 2);
  EXPECT_EQ(op.window.stride[0], 2);
  EXPECT_EQ(op.window.dilation[1], 2);
  EXPECT_EQ(op.window.pad_begin[0], 1);
  EXPECT_EQ(op.window.pad_begin[1], 0);
  EXPECT_EQ(op.window.pad_end[0], 2);
  EXPECT_EQ(op.window.pad_end[1], 3);
  EXPECT_EQ(output_shape(graph), (Shape{1, 6, 5, 8}));
  EXPECT_EQ(macs(graph), 6 * 5 * 8 * 2 * 9);
  expect_window_yields_output(graph, op);
}

TEST(Convolution, automatic_pads_become_numbers) {
  // (5 - 1) * 2 + 4 - 9 = 3 rows and columns of padding.
  const Shape weight{4, 4, 4, 4};
  EXPECT_EQ(convolve("Conv", "auto_pad = \"SAME_UPPER\", strides = [2,2]", weight).op(0).window, window(4, 2, 1, 2));
  EXPECT_EQ(convolve("Conv", "auto_pad = \"SAME_LOWER\", strides = [2,2]", weight).op(0).window, window(4, 2, 2, 1));
  EXPECT_EQ(convolve("Conv", "auto_pad = \"VALID\", strides = [2,2]", weight).op(0).window, window(4, 2, 0, 0));
  EXPECT_EQ(output_shape(convolve("Conv", "auto_pad = \"SAME_UPPER\", strides = [2,2]", weight)), (Shape{1, 4, 5, 5}));
}

TEST(Convolution, a_transposed_convolution_may_have_output_padding_and_groups) {
  const Graph plain = convolve("ConvTranspose", "strides = [2,2], pads = [1,1,1,1]", {4, 3, 4, 4});
  EXPECT_TRUE(plain.op(0).transposed);
  EXPECT_EQ(output_shape(plain), (Shape{1, 3, 18, 18}));
  EXPECT_EQ(macs(plain), 9 * 9 * 4 * 3 * 16);
  expect_window_yields_output(plain, plain.op(0));
  const Graph odd =
      convolve("ConvTranspose", "strides = [2,2], pads = [1,1,1,1], output_padding = [1,1]", {4, 3, 3, 3});
  EXPECT_EQ(output_shape(odd), (Shape{1, 3, 18, 18}));
  EXPECT_EQ(odd.op(0).window.pad_begin[0], 1);
  EXPECT_EQ(odd.op(0).window.pad_end[0], 0);
  expect_window_yields_output(odd, odd.op(0));
  const Graph grouped =
      convolve("ConvTranspose", "group = 4, strides = [2,2], auto_pad = \"SAME_UPPER\"", {4, 1, 3, 3});
  EXPECT_EQ(output_shape(grouped), (Shape{1, 4, 18, 18}));
  expect_window_yields_output(grouped, grouped.op(0));
}

// One axis is a map of height 1, and stays one from operator to operator.
TEST(Convolution, one_spatial_axis_is_a_map_of_height_one) {
  OnnxFile file(R"((float[1,4,50] x) => (float[1,8] y) {
    a = Conv <strides = [2], pads = [1,1]> (x, w)
    b = BatchNormalization(a, scale, shift, mean, variance)
    c = Relu(b)
    d = Conv <pads = [1,1]> (c, v)
    e = Add(c, d)
    f = MaxPool <kernel_shape = [2], strides = [2]> (e)
    g = GlobalAveragePool(f)
    y = Flatten(g)
  })");
  file.weight("w", {8, 4, 3}).weight("v", {8, 8, 3}).weight("scale", {8}).weight("shift", {8});
  const Graph graph = file.weight("mean", {8}).weight("variance", {8}).import();
  EXPECT_EQ(kinds(graph),
            "reshape convolution batch_normalization relu convolution add max_pool global_average_pool reshape");
  const Operator& conv = graph.op(1);
  EXPECT_EQ(graph.tensor(conv.inputs[0]).shape, (Shape{1, 4, 1, 50}));
  EXPECT_EQ(graph.tensor(conv.weights[0]).shape, (Shape{8, 4, 1, 3}));
  EXPECT_EQ(conv.window.kernel[0], 1);
  EXPECT_EQ(conv.window.kernel[1], 3);
  EXPECT_EQ(conv.window.stride[1], 2);
  EXPECT_EQ(macs(graph), 8 * 25 * 4 * 3 + 8 * 25 * 8 * 3);
  EXPECT_EQ(output_shape(graph), (Shape{1, 8}));
}

TEST(Convolution, a_reshape_joins_a_map_with_a_reader_of_three_dimensions) {
  OnnxFile file(R"((float[1,4,50] x) => (float[1,50,8] y) {
    a = Conv <pads = [1,1]> (x, w)
    c = Mul(a, k)
    y = Transpose <perm = [0,2,1]> (c)
  })");
  const Graph graph = file.weight("w", {8, 4, 3}).weight("k", {8, 1}).import();
  EXPECT_EQ(kinds(graph), "reshape convolution multiply reshape transpose");
  EXPECT_EQ(graph.tensor(graph.op(2).weights[0]).shape, (Shape{8, 1, 1}));
  EXPECT_EQ(output_shape(graph), (Shape{1, 50, 8}));
}

TEST(Pooling, windows_and_ceil_mode_are_read) {
  const auto pool = [](const std::string& type, const std::string& attributes) {
    return OnnxFile("(float[1,4,8,8] x) => (float[1,4,h,w] y) { y = " + type + " <" + attributes + "> (x) }").import();
  };
  const Graph max = pool("MaxPool", "kernel_shape = [3,3], strides = [2,2], pads = [1,1,1,1]");
  EXPECT_EQ(max.op(0).kind, OperatorKind::kMaxPool);
  EXPECT_EQ(max.op(0).window, window(3, 2, 1, 1));
  EXPECT_EQ(output_shape(max), (Shape{1, 4, 4, 4}));
  const Graph up = pool("AveragePool", "kernel_shape = [3,3], strides = [2,2], ceil_mode = 1");
  EXPECT_EQ(up.op(0).kind, OperatorKind::kAveragePool);
  EXPECT_EQ(output_shape(up), (Shape{1, 4, 4, 4}));
  EXPECT_EQ(up.op(0).window, window(3, 2, 0, 1));
  expect_window_yields_output(up, up.op(0));
}

TEST(Pooling, reductions_over_the_map_are_global_pools) {
  const auto reduce = [](const std::string& node, int opset = 13) {
    return OnnxFile("(float[2,4,8,8] x) => (float y) { axes = Constant <value = int64[1] {-1}> () y = " + node + " }",
                    opset);
  };
  const auto import = [&](const std::string& node, int opset = 13) {
    OnnxFile file = reduce(node, opset);
    file.model().mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
    return file.import();
  };
  EXPECT_EQ(kinds(import("ReduceMean <axes = [2,3]> (x)")), "global_average_pool");
  EXPECT_EQ(kinds(import("ReduceMean <axes = [-1,-2], keepdims = 0> (x)")), "global_average_pool reshape");
  EXPECT_EQ(kinds(import("ReduceMax <axes = [2,3]> (x)")), "global_max_pool");
  EXPECT_EQ(kinds(import("GlobalMaxPool(x)")), "global_max_pool");
  const Graph sum = import("ReduceSum(x, axes)");
  EXPECT_EQ(sum.op(0).kind, OperatorKind::kReduce);
  EXPECT_EQ(sum.op(0).axes, Shape{3});
  EXPECT_EQ(output_shape(sum), (Shape{2, 4, 8, 1}));
  EXPECT_EQ(import("ReduceSum <axes = [1], keepdims = 0> (x)", 11).op(0).axes, Shape{1});
  EXPECT_EQ(import("ReduceL2(x)").op(0).axes, (Shape{0, 1, 2, 3}));
  EXPECT_EQ(import("ArgMax <axis = 1, keepdims = 0> (x)").op(0).axes, Shape{1});
}

TEST(FullyConnected, weights_stand_as_outputs_by_inputs) {
  const auto layer = [](const std::string& node, const Shape& weight) {
    OnnxFile file("(float[2,8] x) => (float[2,16] y) { y = " + node + " }");
    return file.weight("w", weight).weight("b", {16}).import();
  };
  for (const Graph& graph : {layer("Gemm(x, w, b)", {8, 16}), layer("Gemm <transB = 1> (x, w, b)", {16, 8}),
                             layer("MatMul(x, w)", {8, 16})}) {
    EXPECT_EQ(kinds(graph), "fully_connected");
    EXPECT_EQ(graph.tensor(graph.op(0).weights[0]).shape, (Shape{16, 8}));
    EXPECT_EQ(macs(graph), 2 * 8 * 16);
  }
}

TEST(FullyConnected, gemm_is_fully_connected_in_its_other_forms_too) {
  OnnxFile turned("(float[8,2] x) => (float[2,16] y) { y = Gemm <transA = 1> (x, w) }");
  EXPECT_EQ(kinds(turned.weight("w", {8, 16}).import()), "transpose fully_connected");
  OnnxFile added("(float[2,8] x, float[2,16] c) => (float[2,16] y) { r = Relu(c) y = Gemm(x, w, r) }");
  EXPECT_EQ(kinds(added.weight("w", {8, 16}).import()), "relu fully_connected add");
  OnnxFile both("(float[2,8] x, float[16,8] z) => (float[2,16] y) { r = Relu(z) y = Gemm <transB = 1> (x, r) }");
  const Graph product = both.import();
  EXPECT_EQ(kinds(product), "relu transpose matmul");
  EXPECT_EQ(macs(product), 2 * 8 * 16);
}

TEST(FullyConnected, attention_multiplies_activations) {
  OnnxFile file(R"((float[1,10,32] x) => (float[1,10,32] y) {
    q = MatMul(x, wq)
    k = MatMul(x, wk)
    kt = Transpose <perm = [0,2,1]> (k)
    s = MatMul(q, kt)
    p = Softmax <axis = -1> (s)
    y = MatMul(p, x)
  })");
  const Graph graph = file.weight("wq", {32, 32}).weight("wk", {32, 32}).import();
  EXPECT_EQ(kinds(graph), "fully_connected fully_connected transpose matmul softmax matmul");
  EXPECT_EQ(macs(graph), 2 * 10 * 32 * 32 + 2 * 10 * 10 * 32);
}

TEST(Elementwise, constants_are_weights) {
  OnnxFile file(
      "(float[1,4,8,8] x, float[1,1,8,8] z) => (float[1,4,8,8] y) { a = Mul(x, k) b = Sub(one, a) y = Div(b, z) }");
  const Graph graph = file.weight("k", {4, 1, 1}).scalar("one", 1).import();
  EXPECT_EQ(kinds(graph), "multiply subtract divide");
  EXPECT_EQ(graph.op(0).inputs.size(), 1U);
  EXPECT_EQ(graph.op(0).weights.size(), 1U);
  EXPECT_EQ(graph.op(2).inputs.size(), 2U);
  EXPECT_EQ(parameters(graph), 4) << "a single number is no weight";
}

TEST(Elementwise, every_function_is_read) {
  OnnxFile file(R"((float[4] x, float[4] z) => (float[4] y) {
    a = Max(x, z, x)
    b = Min(a, z)
    c = Sum(b, z)
    d = Pow(c, z)
    e = Greater(d, z)
    f = Where(e, d, z)
    g = Pow(f, half)
    y = Pow(g, two)
  })");
  EXPECT_EQ(kinds(file.scalar("half", 0.5).scalar("two", 2).import()),
            "maximum minimum add power compare select sqrt power");
}

TEST(Activation, clips_are_read_in_both_forms) {
  const auto clip = [](const std::string& node, int opset) {
    OnnxFile file("(float[4] x) => (float[4] y) { y = " + node + " }", opset);
    return kinds(file.scalar("zero", 0).scalar("six", 6).scalar("one", 1).import());
  };
  EXPECT_EQ(clip("Clip <min = 0.0, max = 6.0> (x)", 9), "relu6");
  EXPECT_EQ(clip("Clip <min = 0.0> (x)", 10), "relu");
  EXPECT_EQ(clip("Clip(x, zero, six)", 11), "relu6");
  EXPECT_EQ(clip("Clip(x, zero)", 17), "relu");
  EXPECT_EQ(clip("Clip(x, zero, one)", 13), "clip");
}

TEST(Activation, every_function_is_read) {
  OnnxFile file(R"((float[1,4,2,2] x) => (float[1,4,2,2] y) {
    a = Relu(x) b = LeakyRelu(a) c = PRelu(b, slope) d = Elu(c) e = Sigmoid(d) f = HardSigmoid(e) g = Tanh(f)
    h = Softplus(g) i = Exp(h) j = Log(i) k = Sqrt(j) l = Reciprocal(k) m = Neg(l) n = Abs(m) o = Floor(n) y = Erf(o)
  })");
  const Graph graph = file.weight("slope", {4, 1, 1}).import();
  EXPECT_EQ(
      kinds(graph),
      "relu leaky_relu prelu elu sigmoid hard_sigmoid tanh softplus exp log sqrt reciprocal negate abs floor erf");
  EXPECT_EQ(parameters(graph), 4);
}

TEST(Normalization, layer_and_instance_normalization_and_softmax_name_their_axes) {
  OnnxFile layer("(float[1,10,32] x) => (float[1,10,32] y) { y = LayerNormalization <axis = -1> (x, g, b) }", 17);
  const Graph normalised = layer.weight("g", {32}).weight("b", {32}).import();
  EXPECT_EQ(kinds(normalised), "layer_normalization");
  EXPECT_EQ(normalised.op(0).axes, Shape{2});
  OnnxFile instance("(float[1,8,6,6] x) => (float[1,8,6,6] y) { y = InstanceNormalization(x, g, b) }");
  EXPECT_EQ(instance.weight("g", {8}).weight("b", {8}).import().op(0).axes, (Shape{2, 3}));
  const auto softmax = [](const std::string& attributes, int opset) {
    return OnnxFile("(float[2,3,4] x) => (float[2,3,4] y) { y = Softmax <" + attributes + "> (x) }", opset).import();
  };
  EXPECT_EQ(softmax("axis = 1", 13).op(0).axes, Shape{1});
  EXPECT_EQ(softmax("axis = -1", 11).op(0).axes, Shape{2});
  // Older sets flattened from the axis on.
  EXPECT_EQ(kinds(softmax("axis = 1", 11)), "reshape softmax reshape");
}

TEST(Layout, slice_split_concat_and_gather_name_their_axes) {
  const Graph slices =
      OnnxFile("(float[1,8,6] x) => (float[1,3,6] y) { y = Slice <starts = [2], ends = [5], axes = [1]> (x) }", 9)
          .import();
  EXPECT_EQ(slices.op(0).axes, Shape{1});
  EXPECT_EQ(slices.op(0).offsets, Shape{2});
  const Graph parts = OnnxFile(R"((float[1,8,6] x) => (float[1,8,6] y) {
    sizes = Constant <value = int64[2] {3, 5}> ()
    a, b = Split <axis = 1> (x, sizes)
    y = Concat <axis = -2> (b, a)
  })")
                          .import();
  EXPECT_EQ(kinds(parts), "split concat");
  EXPECT_EQ(parts.op(0).axes, Shape{1});
  EXPECT_EQ(parts.tensor(parts.op(0).outputs[1]).shape, (Shape{1, 5, 6}));
  EXPECT_EQ(parts.op(1).axes, Shape{1});
  EXPECT_EQ(
      kinds(OnnxFile(
                "(float[1,8,6] x) => (float[1,8,6] y) { a, b = Split <axis = 1> (x) y = Concat <axis = 1> (b, a) }", 11)
                .import()),
      "split concat");
  // One token of a sequence is a slice whose axis goes.
  const Graph token =
      OnnxFile(
          "(float[1,8,6] x) => (float[1,6] y) { i = Constant <value = int64 {0}> () y = Gather <axis = 1> (x, i) }")
          .import();
  EXPECT_EQ(kinds(token), "slice reshape");
  EXPECT_EQ(kinds(OnnxFile("(float[1,4] x) => (float[1,4] y) { i = Constant <value = int64[4] {3,2,1,0}> () y = Gather "
                           "<axis = 1> (x, i) }")
                      .import()),
            "gather");
  OnnxFile embedding("(int64[1,7] ids) => (float[1,7,16] y) { y = Gather(table, ids) }");
  const Graph words = embedding.weight("table", {100, 16}).import();
  EXPECT_EQ(kinds(words), "gather");
  EXPECT_EQ(parameters(words), 1600);
  EXPECT_EQ(words.tensor(words.op(0).inputs[0]).name, "ids");
}

TEST(Layout, a_transposition_of_axes_of_length_one_is_a_reshape) {
  const auto turn = [](const std::string& perm) {
    return kinds(
        OnnxFile("(float[1,1,6,8] x) => (float[a,b,c,d] y) { y = Transpose <perm = " + perm + "> (x) }").import());
  };
  EXPECT_EQ(turn("[0,2,3,1]"), "reshape");
  EXPECT_EQ(turn("[0,1,3,2]"), "transpose");
  EXPECT_EQ(
      kinds(OnnxFile("(float[1,4,6,8] x) => (float[1,4,6,8] y) { t = Transpose <perm = [0,1,2,3]> (x) y = Relu(t) }")
                .import()),
      "relu");
}

TEST(Layout, pad_resize_upsample_expand_and_tile_are_read) {
  const Graph pad =
      OnnxFile("(float[1,2,4,4] x) => (float[1,2,6,5] y) { y = Pad <pads = [0,0,2,0,0,0,0,1]> (x) }", 9).import();
  EXPECT_EQ(kinds(pad), "pad");
  EXPECT_EQ(pad.op(0).offsets, (Shape{0, 0, 2, 0}));
  EXPECT_EQ(output_shape(pad), (Shape{1, 2, 6, 5}));
  const auto up = [](const std::string& node, int opset) {
    return output_shape(
        OnnxFile("(float[1,2,4,4] x) => (float[1,2,h,w] y) { s = Constant <value = float[4] {1, 1, 2, 2.5}> () y = " +
                     node + " }",
                 opset)
            .import());
  };
  EXPECT_EQ(up("Upsample(x, s)", 9), (Shape{1, 2, 8, 10}));
  EXPECT_EQ(up("Resize(x, s)", 10), (Shape{1, 2, 8, 10}));
  EXPECT_EQ(up("Resize(x, , s)", 13), (Shape{1, 2, 8, 10}));
  const Graph tile =
      OnnxFile("(float[1,2,4] x) => (float[1,6,4] y) { r = Constant <value = int64[3] {1,3,1}> () y = Tile(x, r) }")
          .import();
  EXPECT_EQ(output_shape(tile), (Shape{1, 6, 4}));
}

TEST(Layout, space_to_depth_and_back_are_reshapes_around_a_transposition) {
  const Graph graph = OnnxFile(
                          "(float[1,3,8,8] x) => (float[1,3,8,8] y) { a = SpaceToDepth <blocksize = 2> (x)"
                          " y = DepthToSpace <blocksize = 2> (a) }")
                          .import();
  EXPECT_EQ(kinds(graph), "reshape transpose reshape reshape transpose reshape");
  EXPECT_EQ(graph.tensor(graph.op(2).outputs[0]).shape, (Shape{1, 12, 4, 4}));
}

TEST(Layout, unsqueeze_and_squeeze_are_read_in_both_forms) {
  const char* old_form =
      "(float[4,6] x) => (float[4,6] y) { a = Unsqueeze <axes = [0,3]> (x) b = Relu(a) y = Squeeze <axes = [0,3]> (b) "
      "}";
  const char* new_form =
      "(float[4,6] x) => (float[4,6] y) { s = Constant <value = int64[2] {0,3}> () a = Unsqueeze(x, s) b = Relu(a) y = "
      "Squeeze(b, s) }";
  for (const Graph& graph : {OnnxFile(old_form, 11).import(), OnnxFile(new_form, 13).import()}) {
    EXPECT_EQ(kinds(graph), "reshape relu reshape");
    EXPECT_EQ(graph.tensor(graph.op(1).inputs[0]).shape, (Shape{1, 4, 6, 1}));
  }
}

TEST(Layout, second_outputs_that_are_read_come_from_the_host) {
  EXPECT_EQ(kinds(OnnxFile("(float[1,1,4,4] x) => (int64[1,1,2,2] y) { v, i = MaxPool <kernel_shape = [2,2], strides = "
                           "[2,2]> (x) y = Neg(i) }")
                      .import()),
            "max_pool host negate");
}

// What no engine does goes to the host, whatever it is, as long as its shapes are known.
TEST(HostOperator, takes_tensors_to_tensors) {
  const Graph top = OnnxFile(
                        "(float[1,100] x) => (float[1,5] y, int64[1,5] i) {"
                        " k = Constant <value = int64[1] {5}> () y, i = TopK(x, k) }")
                        .import();
  EXPECT_EQ(kinds(top), "host");
  EXPECT_EQ(top.op(0).source_type, "TopK");
  EXPECT_EQ(top.op(0).inputs.size(), 1U) << "how many is no tensor";
  EXPECT_EQ(top.op(0).outputs.size(), 2U);
  EXPECT_EQ(macs(top), 0);
  EXPECT_EQ(parameters(top), 0);
  const Graph sampled =
      OnnxFile("(float[1,3,8,8] x, float[1,4,4,2] g) => (float[1,3,4,4] y) { y = GridSample(x, g) }", 16).import();
  EXPECT_EQ(kinds(sampled), "host");
  EXPECT_EQ(output_shape(sampled), (Shape{1, 3, 4, 4}));
  const Graph sum = OnnxFile(
                        "(float[2,8] x) => (float[2,8] y) { a = Constant <value = int64 {1}> ()"
                        " s = CumSum(x, a) y = Relu(s) }")
                        .import();
  EXPECT_EQ(kinds(sum), "host relu");
  // One with a large constant beside its activation reads that too.
  OnnxFile scattered(
      "(float[100,3] x) => (float[100,3] y) { i = Constant <value = int64[1,1] {0}> () y = ScatterND(x, i, u) }");
  const Graph scatter = scattered.weight("u", {1, 3}).import();
  EXPECT_EQ(scatter.op(0).weights.size(), 1U);
  EXPECT_EQ(parameters(scatter), 3);
}

TEST(LocalResponseNormalization, is_one_of_the_engines_own) {
  const Graph graph = OnnxFile("(float[1,16,8,8] x) => (float[1,16,8,8] y) { y = LRN <size = 5> (x) }").import();
  EXPECT_EQ(kinds(graph), "local_response_normalization");
  EXPECT_EQ(graph.op(0).axes, Shape{1});
}

}  // namespace
}  // namespace lanewise::network::testing
