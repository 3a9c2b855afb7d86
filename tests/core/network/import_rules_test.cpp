// SPDX-License-Identifier: Apache-2.0
// Shapes of what operators put out, worked out by hand from the operator set's text, in the forms that it had over
// time.
#include <gtest/gtest.h>

#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

using Shape = std::vector<std::int64_t>;

// The shape of `y` where a graph of this text is read as of this operator set; the message where it is refused.
std::string shape_or_line(const std::string& inputs, const std::string& nodes, int opset) {
  const OnnxFile file("(" + inputs + ") => (float[a] y) { " + nodes + " }", opset);
  const std::string line = file.error();
  if (!line.empty()) return line;
  std::string text;
  for (const std::int64_t size : output_shape(file.import())) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text.empty() ? "scalar" : text;
}

struct Row {
  int opset;
  const char* inputs;
  const char* nodes;
  const char* shape;
};

void expect_shapes(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(shape_or_line(row.inputs, row.nodes, row.opset), row.shape) << row.opset << ": " << row.nodes;
  }
}

TEST(Rules, arguments_stand_in_attributes_or_inputs) {
  expect_shapes({
      {12, "float[2,3,4] x", "y = ReduceMax <axes = [1]> (x)", "2x1x4"},
      {18, "float[2,3,4] x", "i = Constant <value = int64[1] {-1}> () y = ReduceMax <keepdims = 0> (x, i)", "2x3"},
      {18, "float[2,3,4] x", "i = Constant <value = int64[0] {}> () y = ReduceMax (x, i)", "1x1x1"},
      {9, "float[2,3,4] x", "y = Slice <starts = [1, 0], ends = [2, 2], axes = [1, 2]> (x)", "2x1x2"},
      {13, "float[9] x",
       "b = Constant <value = int64[1] {-2}> () e = Constant <value = int64[1] {-9}> () a = Constant <value = "
       "int64[1] {0}> () s = Constant <value = int64[1] {-3}> () y = Slice (x, b, e, a, s)",
       "3"},  // 7, 4, 1
      {9, "float[2,3] x", "y = Pad <pads = [0, 1, 2, 3]> (x)", "4x7"},
      {18, "float[2,3,4] x",
       "p = Constant <value = int64[2] {1, 2}> () n = Constant <value = int64[1] {-2}> () y = Pad (x, p, , n)",
       "2x6x4"},
      {9, "float[6] x", "y, z = Split <split = [2, 4]> (x)", "2"},
      {18, "float[7] x", "y, z = Split <num_outputs = 2> (x)", "4"},
      {13, "float[7] x", "y, z = Split (x)", "node 'Split_0' (Split): 7 elements do not make 2 equal parts"},
      {9, "float[1,2,1] x", "y = Squeeze (x)", "2"},
      {9, "float[5] x", "y, z = TopK <k = 3> (x)", "3"},
      {9, "float[1,4,8,8] x", "y = Dropout <ratio = 0.5> (x)", "1x4x8x8"},
  });
}

TEST(Rules, zeros_of_a_reshape_copy_or_stay) {
  expect_shapes({
      {13, "float[2,3,4] x", "s = Constant <value = int64[2] {0, -1}> () y = Reshape (x, s)", "2x12"},
      {14, "float[2,3,4] x", "s = Constant <value = int64[2] {0, -1}> () y = Reshape <allowzero = 1> (x, s)",
       "node 'Reshape_1' (Reshape): [0, -1] does not hold the 24 elements of [2, 3, 4]"},
      {14, "float[2,3,4] x", "s = Constant <value = int64[2] {-1, -1}> () y = Reshape (x, s)",
       "node 'Reshape_1' (Reshape): leaves more than one dimension open"},
  });
}

TEST(Rules, windows_follow_their_pads) {
  expect_shapes({
      {11, "float[1,2,7,7] x", "y = MaxPool <kernel_shape = [3,3], strides = [2,2]> (x)", "1x2x3x3"},
      {11, "float[1,2,8,8] x", "y = MaxPool <kernel_shape = [3,3], strides = [2,2], ceil_mode = 1> (x)", "1x2x4x4"},
      // Rounded up, a third window would begin in the pad behind the input.
      {11, "float[1,1,2,2] x", "y = MaxPool <kernel_shape = [1,1], strides = [2,2], ceil_mode = 1> (x)", "1x1x1x1"},
      {11, "float[1,1,3,3] x",
       "y = AveragePool <kernel_shape = [2,2], strides = [3,3], pads = [0,0,2,2], ceil_mode = 1> (x)", "1x1x2x2"},
      {19, "float[1,1,8,8] x", "y = AveragePool <kernel_shape = [3,3], dilations = [2,2]> (x)", "1x1x4x4"},
      {11, "float[1,1,7,8] x", "y = MaxPool <kernel_shape = [3,3], strides = [2,2], auto_pad = \"SAME_UPPER\"> (x)",
       "1x1x4x4"},
      {11, "float[1,1,7,8] x", "y = MaxPool <kernel_shape = [3,3], strides = [2,2], auto_pad = \"VALID\"> (x)",
       "1x1x3x3"},
  });
}

