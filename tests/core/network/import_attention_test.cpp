// SPDX-License-Identifier: Apache-2.0
// Attention operators, as the two products and the softmax between them. MACs were counted by hand:
// 2 * batch * query heads * new tokens * tokens seen * depth of a head, and the projections where there are any.
#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

using Shape = std::vector<std::int64_t>;

std::int64_t products(std::int64_t heads, std::int64_t fresh, std::int64_t seen, std::int64_t depth) {
  return 2 * heads * fresh * seen * depth;
}

Shape shape_of(const Graph& graph, std::size_t output) { return graph.tensor(graph.outputs().at(output)).shape; }

int count(const Graph& graph, OperatorKind kind) {
  int found = 0;
  for (const Operator& op : graph.operators()) found += op.kind == kind ? 1 : 0;
  return found;
}

TEST(Attention, the_default_domain_in_heads) {
  OnnxFile file(
      "(float[1,8,6,64] q, float[1,2,10,64] k, float[1,2,10,32] v) => (float[1,8,6,32] y) {"
      " y = Attention(q, k, v) }",
      23);
  const Graph graph = file.import();
  EXPECT_EQ(macs(graph), 8 * 6 * 10 * 64 + 8 * 6 * 10 * 32);
  EXPECT_EQ(parameters(graph), 0);
  EXPECT_EQ(output_shape(graph), (Shape{1, 8, 6, 32}));
  EXPECT_EQ(count(graph, OperatorKind::kSoftmax), 1);
  EXPECT_EQ(count(graph, OperatorKind::kMatMul), 2);
}

TEST(Attention, the_default_domain_side_by_side_with_a_cache) {
  OnnxFile file(
      "(float[1,1,512] q, float[1,1,128] k, float[1,1,128] v, float[1,2,31,64] pk, float[1,2,31,64] pv)"
      " => (float[1,1,512] y, float[1,2,32,64] nk, float[1,2,32,64] nv, float[1,8,1,32] s) {"
      " y, nk, nv, s = Attention <q_num_heads = 8, kv_num_heads = 2, is_causal = 1, softcap = 30.0,"
      " qk_matmul_output_mode = 3> (q, k, v, , pk, pv) }",
      23);
  const Graph graph = file.import();
  EXPECT_EQ(macs(graph), products(8, 1, 32, 64));
  EXPECT_EQ(shape_of(graph, 1), (Shape{1, 2, 32, 64}));
  EXPECT_EQ(shape_of(graph, 3), (Shape{1, 8, 1, 32}));
  EXPECT_EQ(count(graph, OperatorKind::kConcat), 2);
  OnnxFile without(
      "(float[1,1,512] q, float[1,1,128] k, float[1,1,128] v) => (float[1,1,512] y) {"
      " y = Attention(q, k, v) }",
      23);
  EXPECT_EQ(without.error(),
            "node 'Attention_0' (Attention): does not say 'q_num_heads', which inputs of three dimensions need");
}

TEST(Attention, masks_are_added) {
  OnnxFile file(
      "(float[1,8,6,64] q, float[1,8,6,64] k, float[1,8,6,64] v, float[6,6] m) => (float[1,8,6,64] y) {"
      " y = Attention(q, k, v, m) }",
      23);
  EXPECT_EQ(count(file.import(), OperatorKind::kElementwise), 2);  // the scale and the mask
  OnnxFile wrong(
      "(float[1,8,6,64] q, float[1,8,6,64] k, float[1,8,6,64] v, float[6,7] m) => (float[1,8,6,64] y) {"
      " y = Attention(q, k, v, m) }",
      23);
  EXPECT_EQ(wrong.error(), "node 'Attention_0' (Attention): does not have tensors that fit each other");
}

TEST(GroupQuery, a_decode_step_appends_to_its_cache) {
  const Graph graph = import_network("tests/core/network/cases/ms_gqa.onnx", {});
  EXPECT_EQ(macs(graph), products(8, 1, 129, 64));
  EXPECT_EQ(shape_of(graph, 1), (Shape{1, 2, 129, 64}));
  EXPECT_EQ(parameters(graph), 0);
  // The cache goes from a graph input through one Concat to a graph output.
  const Operator& append = graph.op(graph.producer(graph.outputs().at(1)));
  EXPECT_EQ(append.kind, OperatorKind::kConcat);
  EXPECT_EQ(append.axes, Shape{2});
  EXPECT_EQ(graph.tensor(append.inputs[0]).name, "pk");
}

