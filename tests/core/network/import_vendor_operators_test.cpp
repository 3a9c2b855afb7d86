// SPDX-License-Identifier: Apache-2.0
// Operators of Microsoft's domain and of newer operator sets, as the plain ones that they stand for. MACs and
// parameters were counted by hand.
#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

using Shape = std::vector<std::int64_t>;

Graph read(const std::string& name) { return import_network("tests/core/network/cases/" + name + ".onnx", {}); }

const Operator& only(const Graph& graph, OperatorKind kind) {
  const Operator* found = nullptr;
  for (const Operator& op : graph.operators()) {
    if (op.kind == kind) found = &op;
  }
  if (found == nullptr) throw std::runtime_error("no such operator");
  return *found;
}

TEST(VendorOperator, fused_activations_and_biases) {
  EXPECT_EQ(kinds(read("ms_biasgelu")), "add gelu");
  EXPECT_EQ(kinds(read("ms_fusedconv")), "convolution relu");
  EXPECT_EQ(macs(read("ms_fusedconv")), 16 * 16 * 16 * 16 * 9);
  EXPECT_EQ(parameters(read("ms_fusedconv")), 2304);
  OnnxFile fast("(float[1,5,8] x) => (float[1,5,8] y) { y = com.microsoft.FastGelu(x, b) }");
  EXPECT_EQ(kinds(fast.weight("b", {8}).import()), "add gelu");
  OnnxFile quick("(float[1,5,8] x) => (float[1,5,8] y) { y = com.microsoft.QuickGelu(x) }");
  EXPECT_EQ(kinds(quick.import()), "gelu");
  OnnxFile split("(float[1,5,8] x) => (float[1,5,4] y) { y = com.microsoft.BiasSplitGelu(x, b) }");
  EXPECT_EQ(kinds(split.weight("b", {8}).import()), "add split gelu multiply");
  OnnxFile sum("(float[1,5,8] x, float[1,5,8] r) => (float[1,5,8] y) { y = com.microsoft.BiasAdd(x, b, r) }");
  EXPECT_EQ(kinds(sum.weight("b", {8}).import()), "add add");
  OnnxFile unknown(
      "(float[1,3,8,8] x) => (float[1,4,8,8] y) { c = com.microsoft.FusedConv <activation = \"Unheard\"> (x, w) y = "
      "Neg(c) }");
  EXPECT_EQ(unknown.weight("w", {4, 3, 1, 1}).error(),
            "node 'FusedConv_0' (com.microsoft.FusedConv): names an activation 'Unheard' that is not supported");
}

TEST(VendorOperator, fused_products) {
  const Graph graph = read("ms_fusedmatmul");
  EXPECT_EQ(kinds(graph), "transpose matmul multiply");
  EXPECT_EQ(macs(graph), 8 * 32 * 32 * 64);
  OnnxFile left("(float[2,8,6] x) => (float[2,6,4] y) { y = com.microsoft.FusedMatMul <transA = 1> (x, w) }");
  const Graph turned = left.weight("w", {8, 4}).import();
  EXPECT_EQ(kinds(turned), "transpose fully_connected");
  EXPECT_EQ(macs(turned), 2 * 6 * 8 * 4);
  // [b, m, k] is stored as [m, b, k] where the batch is turned.
  OnnxFile batch(
      "(float[6,2,8] x, float[2,8,4] z) => (float[2,6,4] y) {"
      " y = com.microsoft.FusedMatMul <transBatchA = 1> (x, z) }");
  EXPECT_EQ(output_shape(batch.import()), (Shape{2, 6, 4}));
  EXPECT_EQ(macs(batch.import()), 2 * 6 * 8 * 4);
  OnnxFile gemm(
      "(float[5,8] x) => (float[5,4] y) {"
      " y = com.microsoft.FusedGemm <transB = 1, activation = \"LeakyRelu\", activation_alpha = 0.1> (x, w, b) }");
  const Graph fused = gemm.weight("w", {4, 8}).weight("b", {4}).import();
  EXPECT_EQ(kinds(fused), "fully_connected leaky_relu");
  EXPECT_EQ(parameters(fused), 36);
  OnnxFile fast("(float[1,5,8] x) => (float[1,5,4] y) { y = com.microsoft.GemmFastGelu(x, w, b) }");
  EXPECT_EQ(kinds(fast.weight("w", {8, 4}).weight("b", {4}).import()), "fully_connected gelu");
}