TEST(Rules, transposed_convolutions_invert_their_windows) {
  const auto shape = [](const std::string& attributes) {
    return output_shape(
        OnnxFile("(float[1,4,5,5] x) => (float[1,a,b,c] y) { y = ConvTranspose <" + attributes + "> (x, w) }")
            .weight("w", {4, 3, 3, 3})
            .import());
  };
  EXPECT_EQ(shape("strides = [2,2]"), (Shape{1, 3, 11, 11}));
  EXPECT_EQ(shape("strides = [2,2], pads = [1,1,1,1], output_padding = [1,1]"), (Shape{1, 3, 10, 10}));
  EXPECT_EQ(shape("strides = [2,2], auto_pad = \"SAME_UPPER\""), (Shape{1, 3, 10, 10}));
  EXPECT_EQ(shape("strides = [2,2], output_shape = [12, 11]"), (Shape{1, 3, 12, 11}));
  EXPECT_EQ(shape("strides = [1,1], dilations = [2,2]"), (Shape{1, 3, 9, 9}));
}

TEST(Rules, sizes_come_from_scales_or_sizes) {
  expect_shapes({
      {8, "float[1,2,5,7] x", "y = Upsample <scales = [1.0, 1.0, 2.0, 1.5]> (x)", "1x2x10x10"},
      {9, "float[1,2,5,7] x", "s = Constant <value = float[4] {1.0, 1.0, 2.0, 1.5}> () y = Upsample (x, s)",
       "1x2x10x10"},
      {10, "float[1,2,5,7] x", "s = Constant <value = float[4] {1.0, 1.0, 0.5, 0.5}> () y = Resize (x, s)", "1x2x2x3"},
      {13, "float[1,2,5,7] x", "s = Constant <value = float[4] {1.0, 1.0, 2.0, 2.0}> () y = Resize (x, , s)",
       "1x2x10x14"},
      {18, "float[1,2,5,7] x", "s = Constant <value = int64[2] {10, 10}> () y = Resize <axes = [2, 3]> (x, , , s)",
       "1x2x10x10"},
      // 10/5 and 10/7: the smaller factor holds, 5 x 10/7 is 7.14.
      {18, "float[1,2,5,7] x",
       "s = Constant <value = int64[2] {10, 10}> () y = Resize <axes = [2, 3], keep_aspect_ratio_policy = "
       "\"not_larger\"> (x, , , s)",
       "1x2x7x10"},
      {18, "float[6,8] x", "s = Constant <value = int64[1] {5}> () y = CenterCropPad <axes = [1]> (x, s)", "6x5"},
  });
}

TEST(Rules, newer_operators_have_shapes) {
  expect_shapes({
      {14, "float[2,3] x", "y = HardSwish (x)", "2x3"},
      {18, "float[2,3] x", "y = Mish (x)", "2x3"},
      {20, "float[2,3] x", "y = Gelu (x)", "2x3"},
      {20, "float[1,2,5,6] x, float[1,3,4,2] g", "y = GridSample (x, g)", "1x2x3x4"},
      {20, "float[1,2,3] t, float[2] x", "s = Constant <value = int64[4] {1, 5, 6, 7}> () y = AffineGrid (t, s)",
       "1x6x7x2"},
      {18, "float[1,5,5] x",
       "i = Constant <value = int64[2] {5, 5}> () b = Constant <value = int64[2] {1, 5}> () y = Col2Im (x, i, b)",
       "1x1x5x5"},
      {17, "float[1,10,1] x", "y = DFT <onesided = 1> (x)", "1x6x2"},
      {20, "float[1,10,8,1] x",
       "n = Constant <value = int64 {16}> () a = Constant <value = int64 {1}> () y = DFT (x, n, a)", "1x16x8x2"},
      {17, "float[1,128,1] x",
       "s = Constant <value = int64 {8}> () n = Constant <value = int64 {16}> () y = STFT (x, s, , n)", "1x15x9x2"},
      {18, "float[4,4] x, float[4] b", "z = Greater (x, b) n = Not (z) y = BitwiseNot (n)", "4x4"},
      {23, "float[1,8,16,64] x, float[32,32] c, float[32,32] s", "y = RotaryEmbedding (x, c, s)", "1x8x16x64"},
      {13, "float[3,4] x", "y = Det (x)", "node 'Det_0' (Det): its matrices are not square"},
      {13, "float[2,3,3] x", "y = Det (x)", "2"},
  });
}

