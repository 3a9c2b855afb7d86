// SPDX-License-Identifier: Apache-2.0
// Blocks in small hand-made networks: what is one, and what only resembles one.
#include "core/network/blocks.hpp"

#include <gtest/gtest.h>

#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

// "ibn0[0-5] residual0[...]": kinds with numbers of their operators.
std::string labels(const Graph& graph) {
  std::string text;
  for (const Block& block : graph.blocks()) {
    text += (text.empty() ? "" : " ") + block.name + "(";
    for (std::size_t i = 0; i < block.operators.size(); ++i) {
      text += (i == 0 ? "" : ",") + std::to_string(block.operators[i]);
    }
    text += ")";
  }
  return text;
}

struct Weights {
  std::int64_t in, hidden, out;
};

Graph network(const std::string& nodes, const Weights& c) {
  OnnxFile file("(float[1," + std::to_string(c.in) + ",8,8] image) => (float y) { x = Relu(image) " + nodes + " }", 14);
  file.model().mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  file.weight("e", {c.hidden, c.in, 1, 1}).weight("k", {c.hidden, c.in, 3, 3}).weight("d", {c.hidden, 1, 3, 3});
  file.weight("p", {c.out, c.hidden, 1, 1}).weight("di", {c.in, 1, 3, 3}).weight("pi", {c.out, c.in, 1, 1});
  file.weight("f1", {2, c.hidden, 1, 1}).weight("f2", {c.hidden, 2, 1, 1}).weight("same", {c.in, c.in, 3, 3});
  for (const char* name : {"bg", "bb", "bm", "bv"}) file.weight(name, {c.hidden});
  return file.import();
}

std::string group(std::int64_t channels) { return "<pads = [1,1,1,1], group = " + std::to_string(channels) + ">"; }

TEST(Blocks, an_inverted_bottleneck_includes_its_residual_addition) {
  const Graph graph =
      network("a = Conv(x, e) b = Relu(a) c = Conv " + group(32) + " (b, d) r = Relu(c) g = Conv(r, p) y = Add(x, g)",
              {8, 32, 8});
  EXPECT_EQ(labels(graph), "ibn0(1,2,3,4,5,6) residual0(1,2,3,4,5,6)");
  const Block& block = graph.blocks()[0];
  EXPECT_EQ(block.kind, BlockKind::kInvertedBottleneck);
  EXPECT_EQ(block.expand, 1);
  EXPECT_EQ(block.depthwise, 3);
  EXPECT_EQ(block.project, 5);
  EXPECT_EQ(block.residual_add, 6);
}

TEST(Blocks, batch_normalizations_are_inside_a_bottleneck) {
  const Graph graph =
      network("a = Conv(x, e) n = BatchNormalization(a, bg, bb, bm, bv) b = Relu(n) c = Conv " + group(32) +
                  " (b, d) m = BatchNormalization(c, bg, bb, bm, bv) r = Relu(m) y = Conv(r, p)",
              {8, 32, 16});
  EXPECT_EQ(labels(graph), "ibn0(1,2,3,4,5,6,7)");
  EXPECT_EQ(graph.blocks()[0].residual_add, kNone);
}

TEST(Blocks, a_squeeze_excite_may_stand_inside_an_inverted_bottleneck) {
  const Graph graph = network("a = Conv(x, e) b = HardSwish(a) c = Conv " + group(32) +
                                  " (b, d) r = HardSwish(c)"
                                  " s = GlobalAveragePool(r) t = Conv(s, f1) u = Relu(t) v = Conv(u, f2) w = "
                                  "HardSigmoid(v) m = Mul(w, r) y = Conv(m, p)",
                              {8, 32, 16});
  EXPECT_EQ(labels(graph), "ibn0(1,2,3,4,5,6,7,8,9,10,11) squeeze_excite0(5,6,7,8,9,10)");
}