TEST(VendorOperator, packed_weights_count_their_numbers_and_their_bytes) {
  const Graph graph = read("ms_matmulnbits");
  EXPECT_EQ(kinds(graph), "fully_connected");
  EXPECT_EQ(macs(graph), 32 * 64 * 128);
  EXPECT_EQ(parameters(graph), 64 * 128);
  const Tensor& weight = graph.tensor(graph.op(0).weights[0]);
  EXPECT_EQ(weight.precision, Precision::kInt4);
  EXPECT_EQ(packed_bytes(weight.elements(), weight.precision).count(), 64 * 128 / 2);
  struct Case {
    int bits;
    Precision precision;
  };
  for (const Case& c : {Case{2, Precision::kInt2}, {4, Precision::kInt4}, {8, Precision::kInt8}}) {
    OnnxFile file("(float[1,2,64] x) => (float[1,2,16] y) { y = com.microsoft.MatMulNBits <K = 64, N = 16, bits = " +
                  std::to_string(c.bits) + ", block_size = 32> (x, w, s, , , b) }");
    const Graph packed = file.weight("w", {16, 2, 4 * c.bits}, onnx::TensorProto::UINT8)
                             .weight("s", {32})
                             .weight("b", {16})
                             .import({1, Precision::kFp16});
    EXPECT_EQ(kinds(packed), "fully_connected") << c.bits;
    EXPECT_EQ(packed.tensor(packed.op(0).weights[0]).precision, c.precision);
    EXPECT_EQ(parameters(packed), 64 * 16 + 16);
  }
  OnnxFile wrong(
      "(float[1,2,64] x) => (float[1,2,16] y) { y = com.microsoft.MatMulNBits <K = 64, N = 16, bits = 4,"
      " block_size = 32> (x, w, s) }");
  EXPECT_EQ(wrong.weight("w", {16, 1, 16}, onnx::TensorProto::UINT8).weight("s", {32}).error(),
            "node 'MatMulNBits_0' (com.microsoft.MatMulNBits): does not have a packed weight that holds K x N numbers");
  // Three bits are moved in four.
  OnnxFile three(
      "(float[1,2,64] x) => (float[1,2,16] y) { y = com.microsoft.MatMulNBits <K = 64, N = 16, bits = 3,"
      " block_size = 32> (x, w, s) }");
  const Graph moved = three.weight("w", {16, 2, 12}, onnx::TensorProto::UINT8).weight("s", {32}).import();
  EXPECT_EQ(moved.tensor(moved.op(0).weights[0]).precision, Precision::kInt4);
  OnnxFile bits(
      "(float[1,2,64] x) => (float[1,2,16] y) { y = com.microsoft.MatMulNBits <K = 64, N = 16, bits = 9,"
      " block_size = 32> (x, w, s) }");
  EXPECT_EQ(bits.weight("w", {16, 2, 36}, onnx::TensorProto::UINT8).weight("s", {32}).error(),
            "node 'MatMulNBits_0' (com.microsoft.MatMulNBits): does not have weights of 2 to 8 bits");
}

TEST(VendorOperator, packed_weights_shared_by_two_products_are_stored_once) {
  OnnxFile file(
      "(float[1,64] x) => (float[1,64] y) {"
      " a = com.microsoft.MatMulNBits <K = 64, N = 64, block_size = 32> (x, w, s) r = Relu(a)"
      " y = com.microsoft.MatMulNBits <K = 64, N = 64, block_size = 32> (r, w, s) }");
  const Graph graph = file.weight("w", {64, 2, 16}, onnx::TensorProto::UINT8).weight("s", {128}).import();
  EXPECT_EQ(kinds(graph), "fully_connected relu fully_connected");
  EXPECT_EQ(parameters(graph), 64 * 64);
}

TEST(VendorOperator, packed_weights_may_be_stripped_to_inputs) {
  OnnxFile file(
      "(float[1,64] x, uint8[16,2,16] w, float[32] s) => (float[1,16] y) {"
      " y = com.microsoft.MatMulNBits <K = 64, N = 16, block_size = 32> (x, w, s) }");
  EXPECT_EQ(parameters(file.import()), 64 * 16);
}

