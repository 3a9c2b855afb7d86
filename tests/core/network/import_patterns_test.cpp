// SPDX-License-Identifier: Apache-2.0
// What exporters spell out becomes one operator; what only looks like it stays.
#include <gtest/gtest.h>

#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

using Shape = std::vector<std::int64_t>;

OnnxFile body(const std::string& nodes, int opset = 13) {
  OnnxFile file("(float[1,8,4,4] x) => (float[1,8,4,4] y) { " + nodes + " }", opset);
  return file.scalar("three", 3)
      .scalar("six", 6)
      .scalar("zero", 0)
      .scalar("sixth", 1.0F / 6)
      .scalar("half", 0.5)
      .scalar("one", 1)
      .scalar("seven", 7);
}

TEST(Pattern, x_times_its_sigmoid_is_silu) {
  EXPECT_EQ(kinds(body("s = Sigmoid(x) y = Mul(x, s)").import()), "silu");
  EXPECT_EQ(kinds(body("s = Sigmoid(x) y = Mul(s, x)").import()), "silu");
  // The gate of another tensor.
  EXPECT_EQ(kinds(body("n = Neg(x) s = Sigmoid(n) y = Mul(x, s)").import()), "negate sigmoid multiply");
}

TEST(Pattern, x_times_its_hard_sigmoid_is_hard_swish) {
  EXPECT_EQ(kinds(body("s = HardSigmoid <alpha = 0.16666667, beta = 0.5> (x) y = Mul(x, s)").import()), "hard_swish");
  // The operator's own default slope is 0.2.
  EXPECT_EQ(kinds(body("s = HardSigmoid(x) y = Mul(x, s)").import()), "hard_sigmoid multiply");
}

TEST(Pattern, hard_swish_spelled_out_is_recognised) {
  const char* const forms[] = {
      "a = Add(x, three) c = Clip(a, zero, six) m = Mul(x, c) y = Div(m, six)",
      "a = Add(three, x) c = Clip(a, zero, six) m = Mul(c, x) y = Mul(m, sixth)",
      "a = Add(x, three) c = Clip(a, zero, six) d = Div(c, six) y = Mul(x, d)",
      "a = Add(x, three) c = Clip(a, zero, six) d = Mul(sixth, c) y = Mul(d, x)",
      "a = Add(x, three) c = Clip(a, zero, six) d = Mul(x, sixth) y = Mul(d, c)",
  };
  for (const char* form : forms) EXPECT_EQ(kinds(body(form).import()), "hard_swish") << form;
  EXPECT_EQ(
      kinds(body("a = Add(x, three) c = Clip <min = 0.0, max = 6.0> (a) m = Mul(x, c) y = Div(m, six)", 10).import()),
      "hard_swish");
  EXPECT_EQ(kinds(body("a = Add(x, three) c = Clip(a, zero, six) y = Div(c, six)").import()), "hard_sigmoid");
  EXPECT_EQ(kinds(body("a = Add(x, three) c = Clip(a, zero, seven) m = Mul(x, c) y = Div(m, six)").import()),
            "add clip multiply divide");
}

TEST(Pattern, gelu_is_recognised_in_all_its_forms) {
  const auto gelu = [](const std::string& nodes) {
    return kinds(body(nodes).scalar("root", 1.41421356F).scalar("inverse", 0.70710678F).import());
  };
  EXPECT_EQ(gelu("d = Div(x, root) e = Erf(d) p = Add(e, one) m = Mul(x, p) y = Mul(m, half)"), "gelu");
  EXPECT_EQ(gelu("d = Mul(x, inverse) e = Erf(d) p = Add(one, e) h = Mul(half, x) y = Mul(h, p)"), "gelu");
  EXPECT_EQ(gelu("d = Div(x, root) e = Erf(d) p = Add(e, one) h = Mul(p, half) y = Mul(x, h)"), "gelu");
  EXPECT_EQ(gelu("d = Div(x, six) e = Erf(d) p = Add(e, one) m = Mul(x, p) y = Mul(m, half)"),
            "divide erf add multiply multiply");
  EXPECT_EQ(kinds(body("z = Mul(x, k) s = Sigmoid(z) y = Mul(x, s)").scalar("k", 1.702F).import()), "gelu");
}

TEST(Pattern, the_gelu_of_microsofts_domain_is_read) {
  EXPECT_EQ(kinds(OnnxFile("(float[1,4] x) => (float[1,4] y) { y = com.microsoft.Gelu(x) }").import()), "gelu");
  EXPECT_EQ(kinds(OnnxFile("(float[1,4] x) => (float[1,4] y) { y = Gelu(x) }").import()), "gelu");
}

TEST(Pattern, the_gate_of_a_product_is_not_mistaken) {
  // x itself is a product: its factors are not those of the activation.
  EXPECT_EQ(kinds(body("p = Mul(x, three) s = Sigmoid(p) y = Mul(p, s)").import()), "multiply silu");
}