TEST(Blocks, a_squeeze_excite_may_have_fully_connected_layers) {
  OnnxFile file(R"((float[1,8,4,4] x) => (float[1,8,4,4] y) {
    s = GlobalAveragePool(x) f = Flatten(s) a = Gemm(f, w1) b = Relu(a) c = Gemm(b, w2) g = Sigmoid(c)
    shape = Constant <value = int64[4] {1, 8, 1, 1}> () h = Reshape(g, shape) y = Mul(x, h) })");
  EXPECT_EQ(labels(file.weight("w1", {8, 2}).weight("w2", {2, 8}).import()), "squeeze_excite0(0,1,2,3,4,5,6,7)");
}

TEST(Blocks, a_gate_of_another_tensor_is_no_squeeze_excite) {
  const Graph graph = network(
      "z = Neg(x) s = GlobalAveragePool(z) t = Conv(s, e) u = Relu(t) v = Conv(u, p) w = Sigmoid(v) y = Mul(x, w)",
      {8, 32, 8});
  EXPECT_EQ(labels(graph), "");
}

TEST(Blocks, a_middle_that_is_not_wider_is_depthwise_separable) {
  EXPECT_EQ(labels(network("a = Conv(x, e) c = Conv " + group(8) + " (a, d) y = Conv(c, p)", {8, 8, 8})),
            "depthwise_separable0(2,3)");
  EXPECT_EQ(labels(network("a = Conv(x, e) c = Conv " + group(32) + " (a, d) y = Conv(c, p)", {8, 32, 32})),
            "depthwise_separable0(2,3)");
}

TEST(Blocks, a_depthwise_and_a_pointwise_convolution_are_depthwise_separable) {
  const Graph graph = network("a = Conv " + group(8) + " (x, di) b = Relu(a) y = Conv(b, pi)", {8, 32, 16});
  EXPECT_EQ(labels(graph), "depthwise_separable0(1,2,3)");
  EXPECT_EQ(graph.blocks()[0].depthwise, 1);
  EXPECT_EQ(graph.blocks()[0].project, 3);
}

TEST(Blocks, an_expansion_read_from_outside_is_no_bottleneck) {
  OnnxFile file("(float[1,8,8,8] x) => (float[1,8,8,8] y, float[1,32,8,8] a) { a = Conv(x, e) c = Conv " + group(32) +
                " (a, d) y = Conv(c, p) }");
  file.weight("e", {32, 8, 1, 1}).weight("d", {32, 1, 3, 3}).weight("p", {8, 32, 1, 1});
  EXPECT_EQ(labels(file.import()), "depthwise_separable0(1,2)");
}

TEST(Blocks, a_full_convolution_and_a_projection_are_a_fused_bottleneck) {
  const Graph graph =
      network("a = Conv <pads = [1,1,1,1]> (x, k) b = HardSwish(a) g = Conv(b, p) y = Add(g, x)", {8, 32, 8});
  EXPECT_EQ(labels(graph), "fused_ibn0(1,2,3,4) residual0(1,2,3,4)");
  const Block& block = graph.blocks()[0];
  EXPECT_EQ(block.expand, 1);
  EXPECT_EQ(block.depthwise, kNone);
  EXPECT_EQ(block.project, 3);
  EXPECT_EQ(block.residual_add, 4);
}

TEST(Blocks, residuals_do_not_nest) {
  // The outer addition would take the inner one in; the inner, shorter one stands.
  const Graph graph = network(
      "a = Conv <pads = [1,1,1,1]> (x, same) b = Add(a, x) c = Relu(b) d1 = Conv <pads = [1,1,1,1]> (c, same) y = "
      "Add(d1, x)",
      {8, 32, 8});
  EXPECT_EQ(labels(graph), "residual0(1,2)");
}

TEST(Blocks, a_residual_may_have_a_projected_shortcut) {
  const Graph graph =
      network("a = Conv <pads = [1,1,1,1]> (x, k) b = Relu(a) s = Conv(x, e) y = Add(b, s)", {8, 32, 8});
  EXPECT_EQ(labels(graph), "residual0(1,2,3,4)");
}

TEST(Blocks, two_inputs_added_are_no_residual) {
  EXPECT_EQ(labels(OnnxFile("(float[4] a, float[4] b) => (float[4] y) { c = Relu(a) y = Add(c, b) }").import()), "");
}

}  // namespace
}  // namespace lanewise::network::testing
