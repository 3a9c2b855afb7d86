// SPDX-License-Identifier: Apache-2.0
// Quantised files: their operators vanish into the precisions of the tensors around them.
#include <gtest/gtest.h>

#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

Precision precision_of(const Graph& graph, TensorId id) { return graph.tensor(id).precision; }

OnnxFile& constants(OnnxFile& file, int zero_type) {
  file.scalar("s", 0.1F);
  onnx::TensorProto& zero = *file.model().mutable_graph()->add_initializer();
  zero.set_name("z");
  zero.set_data_type(zero_type);
  zero.add_int32_data(0);
  return file;
}

// The form that quantisers of today write.
TEST(Quantization, quantize_and_dequantize_pairs_become_precisions) {
  OnnxFile file(R"((float[1,3,8,8] x) => (float[1,4,8,8] y) {
    xq = QuantizeLinear(x, s, z)
    xd = DequantizeLinear(xq, s, z)
    wd = DequantizeLinear(w, s, z)
    bd = DequantizeLinear(b, s)
    c = Conv <pads = [1,1,1,1]> (xd, wd, bd)
    r = Relu(c)
    rq = QuantizeLinear(r, s, z)
    y = DequantizeLinear(rq, s, z)
  })");
  constants(file, onnx::TensorProto::INT8);
  file.weight("w", {4, 3, 3, 3}, onnx::TensorProto::INT8).weight("b", {4}, onnx::TensorProto::INT32);
  // What the file quantises keeps its precision whatever is asked for the rest.
  for (const Precision asked : {Precision::kInt8, Precision::kFp32}) {
    const Graph graph = file.import({1, asked});
    EXPECT_EQ(kinds(graph), "convolution relu");
    for (const Tensor& tensor : graph.tensors()) EXPECT_EQ(tensor.precision, Precision::kInt8) << tensor.name;
    EXPECT_EQ(parameters(graph), 108 + 4);
    EXPECT_EQ(graph.tensor(graph.outputs()[0]).name, "y");
  }
}

TEST(Quantization, activations_may_have_sixteen_bits) {
  OnnxFile file(R"((float[1,8] x) => (float[1,4] y) {
    xq = QuantizeLinear(x, s, z)
    xd = DequantizeLinear(xq, s, z)
    wd = DequantizeLinear(w, s)
    g = Gemm <transB = 1> (xd, wd)
    gq = QuantizeLinear(g, s, z)
    y = DequantizeLinear(gq, s, z)
  })");
  constants(file, onnx::TensorProto::INT16).weight("w", {4, 8}, onnx::TensorProto::INT8);
  const Graph graph = file.import({1, Precision::kFp32});
  EXPECT_EQ(kinds(graph), "fully_connected");
  EXPECT_EQ(precision_of(graph, graph.op(0).inputs[0]), Precision::kInt16);
  EXPECT_EQ(precision_of(graph, graph.op(0).weights[0]), Precision::kInt8);
  EXPECT_EQ(precision_of(graph, graph.op(0).outputs[0]), Precision::kInt16);
}

TEST(Quantization, parts_that_stay_float_take_the_asked_precision) {
  OnnxFile file(R"((float[1,8] x) => (float[1,8] y) {
    xq = QuantizeLinear(x, s, z)
    xd = DequantizeLinear(xq, s, z)
    a = Relu(xd)
    b = Softmax(a)
    y = Neg(b)
  })");
  constants(file, onnx::TensorProto::UINT8);
  const Graph graph = file.import({1, Precision::kFp16});
  EXPECT_EQ(precision_of(graph, graph.inputs()[0]), Precision::kInt8);
  EXPECT_EQ(precision_of(graph, graph.outputs()[0]), Precision::kFp16);
}