TEST(GroupQuery, a_buffer_is_as_long_before_as_after) {
  OnnxFile file(
      "(float[1,1,768] q, float[1,2,256,64] pk, float[1,2,256,64] pv)"
      " => (float[1,1,512] y, float[1,2,256,64] nk, float[1,2,256,64] nv) {"
      " l = Constant <value = int32[1] {99}> () n = Constant <value = int32 {100}> ()"
      " y, nk, nv = com.microsoft.GroupQueryAttention <num_heads = 8, kv_num_heads = 2, do_rotary = 1>"
      " (q, , , pk, pv, l, n, cos, sin) }");
  const Graph graph = file.weight("cos", {256, 32}).weight("sin", {256, 32}).import();
  EXPECT_EQ(macs(graph), products(8, 1, 100, 64));
  EXPECT_EQ(shape_of(graph, 1), (Shape{1, 2, 256, 64}));
  EXPECT_EQ(parameters(graph), 0);
}

TEST(GroupQuery, a_window_sees_the_last_tokens) {
  OnnxFile file(
      "(float[1,1,512] q, float[1,1,128] k, float[1,1,128] v, float[1,2,127,64] pk, float[1,2,127,64] pv)"
      " => (float[1,1,512] y, float[1,2,128,64] nk, float[1,2,128,64] nv) {"
      " l = Constant <value = int32[1] {127}> () n = Constant <value = int32 {128}> ()"
      " y, nk, nv = com.microsoft.GroupQueryAttention"
      " <num_heads = 8, kv_num_heads = 2, local_window_size = 32> (q, k, v, pk, pv, l, n) }");
  EXPECT_EQ(macs(file.import()), products(8, 1, 32, 64));
}

TEST(GroupQuery, a_prefill_has_no_past) {
  OnnxFile file(
      "(float[1,16,512] q, float[1,16,128] k, float[1,16,128] v)"
      " => (float[1,16,512] y, float[1,2,16,64] nk, float[1,2,16,64] nv) {"
      " l = Constant <value = int32[1] {15}> () n = Constant <value = int32 {16}> ()"
      " y, nk, nv = com.microsoft.GroupQueryAttention <num_heads = 8, kv_num_heads = 2>"
      " (q, k, v, , , l, n) }");
  const Graph graph = file.import();
  EXPECT_EQ(macs(graph), products(8, 16, 16, 64));
  EXPECT_EQ(count(graph, OperatorKind::kConcat), 0);
  EXPECT_EQ(shape_of(graph, 2), (Shape{1, 2, 16, 64}));
}

TEST(MultiHead, plain_packed_and_with_a_past) {
  EXPECT_EQ(macs(import_network("tests/core/network/cases/ms_mha.onnx", {})), products(8, 16, 16, 64));
  OnnxFile packed(
      "(float[1,16,8,3,64] x) => (float[1,16,512] y) {"
      " y = com.microsoft.MultiHeadAttention <num_heads = 8> (x) }");
  EXPECT_EQ(macs(packed.import()), products(8, 16, 16, 64));
  EXPECT_EQ(output_shape(packed.import()), (Shape{1, 16, 512}));
  OnnxFile pair(
      "(float[1,16,512] q, float[1,20,8,2,64] kv) => (float[1,16,512] y) {"
      " y = com.microsoft.MultiHeadAttention <num_heads = 8> (q, kv) }");
  EXPECT_EQ(macs(pair.import()), products(8, 16, 20, 64));
  OnnxFile past(
      "(float[1,1,512] q, float[1,1,512] k, float[1,1,512] v, int32[1,32] m, float[1,8,31,64] pk,"
      " float[1,8,31,64] pv) => (float[1,1,512] y, float[1,8,32,64] nk, float[1,8,32,64] nv) {"
      " y, nk, nv = com.microsoft.MultiHeadAttention <num_heads = 8> (q, k, v, b, m, , pk, pv) }");
  const Graph graph = past.weight("b", {1536}).import();
  EXPECT_EQ(macs(graph), products(8, 1, 32, 64));
  EXPECT_EQ(parameters(graph), 1536);
  // Keys and values of another network, in heads already.
  OnnxFile cross(
      "(float[1,16,512] q, float[1,8,20,64] k, float[1,8,20,64] v) => (float[1,16,512] y) {"
      " y = com.microsoft.MultiHeadAttention <num_heads = 8> (q, k, v) }");
  EXPECT_EQ(macs(cross.import()), products(8, 16, 20, 64));
  OnnxFile none(
      "(float[1,16,512] q, float[1,16,512] k, float[1,16,512] v) => (float[1,16,512] y) {"
      " y = com.microsoft.MultiHeadAttention(q, k, v) }");
  EXPECT_EQ(none.error(), "node 'MultiHeadAttention_0' (com.microsoft.MultiHeadAttention): does not have num_heads");
}