TEST(Pattern, layer_normalization_spelled_out_is_recognised) {
  const auto file = [](const std::string& square, const std::string& tail) {
    OnnxFile result("(float[1,16,32] x) => (float[1,16,32] y) { m = ReduceMean <axes = [-1]> (x) d = Sub(x, m) " +
                    square + " v = ReduceMean <axes = [-1]> (q) e = Add(v, epsilon) r = Sqrt(e) " + tail + " }");
    return result.scalar("two", 2).scalar("epsilon", 1e-5F).weight("scale", {32}).weight("shift", {32}).import();
  };
  const Graph whole = file("q = Pow(d, two)", "n = Div(d, r) g = Mul(n, scale) y = Add(g, shift)");
  EXPECT_EQ(kinds(whole), "layer_normalization");
  EXPECT_EQ(whole.op(0).axes, Shape{2});
  EXPECT_EQ(parameters(whole), 64);
  const Graph bare = file("q = Mul(d, d)", "y = Div(d, r)");
  EXPECT_EQ(kinds(bare), "layer_normalization");
  EXPECT_EQ(parameters(bare), 0);
  // A cube is no variance.
  OnnxFile other(
      "(float[1,16,32] x) => (float[1,16,32] y) { m = ReduceMean <axes = [-1]> (x) d = Sub(x, m)"
      " q = Pow(d, three) v = ReduceMean <axes = [-1]> (q) e = Add(v, epsilon) r = Sqrt(e) y = Div(d, r) }");
  EXPECT_EQ(kinds(other.scalar("three", 3).scalar("epsilon", 1e-5F).import()),
            "reduce subtract power reduce add sqrt divide");
}

TEST(Pattern, added_channel_constants_become_biases) {
  OnnxFile conv("(float[1,3,8,8] x) => (float[1,4,8,8] y) { c = Conv <pads = [1,1,1,1]> (x, w) y = Add(c, b) }");
  const Graph graph = conv.weight("w", {4, 3, 3, 3}).weight("b", {1, 4, 1, 1}).import();
  EXPECT_EQ(kinds(graph), "convolution");
  ASSERT_EQ(graph.op(0).weights.size(), 2U);
  EXPECT_EQ(graph.tensor(graph.op(0).weights[1]).shape, Shape{4});
  OnnxFile matrix("(float[1,5,8] x) => (float[1,5,16] y) { m = MatMul(x, w) y = Add(b, m) }");
  const Graph fully = matrix.weight("w", {8, 16}).weight("b", {16}).import();
  EXPECT_EQ(kinds(fully), "fully_connected");
  EXPECT_EQ(parameters(fully), 8 * 16 + 16);
  // One number for each pixel is no bias.
  OnnxFile pixels("(float[1,3,4,4] x) => (float[1,4,4,4] y) { c = Conv(x, w) y = Add(c, b) }");
  EXPECT_EQ(kinds(pixels.weight("w", {4, 3, 1, 1}).weight("b", {4}).import()), "convolution add");
}

TEST(Pattern, a_shared_bias_is_stored_once) {
  OnnxFile file(
      "(float[1,4,8,8] x) => (float[1,4,8,8] y) { c = Conv(x, w) d = Add(c, b) e = Conv(d, w) y = Add(e, b) }");
  const Graph graph = file.weight("w", {4, 4, 1, 1}).weight("b", {4, 1, 1}).import();
  EXPECT_EQ(kinds(graph), "convolution convolution");
  EXPECT_EQ(parameters(graph), 16 + 4);
}

TEST(Pattern, zero_padding_joins_the_convolution) {
  const auto file = [](const std::string& pad, const std::string& conv) {
    OnnxFile result(
        "(float[1,3,8,8] x) => (float[1,4,h,w0] y) { pads = Constant <value = int64[8] {0,0,0,0,0,0,1,1}> () p = " +
        pad + " y = " + conv + " }");
    return result.weight("w", {4, 3, 3, 3}).scalar("zero", 0).scalar("one", 1).import();
  };
  const Graph graph = file("Pad(x, pads, zero)", "Conv <strides = [2,2]> (p, w)");
  EXPECT_EQ(kinds(graph), "convolution");
  EXPECT_EQ(graph.op(0).window.pad_begin[0], 0);
  EXPECT_EQ(graph.op(0).window.pad_end[1], 1);
  EXPECT_EQ(output_shape(graph), (Shape{1, 4, 4, 4}));
  EXPECT_EQ(kinds(file("Pad(x, pads, one)", "Conv <strides = [2,2]> (p, w)")), "pad convolution");
  EXPECT_EQ(kinds(file("Pad <mode = \"reflect\"> (x, pads)", "Conv <strides = [2,2]> (p, w)")), "pad convolution");
}

}  // namespace
}  // namespace lanewise::network::testing