TEST(VendorOperator, integer_products_with_their_scales) {
  OnnxFile dynamic("(float[1,5,8] x) => (float[1,5,4] y) { y = com.microsoft.DynamicQuantizeMatMul(x, w, s, z, b) }");
  dynamic.weight("w", {8, 4}, onnx::TensorProto::INT8).weight("s", {4}).weight("z", {4}, onnx::TensorProto::INT8);
  const Graph graph = dynamic.weight("b", {4}).import({1, Precision::kFp16});
  EXPECT_EQ(kinds(graph), "fully_connected");
  EXPECT_EQ(macs(graph), 5 * 8 * 4);
  EXPECT_EQ(parameters(graph), 36);
  EXPECT_EQ(graph.tensor(graph.op(0).weights[0]).precision, Precision::kInt8);
  OnnxFile scaled("(uint8[1,5,8] x) => (float[1,5,4] y) { y = com.microsoft.MatMulIntegerToFloat(x, w, s, s) }");
  EXPECT_EQ(kinds(scaled.weight("w", {8, 4}, onnx::TensorProto::INT8).weight("s", {}).import()), "fully_connected");
}

TEST(VendorOperator, quantised_vectors_are_products_or_one_line) {
  for (const char* name :
       {"crash_QLinearMatMul_1", "crash_QLinearMatMul_2", "crash_MatMulInteger_1", "crash_MatMulInteger_2"}) {
    try {
      EXPECT_GE(macs(read(name)), 1) << name;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << name;
    }
  }
}

TEST(VendorOperator, normalizations_of_all_domains) {
  EXPECT_EQ(kinds(read("ms_sln")), "layer_normalization");
  EXPECT_EQ(parameters(read("ms_sln")), 64);
  EXPECT_EQ(kinds(read("ms_skipln")), "add layer_normalization");
  EXPECT_EQ(parameters(read("ms_skipln")), 128);
  EXPECT_EQ(kinds(read("lnold")), "layer_normalization");
  EXPECT_EQ(parameters(read("lnold")), 128);
  OnnxFile skip(
      "(float[1,6,8] x, float[1,6,8] r) => (float[1,6,8] y, float[1,6,8] sum) {"
      " y, , , sum = com.microsoft.SkipSimplifiedLayerNormalization(x, r, g, b) }");
  const Graph both = skip.weight("g", {8}).weight("b", {8}).import();
  EXPECT_EQ(kinds(both), "add add layer_normalization");
  EXPECT_EQ(both.outputs().size(), 2U);
  OnnxFile rms("(float[1,6,8] x) => (float[1,6,8] y) { y = RMSNormalization(x, g) }", 23);
  EXPECT_EQ(kinds(rms.weight("g", {8}).import()), "layer_normalization");
  OnnxFile computed("(float[1,6,8] x) => (float[1,6,8] y) { g = Abs(x) y = RMSNormalization(x, g) }", 23);
  EXPECT_EQ(kinds(computed.import()), "abs layer_normalization multiply");
  OnnxFile mean("(float[1,8,4,4] x) => (float[1,8,4,4] y) { y = MeanVarianceNormalization <axes = [2,3]> (x) }");
  EXPECT_EQ(kinds(mean.import()), "layer_normalization");
  OnnxFile norm("(float[1,8,4,4] x) => (float[1,8,4,4] y) { y = LpNormalization <axis = 1> (x) }");
  EXPECT_EQ(kinds(norm.import()), "reduce divide");
  OnnxFile group(
      "(float[1,4,4,8] x) => (float[1,4,4,8] y) {"
      " y = com.microsoft.GroupNorm <groups = 2, activation = 1> (x, g, b) }");
  EXPECT_EQ(kinds(group.weight("g", {8}).weight("b", {8}).import()), "transpose layer_normalization silu transpose");
  OnnxFile wrong("(float[1,8,4,4] x) => (float[1,8,4,4] y) { y = GroupNormalization <num_groups = 3> (x, g, b) }", 21);
  EXPECT_EQ(wrong.weight("g", {8}).weight("b", {8}).error(),
            "node 'GroupNormalization_0' (GroupNormalization): does not have channels that its groups divide");
}