TEST(MultiHead, a_masked_decoder_writes_into_its_buffer) {
  OnnxFile file(
      "(float[1,1,512] q, float[1,1,512] k, float[1,1,512] v, float[1,8,64,64] pk, float[1,8,64,64] pv)"
      " => (float[1,1,512] y, float[1,8,64,64] nk, float[1,8,64,64] nv) {"
      " n = Constant <value = int32[1] {40}> ()"
      " y, nk, nv = com.microsoft.DecoderMaskedMultiHeadAttention"
      " <num_heads = 8, past_present_share_buffer = 1> (q, k, v, , , pk, pv, n) }");
  EXPECT_EQ(macs(file.import()), products(8, 1, 41, 64));
}

TEST(PackedAttention, one_weight_projects_queries_keys_and_values) {
  OnnxFile file(
      "(float[1,16,256] x) => (float[1,16,256] y, float[2,1,4,16,64] p) {"
      " y, p = com.microsoft.Attention <num_heads = 4, unidirectional = 1> (x, w, b) }");
  const Graph graph = file.weight("w", {256, 768}).weight("b", {768}).import();
  EXPECT_EQ(macs(graph), 16 * 256 * 768 + products(4, 16, 16, 64));
  EXPECT_EQ(parameters(graph), 256 * 768 + 768);
  EXPECT_EQ(shape_of(graph, 1), (Shape{2, 1, 4, 16, 64}));
  OnnxFile uneven(
      "(float[1,16,256] x) => (float[1,16,128] y) {"
      " y = com.microsoft.Attention <num_heads = 4, qkv_hidden_sizes = [256,256,128]> (x, w, b) }");
  EXPECT_EQ(macs(uneven.weight("w", {256, 640}).weight("b", {640}).import()), 16 * 256 * 640 + 4 * 16 * 16 * (64 + 32));
  OnnxFile quantised(
      "(uint8[1,16,256] x) => (float[1,16,256] y) {"
      " y = com.microsoft.QAttention <num_heads = 4> (x, w, b, s, s) }");
  quantised.weight("w", {256, 768}, onnx::TensorProto::INT8).weight("b", {768}).weight("s", {});
  EXPECT_EQ(macs(quantised.import()), 16 * 256 * 768 + products(4, 16, 16, 64));
}

TEST(Rotary, embeddings_are_one_sweep_without_parameters) {
  OnnxFile file("(float[1,8,6,64] x) => (float[1,8,6,64] y) { y = RotaryEmbedding(x, cos, sin, p) }", 23);
  onnx::TensorProto& positions = *file.model().mutable_graph()->add_initializer();
  positions.set_name("p");
  positions.set_data_type(onnx::TensorProto::INT64);
  positions.add_dims(1);
  positions.add_dims(6);
  for (int i = 0; i < 6; ++i) positions.add_int64_data(i);
  const Graph graph = file.weight("cos", {100, 32}).weight("sin", {100, 32}).import();
  EXPECT_EQ(kinds(graph), "multiply");
  EXPECT_EQ(parameters(graph), 0);
  OnnxFile vendor(
      "(float[1,6,512] x, int64[1,6] p) => (float[1,6,512] y) {"
      " y = com.microsoft.RotaryEmbedding(x, p, cos, sin) }");
  EXPECT_EQ(kinds(vendor.weight("cos", {100, 32}).weight("sin", {100, 32}).import()), "multiply");
}

}  // namespace
}  // namespace lanewise::network::testing
