// SPDX-License-Identifier: Apache-2.0
// Files, inputs, weights in every form, and what is refused.
#include "core/network/import.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

using Shape = std::vector<std::int64_t>;

constexpr const char* kConvolution = "(float[1,3,8,8] x) => (float[1,4,8,8] y) { y = Conv <pads = [1,1,1,1]> (x, w) }";

// ---- weights

void expect_one_convolution(const Graph& graph) {
  ASSERT_EQ(graph.operators().size(), 1U);
  const Operator& op = graph.op(0);
  EXPECT_EQ(op.kind, OperatorKind::kConvolution);
  EXPECT_EQ(op.source_type, "Conv");
  ASSERT_EQ(op.weights.size(), 1U);
  EXPECT_EQ(graph.tensor(op.weights[0]).shape, (Shape{4, 3, 3, 3}));
  EXPECT_EQ(graph.tensor(op.weights[0]).role, TensorRole::kWeight);
  ASSERT_EQ(graph.inputs().size(), 1U);
  EXPECT_EQ(graph.tensor(graph.inputs()[0]).name, "x");
  EXPECT_EQ(graph.tensor(graph.inputs()[0]).role, TensorRole::kGraphInput);
  EXPECT_EQ(parameters(graph), 108);
  EXPECT_EQ(macs(graph), 4 * 8 * 8 * 27);
}

TEST(ImportWeights, an_initializer_is_a_weight) {
  expect_one_convolution(OnnxFile(kConvolution).weight("w", {4, 3, 3, 3}).import());
}

TEST(ImportWeights, an_initializer_listed_among_the_inputs_is_a_weight) {
  OnnxFile file("(float[1,3,8,8] x, float[4,3,3,3] w) => (float[1,4,8,8] y) { y = Conv <pads = [1,1,1,1]> (x, w) }");
  expect_one_convolution(file.weight("w", {4, 3, 3, 3}).import());
}

TEST(ImportWeights, weights_may_lie_in_external_data) {
  OnnxFile file(kConvolution);
  file.weight("w", {4, 3, 3, 3});
  onnx::TensorProto& tensor = *file.model().mutable_graph()->mutable_initializer(0);
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  onnx::StringStringEntryProto& entry = *tensor.add_external_data();
  entry.set_key("location");
  entry.set_value("not_there.bin");
  expect_one_convolution(file.import());
}

TEST(ImportWeights, identity_of_an_initializer_is_the_same_weight) {
  OnnxFile file(
      "(float[1,4,8,8] x) => (float[1,4,8,8] y) {"
      " w2 = Identity(w) a = Conv <pads = [1,1,1,1]> (x, w) y = Conv <pads = [1,1,1,1]> (a, w2) }");
  const Graph graph = file.weight("w", {4, 4, 3, 3}).import();
  EXPECT_EQ(kinds(graph), "convolution convolution");
  EXPECT_EQ(graph.op(0).weights, graph.op(1).weights);
  EXPECT_EQ(parameters(graph), 144);
}

TEST(ImportWeights, a_graph_input_read_only_as_a_weight_is_one) {
  expect_one_convolution(
      OnnxFile("(float[1,3,8,8] x, float[4,3,3,3] w) => (float[1,4,8,8] y) { y = Conv <pads = [1,1,1,1]> (x, w) }")
          .import());
}

TEST(ImportWeights, a_graph_input_read_through_a_transpose_is_a_weight) {
  const Graph graph =
      OnnxFile("(float[1,8] x, float[16,8] w) => (float[1,16] y) { t = Transpose(w) y = MatMul(x, t) }").import();
  EXPECT_EQ(kinds(graph), "fully_connected");
  EXPECT_EQ(graph.inputs().size(), 1U);
  EXPECT_EQ(graph.tensor(graph.op(0).weights[0]).shape, (Shape{16, 8}));
}

TEST(ImportWeights, a_constant_node_is_a_weight) {
  const Graph graph = OnnxFile(
                          "(float[1,2,4,4] x) => (float[1,1,4,4] y) {"
                          " w = Constant <value = float[1,2,1,1] {1, 2}> () y = Conv(x, w) }")
                          .import();
  EXPECT_EQ(kinds(graph), "convolution");
  EXPECT_EQ(parameters(graph), 2);
}

TEST(ImportWeights, two_computed_operands_are_no_weights) {
  const Graph graph = OnnxFile("(float[1,4,8] a, float[1,8,4] b) => (float[1,4,4] y) { y = MatMul(a, b) }").import();
  EXPECT_EQ(kinds(graph), "matmul");
  EXPECT_EQ(graph.inputs().size(), 2U);
  EXPECT_EQ(parameters(graph), 0);
}