TEST(VendorOperator, outputs_for_training_come_from_the_host_where_they_are_read) {
  const auto file = [](const std::string& result) {
    return OnnxFile("(float[1,6,8] x) => (float y) { a, m, i = LayerNormalization(x, g) y = Neg(" + result + ") }", 17)
        .weight("g", {8});
  };
  EXPECT_EQ(kinds(file("a").import()), "layer_normalization negate");
  EXPECT_EQ(kinds(file("m").import()), "layer_normalization host negate");
}

TEST(VendorOperator, embeddings_are_gathered_and_normalized) {
  OnnxFile file(
      "(int32[1,6] ids, int32[1,6] segments) => (float[1,6,8] y, int32[1] m) {"
      " y, m = com.microsoft.EmbedLayerNormalization(ids, segments, words, places, kinds, g, b) }");
  const Graph graph = file.weight("words", {100, 8})
                          .weight("places", {16, 8})
                          .weight("kinds", {2, 8})
                          .weight("g", {8})
                          .weight("b", {8})
                          .import();
  EXPECT_EQ(kinds(graph), "gather add gather add layer_normalization host");
  EXPECT_EQ(parameters(graph), 100 * 8 + 16 * 8 + 2 * 8 + 16);
  OnnxFile packed(
      "(int64[1,6] ids) => (float[1,6,64] y) {"
      " y = com.microsoft.GatherBlockQuantized <bits = 4, block_size = 16> (w, ids, s) }");
  const Graph rows = packed.weight("w", {100, 32}, onnx::TensorProto::UINT8).weight("s", {100, 4}).import();
  EXPECT_EQ(kinds(rows), "gather");
  EXPECT_EQ(parameters(rows), 100 * 64);
  EXPECT_EQ(rows.tensor(rows.op(0).weights[0]).precision, Precision::kInt4);
}

TEST(VendorOperator, what_no_engine_runs_goes_to_the_host) {
  OnnxFile file(
      "(int64[1,6] ids, float[1,100] scores) => (float[1,100] y) {"
      " y = com.microsoft.NGramRepeatBlock <ngram_size = 3> (ids, scores) }");
  const Graph graph = file.import();
  EXPECT_EQ(kinds(graph), "host");
  EXPECT_EQ(graph.op(0).source_type, "com.microsoft.NGramRepeatBlock");
}

TEST(VendorOperator, newer_activations_of_the_default_domain) {
  const auto kind = [](const std::string& type, int opset) {
    return kinds(OnnxFile("(float[1,4] x) => (float[1,4] y) { y = " + type + " (x) }", opset).import());
  };
  EXPECT_EQ(kind("Gelu", 20), "gelu");
  EXPECT_EQ(kind("Gelu <approximate = \"tanh\">", 20), "gelu");
  EXPECT_EQ(kind("Mish", 18), "silu");
  EXPECT_EQ(kind("HardSwish", 22), "hard_swish");
  EXPECT_EQ(kind("Celu", 13), "elu");
  EXPECT_EQ(kind("Shrink", 13), "relu");
  EXPECT_EQ(kind("Softsign", 13), "tanh");
  EXPECT_EQ(kind("Sin", 13), "exp");
}

TEST(VendorOperator, windows_with_channels_last) {
  OnnxFile file(
      "(float[1,8,8,4] x) => (float[1,4,4,16] y) {"
      " c = com.microsoft.NhwcConv <pads = [1,1,1,1]> (x, w)"
      " y = com.microsoft.NhwcMaxPool <kernel_shape = [2,2], strides = [2,2]> (c) }");
  const Graph graph = file.weight("w", {16, 4, 3, 3}).import();
  EXPECT_EQ(only(graph, OperatorKind::kConvolution).groups, 1);
  EXPECT_EQ(macs(graph), 64 * 4 * 9 * 16);
  EXPECT_EQ(output_shape(graph), (Shape{1, 4, 4, 16}));
  // Some writers turn the weight as well.
  OnnxFile turned("(float[1,8,8,4] x) => (float[1,8,8,16] y) { y = com.microsoft.NhwcConv <pads = [1,1,1,1]> (x, w) }");
  EXPECT_EQ(macs(turned.weight("w", {16, 3, 3, 4}).import()), 64 * 4 * 9 * 16);
}

}  // namespace
}  // namespace lanewise::network::testing