TEST(Rules, before_set_seven_an_operand_begins_at_an_axis) {
  expect_shapes({
      {6, "float[2,3,4,5] x, float[3,4] b", "y = Add <broadcast = 1, axis = 1> (x, b)", "2x3x4x5"},
      {6, "float[2,3,4,5] x, float[4,5] b", "y = Mul <broadcast = 1> (x, b)", "2x3x4x5"},
      {7, "float[2,3,4,5] x, float[3,4] b", "y = Add (x, b)",
       "node 'Add_0' (Add): [2, 3, 4, 5] and [3, 4] do not broadcast to one shape"},
  });
}

TEST(Rules, mistakes_are_named) {
  expect_shapes({
      {13, "float[2,3] x", "y = Transpose <perm = [0, 0]> (x)", "node 'Transpose_0' (Transpose): axis 0 stands twice"},
      {13, "float[2,3] x", "y = Softmax <axis = 2> (x)",
       "node 'Softmax_0' (Softmax): axis 2 is outside a tensor of 2 dimensions"},
      {13, "float[2,3] x", "y = Softmax <axis = [1]> (x)",
       "node 'Softmax_0' (Softmax): attribute 'axis' is a list of whole numbers, where a whole number is needed"},
      {13, "float[2,3] x", "y = Relu (x, x)", "node 'Relu_0' (Relu): has 2 inputs, where 1 are needed"},
      {13, "float[2,3] x, float[4,5] b", "y = MatMul (x, b)",
       "node 'MatMul_0' (MatMul): [2, 3] and [4, 5] are no matrices that can be multiplied"},
      {13, "float[1099511627776,8] x", "y = Identity (x)", "tensor 'x' has the impossible shape [1099511627776, 8]"},
      {13, "float[1,1,1048576,1048576] x", "r = Constant <value = int64[4] {1, 1, 2, 1}> () y = Tile (x, r)",
       "node 'Tile_1' (Tile): its output 0 would have the impossible shape [1, 1, 2097152, 1048576]"},
  });
}

TEST(Rules, vectors_of_a_product_leave_no_axis) {
  expect_shapes({
      {13, "float[64] x, float[64] b", "y = MatMul (x, b)", "scalar"},
      {13, "float[64] x, float[5,64,32] b", "y = MatMul (x, b)", "5x32"},
      {13, "float[2,3,64] x, float[64] b", "y = MatMul (x, b)", "2x3"},
      {13, "float[2,1,3,4] x, float[5,4,6] b", "y = MatMul (x, b)", "2x5x3x6"},
  });
}

// ---- Einsum

TEST(Einsum, is_the_matrix_product_that_it_writes) {
  const auto products = [](const std::string& equation, const std::string& inputs) {
    const Graph graph =
        OnnxFile("(" + inputs + ") => (float[a] y) { y = Einsum <equation = \"" + equation + "\"> (x, b) }").import();
    std::string text = std::to_string(macs(graph)) + ":";
    for (const std::int64_t size : output_shape(graph)) text += " " + std::to_string(size);
    return text;
  };
  EXPECT_EQ(products("ij,jk->ik", "float[2,4] x, float[4,3] b"), "24: 2 3");
  EXPECT_EQ(products("bij,bjk->bik", "float[5,2,4] x, float[5,4,3] b"), "120: 5 2 3");
  // Scores of attention: 2 x 8 heads, 16 x 10 positions, over 32.
  EXPECT_EQ(products("bqhd,bkhd->bhqk", "float[2,16,8,32] x, float[2,10,8,32] b"), "81920: 2 8 16 10");
  EXPECT_EQ(products("bhwc,hkc->bhwk", "float[1,7,7,8] x, float[7,7,8] b"), "2744: 1 7 7 7");
  EXPECT_EQ(products("ij,kj->ki", "float[2,4] x, float[3,4] b"), "24: 3 2");
  EXPECT_EQ(products("...ij,...jk->...ik", "float[5,2,4] x, float[1,4,3] b"), "120: 5 2 3");
  // j is summed before the product, i and k do not meet.
  EXPECT_EQ(products("ij,k->ik", "float[2,4] x, float[3] b"), "0: 2 3");
  EXPECT_EQ(products("i,i", "float[6] x, float[6] b"), "6:");
}