TEST(ImportWeights, stripped_files_may_read_weights_anywhere) {
  const char* text =
      "(float[1,4,80] x, float[4,80] table, float[1,80,80] stack) => (float[1,4,80] y) {"
      " s = Add(x, table) t = Relu(s) y = MatMul(t, stack) }";
  const Graph unmarked = OnnxFile(text).import();
  EXPECT_EQ(unmarked.inputs().size(), 3U);
  EXPECT_EQ(parameters(unmarked), 0);
  const Graph marked = OnnxFile(text).metadata("weights", "stripped:inputs").import();
  ASSERT_EQ(marked.inputs().size(), 1U);
  EXPECT_EQ(marked.tensor(marked.inputs()[0]).name, "x");
  EXPECT_EQ(parameters(marked), 4 * 80 + 80 * 80);
}

TEST(ImportWeights, an_input_beside_a_constant_is_data) {
  OnnxFile file("(float[1,3,8,8] image) => (float[1,3,8,8] y) { y = Sub(image, mean) }");
  const Graph graph = file.weight("mean", {3, 1, 1}).metadata("weights", "stripped:inputs").import();
  EXPECT_EQ(graph.inputs().size(), 1U);
  EXPECT_EQ(kinds(graph), "subtract");
  EXPECT_EQ(parameters(graph), 3);
}

// ---- batch

TEST(ImportBatch, dynamic_batch_takes_the_option) {
  OnnxFile file("(float[N,3,8,8] x) => (float[N,4,8,8] y) { y = Conv <pads = [1,1,1,1]> (x, w) }");
  file.weight("w", {4, 3, 3, 3});
  EXPECT_EQ(output_shape(file.import()), (Shape{1, 4, 8, 8}));
  EXPECT_EQ(output_shape(file.import({8, {}})), (Shape{8, 4, 8, 8}));
  EXPECT_EQ(macs(file.import({8, {}})), 8 * macs(file.import()));
}

TEST(ImportBatch, the_same_name_elsewhere_is_the_same_batch) {
  OnnxFile file("(float[batch,4] x, float[4,batch] z) => (float[4,4] y) { r = Relu(z) y = MatMul(r, x) }");
  const Graph graph = file.import({6, {}});
  EXPECT_EQ(macs(graph), 4 * 4 * 6);
}

TEST(ImportBatch, a_fixed_batch_cannot_be_another) {
  OnnxFile file(kConvolution);
  file.weight("w", {4, 3, 3, 3});
  EXPECT_EQ(file.error({4, {}}), "a batch of 4 was asked for, but the file fixes the first dimension of its inputs");
  EXPECT_EQ(file.error({0, {}}), "a batch of 0 was asked for; it must be between 1 and 1048576");
}

TEST(ImportBatch, another_dynamic_dimension_is_named) {
  EXPECT_EQ(OnnxFile("(float[1,3,H,8] image) => (float[1,3,H,8] y) { y = Relu(image) }").error(),
            "input 'image': dimension 2 ('H') is not fixed; only the first may be dynamic");
}

// ---- operator sets

TEST(ImportOpset, operator_sets_up_to_the_newest_are_read) {
  for (int opset = 1; opset <= 23; ++opset) {
    expect_one_convolution(OnnxFile(kConvolution, opset).weight("w", {4, 3, 3, 3}).import());
  }
  for (const int opset : {24, 999}) {
    EXPECT_EQ(OnnxFile(kConvolution, opset).weight("w", {4, 3, 3, 3}).error(),
              "operator set " + std::to_string(opset) + " is not supported; 1 to 23 are");
  }
}

// ---- errors

TEST(ImportError, files_that_are_no_network_are_refused) {
  EXPECT_EQ(OnnxFile::error_of("no/such/file.onnx"), "no such file");
  EXPECT_EQ(OnnxFile::error_of(::testing::TempDir()), "is a folder, not a file");
  EXPECT_EQ(OnnxFile::error_of(OnnxFile::write("")), "is empty");
  EXPECT_EQ(OnnxFile::error_of(OnnxFile::write("# not a network\n")),
            "is not a complete ONNX model (truncated, or another format)");
}

// A suffix decides where a format has it; otherwise the first bytes do.
TEST(ImportFormat, a_file_of_another_suffix_is_recognised_by_its_first_bytes) {
  OnnxFile file(kConvolution);
  const std::string path = ::testing::TempDir() + "lanewise_formats.model";
  std::ofstream(path, std::ios::binary) << file.weight("w", {4, 3, 3, 3}).bytes();
  EXPECT_EQ(import_network(path).name(), "lanewise_formats");
}

TEST(ImportFormat, a_file_that_no_format_recognises_names_the_formats) {
  const std::string path = ::testing::TempDir() + "lanewise_formats.txt";
  std::ofstream(path) << "# not a network\n";
  const std::string message = OnnxFile::error_of(path);
  EXPECT_EQ(message.rfind("is in no known file format of networks; known are ONNX (.onnx)", 0), 0U) << message;
}

