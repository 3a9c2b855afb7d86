// SPDX-License-Identifier: Apache-2.0
// Matrix products in every spelling, what repeats their operands, caches, and which constants were trained.
#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

using Shape = std::vector<std::int64_t>;

std::int64_t one_weight_macs(const std::string& text, const Shape& weight) {
  const Graph graph = OnnxFile(text).weight("w", weight).import();
  std::int64_t elements = 1;
  for (const std::int64_t size : weight) elements *= size;
  EXPECT_EQ(parameters(graph), elements) << text;
  return macs(graph);
}

TEST(Products, a_vector_on_either_side_multiplies_what_a_matrix_would) {
  EXPECT_EQ(one_weight_macs("(float[64] x) => (float y) { y = MatMul(x, w) }", {64}), 64);
  EXPECT_EQ(one_weight_macs("(float[64] x) => (float y) { y = MatMul(w, x) }", {64}), 64);
  EXPECT_EQ(one_weight_macs("(float[7,64] x) => (float[7] y) { y = MatMul(x, w) }", {64}), 7 * 64);
  EXPECT_EQ(one_weight_macs("(float[3,7,64] x) => (float[3,7] y) { y = MatMul(x, w) }", {64}), 3 * 7 * 64);
  EXPECT_EQ(one_weight_macs("(float[64] x) => (float[32] y) { y = MatMul(x, w) }", {64, 32}), 64 * 32);
  EXPECT_EQ(one_weight_macs("(float[64] x) => (float[5,32] y) { y = MatMul(x, w) }", {5, 64, 32}), 5 * 64 * 32);
  EXPECT_EQ(one_weight_macs("(float[64] x) => (float[7] y) { y = MatMul(w, x) }", {7, 64}), 7 * 64);
  EXPECT_EQ(one_weight_macs("(float[64] x) => (float[3,7] y) { y = MatMul(w, x) }", {3, 7, 64}), 3 * 7 * 64);
  EXPECT_EQ(one_weight_macs("(float[5,64,32] x) => (float[5,32] y) { y = MatMul(w, x) }", {64}), 5 * 64 * 32);
  const auto computed = [](const std::string& text) { return macs(OnnxFile(text).import()); };
  EXPECT_EQ(computed("(float[64] a, float[64] b) => (float y) { y = MatMul(a, b) }"), 64);
  EXPECT_EQ(computed("(float[7,64] a, float[64] b) => (float[7] y) { y = MatMul(a, b) }"), 7 * 64);
  EXPECT_EQ(computed("(float[64] a, float[5,64,32] b) => (float[5,32] y) { y = MatMul(a, b) }"), 5 * 64 * 32);
  EXPECT_EQ(computed("(float[3,1,7,64] a, float[2,64,32] b) => (float[3,2,7,32] y) { y = MatMul(a, b) }"),
            3 * 2 * 7 * 64 * 32);
}

TEST(Products, the_sum_of_a_gemm_has_any_shape_that_broadcasts) {
  const auto with_third = [](const Shape& third, const Shape& w = {8, 6}) {
    OnnxFile file("(float[4,8] x) => (float[4,6] y) { y = Gemm(x, w, c) }");
    return file.weight("w", w).weight("c", third).import();
  };
  EXPECT_EQ(kinds(with_third({6})), "fully_connected");
  EXPECT_EQ(kinds(with_third({1, 6})), "fully_connected");
  EXPECT_EQ(kinds(with_third({})), "fully_connected");
  EXPECT_EQ(kinds(with_third({1})), "fully_connected");
  EXPECT_EQ(kinds(with_third({4, 1})), "fully_connected add");
  EXPECT_EQ(kinds(with_third({4, 6})), "fully_connected add");
  EXPECT_EQ(parameters(with_third({4, 6})), 8 * 6 + 4 * 6);
  OnnxFile one_column("(float[4,8] x) => (float[4,1] y) { y = Gemm(x, w, c) }");
  EXPECT_EQ(kinds(one_column.weight("w", {8, 1}).weight("c", {}).import()), "fully_connected");
  OnnxFile constant_left("(float[8,6] x) => (float[4,6] y) { y = Gemm(w, x, c) }");
  const Graph left = constant_left.weight("w", {4, 8}).weight("c", {4, 1}).import();
  EXPECT_EQ(macs(left), 4 * 8 * 6);
  EXPECT_EQ(parameters(left), 4 * 8 + 4);
}