TEST(Einsum, with_a_constant_is_a_layer) {
  const Graph graph = OnnxFile("(float[2,16,8] x) => (float[a] y) { y = Einsum <equation = \"bsd,dhk->bshk\"> (x, w) }")
                          .weight("w", {8, 4, 6})
                          .import();
  EXPECT_EQ(kinds(graph), "reshape fully_connected reshape");
  EXPECT_EQ(macs(graph), 2 * 16 * 8 * 24);
  EXPECT_EQ(parameters(graph), 8 * 24);
  EXPECT_EQ(output_shape(graph), (Shape{2, 16, 4, 6}));
}

TEST(Einsum, one_operand_is_summed_and_turned) {
  const Graph graph = OnnxFile("(float[2,3,4] x) => (float[a] y) { y = Einsum <equation = \"ijk->ki\"> (x) }").import();
  EXPECT_EQ(kinds(graph), "reduce transpose");
  EXPECT_EQ(output_shape(graph), (Shape{4, 2}));
}

// ---- sequences

TEST(Sequence, lists_are_followed_by_name) {
  const Graph graph = OnnxFile(R"((float[2,3] a, float[4,3] b) => (float[n,3] y) {
    s = SequenceConstruct (a, b)
    t = SequenceInsert (s, a)
    zero = Constant <value = int64 {0}> ()
    u = SequenceErase (t, zero)
    y = ConcatFromSequence <axis = 0> (u)
  })")
                          .import();
  EXPECT_EQ(kinds(graph), "concat");
  EXPECT_EQ(output_shape(graph), (Shape{6, 3}));
  EXPECT_EQ(graph.op(0).source_type, "ConcatFromSequence");
}

TEST(Sequence, a_tensor_is_split_into_one) {
  const Graph graph = OnnxFile(R"((float[6,5] x) => (float[n,5] y) {
    two = Constant <value = int64 {4}> ()
    s = SplitToSequence <axis = 0> (x, two)
    last = Constant <value = int64 {-1}> ()
    y = SequenceAt (s, last)
  })")
                          .import();
  EXPECT_EQ(kinds(graph), "split");
  EXPECT_EQ(output_shape(graph), (Shape{2, 5}));
}

TEST(Sequence, a_length_is_a_number) {
  const Graph graph = OnnxFile(R"((float[6,5] x) => (float[n,m] y) {
    s = SplitToSequence <axis = 0, keepdims = 0> (x)
    n = SequenceLength (s)
    axis = Constant <value = int64[1] {0}> ()
    n1 = Unsqueeze (n, axis)
    rest = Constant <value = int64[1] {-1}> ()
    shape = Concat <axis = 0> (rest, n1)
    y = Reshape (x, shape)
  })")
                          .import();
  EXPECT_EQ(output_shape(graph), (Shape{5, 6}));
}

TEST(Sequence, what_is_not_known_is_named) {
  OnnxFile input("(float[2] x) => (float[2] y) { s = SequenceConstruct (x) y = SequenceAt (s, x) }");
  EXPECT_EQ(input.error(), "node 'SequenceAt' (SequenceAt): its position is not known before the network runs");
  OnnxFile outside(
      "(float[2] x) => (float[2] y) { s = SequenceConstruct (x) i = Constant <value = int64 {1}> () y = SequenceAt (s, "
      "i) }");
  EXPECT_EQ(outside.error(), "node 'SequenceAt' (SequenceAt): position 1 is outside a sequence of 1 tensors");
  OnnxFile tensor("(float[2] x) => (float[2] y) { s = SequenceConstruct (x) y = Relu (s) }");
  EXPECT_EQ(tensor.error(), "node 'Relu_0' reads 's', which is a sequence and no tensor");
}

// ---- three spatial axes

TEST(Depth, a_convolution_counts_every_tap_once) {
  const auto graph = [](const std::string& attributes) {
    return OnnxFile("(float[1,3,5,6,7] x) => (float[1,a,b,c,d] y) { y = Conv <" + attributes + "> (x, w) }")
        .weight("w", {4, 3, 3, 3, 3})
        .import();
  };
  const Graph plain = graph("strides = [1,1,1]");
  EXPECT_EQ(output_shape(plain), (Shape{1, 4, 3, 4, 5}));
  EXPECT_EQ(macs(plain), 4 * 3 * 4 * 5 * 3 * 27);
  EXPECT_EQ(parameters(plain), 4 * 3 * 27);
  const Graph padded = graph("strides = [2,2,2], pads = [1,1,1,1,1,1]");
  EXPECT_EQ(output_shape(padded), (Shape{1, 4, 3, 3, 4}));
  EXPECT_EQ(macs(padded), 4 * 3 * 3 * 4 * 3 * 27);
  const Graph same = graph("auto_pad = \"SAME_UPPER\"");
  EXPECT_EQ(output_shape(same), (Shape{1, 4, 5, 6, 7}));
  const Graph dilated = graph("dilations = [2,1,1]");
  EXPECT_EQ(output_shape(dilated), (Shape{1, 4, 1, 4, 5}));
}