// Whatever is left of a file, there is an answer: a graph never, an error of one line always.
TEST(ImportError, every_truncation_is_refused) {
  OnnxFile file(kConvolution);
  const std::string bytes = file.weight("w", {4, 3, 3, 3}).metadata("weights", "stripped:inputs").bytes();
  const std::string path = OnnxFile::write("");
  ::testing::internal::CaptureStderr();
  int accepted = 0;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    OnnxFile::write(bytes.substr(0, length));
    if (OnnxFile::error_of(path).empty()) ++accepted;
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  // The metadata stand last: without them, or with one of their two texts, the file is whole.
  EXPECT_LE(accepted, 2);
}

TEST(ImportError, corrupted_bytes_never_crash) {
  std::ifstream shipped("models/squeezenet1_1.onnx", std::ios::binary);
  std::ostringstream whole;
  whole << shipped.rdbuf();
  const std::string bytes = whole.str();
  ASSERT_GT(bytes.size(), 1000U);
  const std::string path = OnnxFile::write("");
  ::testing::internal::CaptureStderr();
  std::uint32_t state = 1;
  for (int round = 0; round < 400; ++round) {
    std::string broken = bytes;
    for (int k = 0; k < 3; ++k) {
      state = state * 1664525U + 1013904223U;
      broken[(state >> 8) % broken.size()] = static_cast<char>(state >> 24);
    }
    OnnxFile::write(broken);
    OnnxFile::error_of(path);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(ImportError, unsupported_operators_are_named) {
  OnnxFile file("(float[1,4,4] b, float[1,2,4] s) => (int64[n,3] y) { y = NonMaxSuppression(b, s) }");
  EXPECT_EQ(file.name(0, "foo").error(),
            "node 'foo' (NonMaxSuppression): the shape of its output 'y' cannot be derived");
  EXPECT_EQ(OnnxFile("(float[2,4] x) => (float[2,4] y) { y = Unheard(x) }").error(),
            "node 'Unheard_0' (Unheard): operator is not supported");
  EXPECT_EQ(OnnxFile("(float[2,4,4] x) => (float[2,4] y) { y = Einsum <equation = \"bii->bi\"> (x) }").error(),
            "node 'Einsum_0' (Einsum): takes a diagonal, which is not supported");
  EXPECT_EQ(OnnxFile("(float[1,4] x) => (float[1,4] y) { y = com.microsoft.Unheard(x) }").error(),
            "node 'Unheard_0' (com.microsoft.Unheard): operator is not supported");
  EXPECT_EQ(OnnxFile("(float[2,4] x) => (int64[2,n] y) { y = NonZero(x) }").error(),
            "node 'NonZero_0' (NonZero): the shape of its output 'y' cannot be derived");
}

// Exporters write operators before the set that they came with, and the meaning is the same.
TEST(ImportOpset, operators_of_a_newer_set_are_read) {
  EXPECT_EQ(kinds(OnnxFile("(float[1,4] x) => (float[1,4] y) { y = HardSwish(x) }", 13).import()), "hard_swish");
  EXPECT_EQ(kinds(OnnxFile("(float[1,4] x) => (float[1,4] y) { y = HardSwish(x) }", 14).import()), "hard_swish");
}

TEST(ImportError, impossible_shapes_are_named) {
  const auto with_height = [](std::int64_t height) {
    OnnxFile file("(float[1,3,8,8] x) => (float[1,3,8,8] y) { y = Relu(x) }");
    file.model()
        .mutable_graph()
        ->mutable_input(0)
        ->mutable_type()
        ->mutable_tensor_type()
        ->mutable_shape()
        ->mutable_dim(2)
        ->set_dim_value(height);
    return file.error();
  };
  EXPECT_EQ(with_height(0), "input 'x': dimension 2 is 0, but must be at least 1");
  EXPECT_EQ(with_height(-8), "input 'x': dimension 2 is -8, but must be at least 1");
  EXPECT_EQ(with_height(std::int64_t{1} << 62), "tensor 'x' has the impossible shape [1, 3, 4611686018427387904, 8]");
  EXPECT_EQ(OnnxFile(kConvolution).weight("w", {4, -3, 3, 3}).error(),
            "tensor 'w' has the impossible shape [4, -3, 3, 3]");
  EXPECT_EQ(OnnxFile("(float[1,3,4,4] x) => (float[1,3,a,b] y) { y = MaxPool <kernel_shape = [9, 9]> (x) }").error(),
            "node 'MaxPool_0' (MaxPool): its window of 9 is longer than axis 2, which has 4 elements with its pads");
}

TEST(ImportError, impossible_windows_are_named) {
  const auto conv = [](const std::string& attributes, const Shape& weight) {
    return OnnxFile("(float[1,3,8,8] x) => (float[1,m,h,w] y) { y = Conv <" + attributes + "> (x, w) }")
        .weight("w", weight)
        .error();
  };
  EXPECT_EQ(conv("strides = [0, 1]", {4, 3, 3, 3}),
            "node 'Conv_0' (Conv): strides holds 0, which is not between 1 and 2147483648");
  EXPECT_EQ(conv("strides = [1, 1], strides = [0, 0]", {4, 3, 3, 3}),
            "node 'Conv_0' (Conv): attribute 'strides' stands twice");
  EXPECT_EQ(conv("strides = [1]", {4, 3, 3, 3}), "node 'Conv_0' (Conv): strides has 1 entries; its input needs 2");
  EXPECT_EQ(conv("strides = [1, 1]", {4}), "node 'Conv_0' (Conv): its input 1 has 1 dimensions; 4 are needed");
  EXPECT_EQ(OnnxFile("(float[4] x) => (float[4] y) { y = ConvTranspose(x, w) }").weight("w", {4}).error(),
            "node 'ConvTranspose_0' (ConvTranspose): its input 0 has 1 dimensions; at least 3 are needed");
  EXPECT_EQ(conv("group = 0", {4, 3, 3, 3}), "node 'Conv_0' (Conv): group is 0");
  EXPECT_EQ(conv("group = 2", {4, 3, 3, 3}),
            "node 'Conv_0' (Conv): a weight [4, 3, 3, 3] in 2 groups does not fit 3 input channels");
  EXPECT_EQ(conv("group = 1", {4, 2, 3, 3}),
            "node 'Conv_0' (Conv): a weight [4, 2, 3, 3] in 1 groups does not fit 3 input channels");
}

TEST(ImportError, tensors_that_nothing_produces_are_named) {
  EXPECT_EQ(OnnxFile("(float[4] x) => (float[4] y) { y = Relu(z) }").error(),
            "node 'Relu_0' reads tensor 'z', which nothing before it produces");
  EXPECT_EQ(OnnxFile("(float[4] x) => (float[4] z) { y = Relu(x) }").error(),
            "the output list reads tensor 'z', which nothing before it produces");
  EXPECT_EQ(OnnxFile("(float[4] x) => (float[4] y) { y = Relu(x) y = Neg(x) }").error(),
            "tensor 'y' is produced twice");
}

TEST(ImportError, computed_weights_and_shapes_are_named) {
  EXPECT_EQ(OnnxFile("(float[1,4,8,8] x) => (float[1,4,8,8] y) { v = Relu(x) y = Conv(x, v) }").error(),
            "node 'Conv_1' (Conv): its weight 'v' is computed; only constant weights are supported");
  EXPECT_EQ(OnnxFile("(float[4] x, int64[2] s) => (float[a,b] y) { y = Reshape(x, s) }").error(),
            "node 'Reshape_0' (Reshape): the shape of its output 'y' cannot be derived");
  EXPECT_EQ(OnnxFile("(float[1,3,2,2,2,2] x) => (float[1,3,2,2,2,2] y) { y = MaxPool <kernel_shape = [1,1,1,1]> (x) }")
                .error(),
            "node 'MaxPool_0' (MaxPool): a tensor of 6 dimensions is not supported; one or two spatial ones are");
}

TEST(ImportError, data_that_do_not_fit_their_shape_are_named) {
  OnnxFile file("(float[1,4] x) => (float[1,4] y) { y = Mul(x, c) }");
  file.scalar("c", 1);
  file.model().mutable_graph()->mutable_initializer(0)->add_dims(3);
  EXPECT_EQ(file.error(), "tensor 'c' holds 1 values, which does not fit its 3 elements");
}

// ---- names

TEST(ImportNames, unnamed_nodes_get_type_and_number_and_copies_a_number) {
  OnnxFile file("(float[4] x) => (float[4] y) { a = Relu(x) b = Neg(a) c = Abs(b) d = Exp(c) y = Log(d) }");
  const Graph graph = file.name(1, "same").name(2, "same").name(4, "Relu_0").import();
  std::vector<std::string> names;
  for (const Operator& op : graph.operators()) names.push_back(op.name);
  EXPECT_EQ(names, (std::vector<std::string>{"Relu_0_unnamed", "same", "same_2", "Exp_3", "Relu_0"}));
}

TEST(ImportNames, the_graph_is_named_after_its_file) {
  const std::string path = OnnxFile::write(OnnxFile("(float[4] x) => (float[4] y) { y = Relu(x) }").bytes());
  EXPECT_EQ(import_network(path).name(), std::filesystem::path(path).stem().string());
}

}  // namespace
}  // namespace lanewise::network::testing