TEST(Quantization, qlinear_conv_and_microsofts_operators_are_plain_ones) {
  OnnxFile file(R"((uint8[1,4,8,8] x) => (uint8[1,4,1,1] y) {
    a = QLinearConv <pads = [1,1,1,1]> (x, s, z, w, s, z, s, z, b)
    c = com.microsoft.QLinearAdd (a, s, z, x, s, z, s, z)
    d = com.microsoft.QLinearConcat <axis = 1> (s, z, c, s, z, x, s, z)
    e = QLinearConv (d, s, z, v, s, z, s, z)
    f = com.microsoft.QLinearGlobalAveragePool <channels_last = 0> (e, s, z, s, z)
    y = com.microsoft.QLinearSigmoid (f, s, z, s, z)
  })");
  constants(file, onnx::TensorProto::UINT8);
  file.weight("w", {4, 4, 3, 3}, onnx::TensorProto::UINT8).weight("b", {4}, onnx::TensorProto::INT32);
  file.weight("v", {4, 8, 1, 1}, onnx::TensorProto::UINT8);
  const Graph graph = file.import({1, Precision::kFp32});
  EXPECT_EQ(kinds(graph), "convolution add concat convolution global_average_pool sigmoid");
  EXPECT_EQ(graph.op(0).source_type, "QLinearConv");
  EXPECT_EQ(graph.op(1).source_type, "com.microsoft.QLinearAdd");
  EXPECT_EQ(graph.op(0).weights.size(), 2U);
  for (const Tensor& tensor : graph.tensors()) EXPECT_EQ(tensor.precision, Precision::kInt8) << tensor.name;
  EXPECT_EQ(parameters(graph), 144 + 4 + 32);
}

TEST(Quantization, channels_last_is_turned) {
  OnnxFile file(R"((uint8[1,8,8,4] x) => (uint8[1,1,1,16] y) {
    c = com.microsoft.QLinearConv <channels_last = 1, pads = [1,1,1,1]> (x, s, z, w, s, z, s, z)
    y = com.microsoft.QLinearGlobalAveragePool <channels_last = 1> (c, s, z, s, z)
  })");
  constants(file, onnx::TensorProto::UINT8).weight("w", {16, 4, 3, 3}, onnx::TensorProto::UINT8);
  const Graph graph = file.import({1, Precision::kFp32});
  EXPECT_EQ(kinds(graph), "transpose convolution transpose transpose global_average_pool reshape");
  EXPECT_EQ(macs(graph), 64 * 4 * 9 * 16);
  EXPECT_EQ(output_shape(graph), (std::vector<std::int64_t>{1, 1, 1, 16}));
}

// Weights of four bits, per channel or in blocks with a scale each, two numbers in a byte.
TEST(Quantization, weights_of_four_and_two_bits_and_floats_of_eight) {
  struct Case {
    int type;
    Precision precision;
  };
  for (const Case& c : {Case{21, Precision::kInt4},
                        {22, Precision::kInt4},
                        {23, Precision::kInt4},
                        {25, Precision::kInt2},
                        {26, Precision::kInt2},
                        {17, Precision::kInt8},
                        {18, Precision::kInt8},
                        {19, Precision::kInt8},
                        {20, Precision::kInt8}}) {
    OnnxFile file("(float[1,64] x) => (float[1,32] y) { d = DequantizeLinear(w, s, z) y = MatMul(x, d) }", 13);
    file.weight("w", {64, 32}, c.type).weight("s", {32}).weight("z", {32}, c.type);
    const Graph graph = file.import({1, Precision::kFp16});
    EXPECT_EQ(kinds(graph), "fully_connected");
    EXPECT_EQ(precision_of(graph, graph.op(0).weights[0]), c.precision) << c.type;
    EXPECT_EQ(parameters(graph), 64 * 32);
    OnnxFile blocked(
        "(float[1,64] x) => (float[1,32] y) {"
        " d = DequantizeLinear <axis = 0, block_size = 16> (w, s) y = MatMul(x, d) }",
        21);
    const Graph in_blocks = blocked.weight("w", {64, 32}, c.type).weight("s", {4, 32}).import({1, Precision::kFp16});
    EXPECT_EQ(kinds(in_blocks), "fully_connected");
    EXPECT_EQ(precision_of(in_blocks, in_blocks.op(0).weights[0]), c.precision);
    EXPECT_EQ(parameters(in_blocks), 64 * 32);
  }
}

// Numbers of four bits that say a shape are read as numbers: the first of a byte lies in its lower half.
TEST(Quantization, packed_numbers_are_unpacked) {
  for (const bool raw : {true, false}) {
    OnnxFile file("(float[1,6] x) => (float[3,2] y) { c = Cast <to = 7> (shape) y = Reshape(x, c) }");
    onnx::TensorProto& shape = *file.model().mutable_graph()->add_initializer();
    shape.set_name("shape");
    shape.set_data_type(22);
    shape.add_dims(2);
    if (raw) {
      shape.set_raw_data(std::string(1, static_cast<char>(0xF3)));  // 3, then -1
    } else {
      shape.add_int32_data(0xF3);
    }
    EXPECT_EQ(output_shape(file.import()), (std::vector<std::int64_t>{3, 2}));
  }
  OnnxFile file("(float[1,6] x) => (float[3,2] y) { c = Cast <to = 7> (shape) y = Reshape(x, c) }");
  onnx::TensorProto& shape = *file.model().mutable_graph()->add_initializer();
  shape.set_name("shape");
  shape.set_data_type(22);
  shape.add_dims(3);
  shape.set_raw_data("a");
  EXPECT_EQ(file.error(), "tensor 'shape' holds 1 bytes, which does not fit its 3 elements");
}