TEST(Depth, poolings_are_two) {
  const Graph graph = OnnxFile(
                          "(float[1,3,6,8,8] x) => (float[a] y) { y = MaxPool <kernel_shape = [2,2,2], strides = "
                          "[2,2,2]> (x) }")
                          .import();
  EXPECT_EQ(kinds(graph), "reshape max_pool reshape max_pool reshape");
  EXPECT_EQ(output_shape(graph), (Shape{1, 3, 3, 4, 4}));
  EXPECT_EQ(output_shape(OnnxFile("(float[1,3,6,8,8] x) => (float[a] y) { y = GlobalAveragePool (x) }").import()),
            (Shape{1, 3, 1, 1, 1}));
}

// ---- what only running tells

TEST(Data, arguments_that_are_not_known_send_an_operator_to_the_host) {
  const Graph graph = OnnxFile("(float[2,3] x, int64[1] axes) => (float[2,1] y) { y = ReduceSum (x, axes) }").import();
  EXPECT_EQ(kinds(graph), "host");
  EXPECT_EQ(output_shape(graph), (Shape{2, 1}));
}

TEST(Data, shapes_that_depend_on_it_come_from_the_file) {
  EXPECT_EQ(kinds(OnnxFile("(float[2,4] x) => (int64[2,5] y) { y = NonZero(x) }").import()), "host");
  EXPECT_EQ(OnnxFile("(float[2,4] x) => (int64[2,n] y) { y = NonZero(x) }").error(),
            "node 'NonZero_0' (NonZero): the shape of its output 'y' cannot be derived");
}

// ---- files that broke the ONNX library's own inference, or that it does not know

std::string case_line(const std::string& name) {
  return OnnxFile::error_of(std::string(LANEWISE_SOURCE_DIR) + "/tests/core/network/cases/" + name + ".onnx");
}

TEST(Cases, odd_ranks_get_one_line) {
  EXPECT_EQ(case_line("crash_LayerNormalization_1"),
            "node 'LayerNormalization_0' (LayerNormalization): its input 0 has 0 dimensions; at least 1 are needed");
  EXPECT_EQ(case_line("crash_LayerNormalization_2"), case_line("crash_LayerNormalization_1"));
  EXPECT_EQ(case_line("crash_MaxRoiPool_1"),
            "node 'MaxRoiPool_0' (MaxRoiPool): its input 0 has 2 dimensions; 4 are needed");
  EXPECT_EQ(case_line("crash_MaxUnpool_1"),
            "node 'MaxUnpool_0' (MaxUnpool): its input 0 has 2 dimensions; at least 3 are needed");
  EXPECT_EQ(case_line("crash_STFT_1"), "node 'STFT_0' (STFT): its input 0 has 0 dimensions; 2 to 3 are needed");
  EXPECT_EQ(case_line("crash_STFT_2"), "node 'STFT_0' (STFT): has no input 1");
}

TEST(Cases, vectors_of_quantised_products_are_read) {
  for (const char* name :
       {"crash_MatMulInteger_1", "crash_MatMulInteger_2", "crash_QLinearMatMul_1", "crash_QLinearMatMul_2"}) {
    EXPECT_EQ(case_line(name), "") << name;
  }
}

TEST(Cases, older_and_newer_sets_are_read_alike) {
  const auto import_case = [](const std::string& name) {
    return import_network(std::string(LANEWISE_SOURCE_DIR) + "/tests/core/network/cases/" + name + ".onnx");
  };
  const Graph old = import_case("opset8");
  for (const char* name : {"opset18", "opset21"}) {
    const Graph graph = import_case(name);
    EXPECT_EQ(kinds(graph), kinds(old));
    EXPECT_EQ(macs(graph), macs(old));
    EXPECT_EQ(output_shape(graph), output_shape(old));
  }
  EXPECT_GT(macs(old), 0);
  EXPECT_EQ(kinds(import_case("lnold")), "layer_normalization");
  EXPECT_EQ(output_shape(import_case("lnold")), (Shape{1, 16, 64}));
}

}  // namespace
}  // namespace lanewise::network::testing