TEST(Products, heads_repeated_by_gather_or_concat_are_a_repetition) {
  for (const char* repeat : {"at = Constant <value = int64[4] {0,0,1,1}> () y = Gather <axis = 1> (x, at)",
                             "at = Constant <value = int64[4] {0,1,0,1}> () y = Gather <axis = 1> (x, at)",
                             "y = Concat <axis = 1> (x, x)"}) {
    const Graph graph = OnnxFile("(float[1,2,9,8] x) => (float[1,4,9,8] y) { " + std::string(repeat) + " }").import();
    EXPECT_NE(kinds(graph).find("resize"), std::string::npos) << repeat;
  }
  const Graph picked = OnnxFile(
                           "(float[1,2,9,8] x) => (float[1,4,9,8] y) { at = Constant <value = int64[4] {0,1,1,0}> ()"
                           " y = Gather <axis = 1> (x, at) }")
                           .import();
  EXPECT_EQ(kinds(picked), "gather");
}

TEST(Trained, numbers_that_arithmetic_needs_are_no_parameters) {
  // Mean of the pixels, a scale, an offset per channel; a grid of positions behind the last layer.
  OnnxFile file(
      "(float[1,3,8,8] x) => (float[1,4,8,8] y) { n = Sub(x, mean) c = Conv(n, w) s = Mul(c, scale) b = Add(s, offset)"
      " d = Conv(b, v) y = Add(d, grid) }");
  file.weight("mean", {1, 3, 1, 1}).weight("w", {4, 3, 1, 1}).scalar("scale", 0.5F).weight("offset", {5, 1, 1});
  file.model().mutable_graph()->mutable_initializer()->rbegin()->set_dims(0, 4);
  file.weight("v", {4, 4, 1, 1}).weight("grid", {1, 1, 8, 8});
  EXPECT_EQ(parameters(file.import()), 4 * 3 + 4 + 4 * 4);
}

TEST(Trained, parameters_do_not_grow_with_the_resolution_of_a_grid) {
  const auto of = [](std::int64_t size) {
    const std::string map = std::to_string(size) + "," + std::to_string(size);
    OnnxFile file("(float[1,3," + map + "] x) => (float[1,4," + map +
                  "] y) { c = Conv(x, w) g = Add(c, grid) y = Conv(g, v) }");
    file.weight("w", {4, 3, 1, 1}).weight("v", {4, 4, 1, 1}).weight("grid", {1, 1, size, size});
    onnx::TensorProto& grid = *file.model().mutable_graph()->mutable_initializer()->rbegin();
    for (std::int64_t i = 0; i < size * size; ++i) grid.add_float_data(static_cast<float>(i % size) + 0.5F);
    return parameters(file.import());
  };
  EXPECT_EQ(of(8), 4 * 3 + 4 * 4);
  EXPECT_EQ(of(16), of(8));
}

TEST(Trained, a_table_between_layers_counts) {
  OnnxFile file("(float[1,9,8] x) => (float[1,9,8] y) { a = MatMul(x, w) b = Add(a, p) y = MatMul(b, v) }");
  file.weight("w", {8, 8}).weight("v", {8, 8}).weight("p", {1, 9, 8});
  EXPECT_EQ(parameters(file.import()), 64 + 64 + 72);
}

TEST(Caches, are_data_also_where_weights_were_stripped) {
  OnnxFile file(
      "(float[1,1,64] x, float[64,64] wq, float[64,64] wk, float[1,95,64] k_in, float[1,4,31,64] past_other) =>"
      " (float[1,1,96] s, float[1,96,64] k_out, float[1,4,32,64] o) {"
      " q = MatMul(x, wq) k = MatMul(x, wk) k_out = Concat <axis = 1> (k_in, k) t = Transpose <perm = [0,2,1]> (k_out)"
      " s = MatMul(q, t) four = Constant <value = int64[4] {1,1,1,64}> () h = Reshape(k, four)"
      " often = Constant <value = int64[4] {1,4,1,64}> () e = Expand(h, often)"
      " o = Concat <axis = 2> (past_other, e) }");
  const Graph graph = file.metadata("weights", "stripped:inputs").import();
  EXPECT_EQ(graph.inputs().size(), 3U);
  EXPECT_EQ(parameters(graph), 2 * 64 * 64);
}

}  // namespace
}  // namespace lanewise::network::testing