TEST(Quantization, qlinear_matmul_and_gemm_are_fully_connected) {
  OnnxFile file(R"((int8[2,8] x) => (int8[2,4] y) {
    a = QLinearMatMul (x, s, z, w, s, z, s, z)
    y = com.microsoft.QGemm <transB = 1> (a, s, z, v, s, z, b, s, z)
  })");
  constants(file, onnx::TensorProto::INT8);
  file.weight("w", {8, 16}, onnx::TensorProto::INT8).weight("v", {4, 16}, onnx::TensorProto::INT8);
  const Graph graph = file.weight("b", {4}, onnx::TensorProto::INT32).import({1, Precision::kFp32});
  EXPECT_EQ(kinds(graph), "fully_connected fully_connected");
  EXPECT_EQ(macs(graph), 2 * (8 * 16 + 16 * 4));
  for (const Tensor& tensor : graph.tensors()) EXPECT_EQ(tensor.precision, Precision::kInt8) << tensor.name;
}

TEST(Quantization, dynamic_quantization_becomes_precisions) {
  OnnxFile file(R"((float[1,8] x) => (float[1,4] y) {
    q, qs, qz = DynamicQuantizeLinear(x)
    a = MatMulInteger (q, w, qz)
    f = Cast <to = 1> (a)
    k = Mul(qs, s)
    y = Mul(f, k)
  })");
  constants(file, onnx::TensorProto::INT8).weight("w", {8, 4}, onnx::TensorProto::INT8);
  const Graph graph = file.import({1, Precision::kFp16});
  EXPECT_EQ(kinds(graph), "fully_connected multiply");
  EXPECT_EQ(precision_of(graph, graph.inputs()[0]), Precision::kInt8);
  EXPECT_EQ(precision_of(graph, graph.op(0).weights[0]), Precision::kInt8);
  EXPECT_EQ(precision_of(graph, graph.outputs()[0]), Precision::kFp16);
}

TEST(Quantization, conv_integer_is_a_convolution) {
  OnnxFile file("(uint8[1,2,4,4] x) => (int32[1,3,4,4] y) { y = ConvInteger (x, w, z, z) }");
  constants(file, onnx::TensorProto::UINT8).weight("w", {3, 2, 1, 1}, onnx::TensorProto::UINT8);
  const Graph graph = file.import();
  EXPECT_EQ(kinds(graph), "convolution");
  EXPECT_EQ(macs(graph), 16 * 6);
}

TEST(Quantization, weights_quantised_at_training_may_be_stripped_to_inputs) {
  OnnxFile file(R"((float[1,3,8,8] x, float[8,3,3,3] w) => (float[1,8,8,8] y) {
    wq = QuantizeLinear(w, s, z)
    wd = DequantizeLinear(wq, s, z)
    y = Conv <pads = [1,1,1,1]> (x, wd)
  })");
  const Graph graph = constants(file, onnx::TensorProto::INT8).import({1, Precision::kFp16});
  EXPECT_EQ(graph.inputs().size(), 1U);
  EXPECT_EQ(precision_of(graph, graph.op(0).weights[0]), Precision::kInt8);
  EXPECT_EQ(precision_of(graph, graph.op(0).inputs[0]), Precision::kFp16);
}

TEST(Quantization, spelled_out_activations_are_seen_through_quantisation) {
  OnnxFile file(R"((float[1,4] x) => (float[1,4] y) {
    t = Sigmoid(x)
    tq = QuantizeLinear(t, s, z)
    td = DequantizeLinear(tq, s, z)
    m = Mul(x, td)
    mq = QuantizeLinear(m, s, z)
    y = DequantizeLinear(mq, s, z)
  })");
  EXPECT_EQ(kinds(constants(file, onnx::TensorProto::INT8).import()), "silu");
}

}  // namespace
}  // namespace lanewise::network::testing
