// SPDX-License-Identifier: Apache-2.0
// Whatever way a function is spelled, it becomes the operator that has its name: as many operators and parameters.
#include <cmath>

#include "tests/core/network/spelling.hpp"

namespace lanewise::network::testing {
namespace {

constexpr unsigned kSeeds = 60;
constexpr double kPi = 3.14159265358979;
using Write = std::string (*)(Spelling&);

// Every spelling of a function of `t`, which a convolution makes.
void expect_activation(Write write, const std::string& kind) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Spelling s(seed);
    const std::string result = write(s);
    const Graph graph = s.file("t = Conv(x, w)", result, "1,8,4,4").weight("w", {8, 8, 1, 1}).import();
    EXPECT_EQ(kinds(graph), "convolution " + kind) << s.text();
    EXPECT_EQ(parameters(graph), 64) << s.text();
  }
}

TEST(Spelling, silu_in_every_order) {
  expect_activation([](Spelling& s) { return s.multiply("t", s.op("Sigmoid", "t")); }, "silu");
  expect_activation([](Spelling& s) { return s.multiply("t", s.op("Sigmoid", s.scale("t", 0.8))); }, "silu");
  expect_activation([](Spelling& s) { return s.divide("t", s.plus(s.op("Exp", s.op("Neg", "t")), 1)); }, "silu");
}

TEST(Spelling, gelu_in_every_order) {
  expect_activation(
      [](Spelling& s) {
        const std::string bell = s.plus(s.op("Erf", s.scale("t", std::sqrt(0.5))), 1);
        switch (s.pick(4)) {
          case 0:
            return s.multiply(s.scale("t", 0.5), bell);
          case 1:
            return s.multiply("t", s.scale(bell, 0.5));
          case 2: {
            const std::string half = s.scale("t", 0.5);
            return s.add(half, s.multiply(half, s.op("Erf", s.scale("t", std::sqrt(0.5)))));
          }
          default:
            return s.scale(s.multiply("t", bell), 0.5);
        }
      },
      "gelu");
  expect_activation(
      [](Spelling& s) {
        const double slope = std::sqrt(2 / kPi);
        std::string inner;
        switch (s.pick(3)) {
          case 0:
            inner = s.scale(s.add("t", s.scale(s.cube("t"), 0.044715)), slope);
            break;
          case 1:
            inner = s.multiply(s.scale("t", slope), s.plus(s.scale(s.square("t"), 0.044715), 1));
            break;
          default:
            inner = s.add(s.scale("t", slope), s.scale(s.cube("t"), slope * 0.044715));
        }
        const std::string bell = s.plus(s.op("Tanh", inner), 1);
        return s.coin() ? s.multiply(s.scale("t", 0.5), bell) : s.scale(s.multiply("t", bell), 0.5);
      },
      "gelu");
  expect_activation([](Spelling& s) { return s.multiply("t", s.op("Sigmoid", s.scale("t", 1.702))); }, "gelu");
}

TEST(Spelling, hard_swish_and_hard_sigmoid_in_every_order) {
  expect_activation(
      [](Spelling& s) {
        switch (s.pick(4)) {
          case 0:
            return s.scale(s.multiply("t", s.clip(s.plus("t", 3), 0, 6)), 1.0 / 6);
          case 1:
            return s.multiply("t", s.scale(s.clip(s.plus("t", 3), 0, 6), 1.0 / 6));
          case 2:
            return s.multiply(s.scale("t", 1.0 / 6), s.clip(s.plus("t", 3), 0, 6));
          default:
            return s.multiply("t", s.clip(s.plus(s.scale("t", 1.0 / 6), 0.5), 0, 1));
        }
      },
      "hard_swish");
  expect_activation([](Spelling& s) { return s.scale(s.clip(s.plus("t", 3), 0, 6), 1.0 / 6); }, "hard_sigmoid");
  expect_activation([](Spelling& s) { return s.clip(s.plus(s.scale("t", 0.2), 0.5), 0, 1); }, "hard_sigmoid");
}

TEST(Spelling, mish_softplus_and_softsign) {
  expect_activation(
      [](Spelling& s) {
        const std::string soft = s.coin() ? s.op("Softplus", "t") : s.op("Log", s.plus(s.op("Exp", "t"), 1));
        return s.multiply("t", s.op("Tanh", soft));
      },
      "silu");
  expect_activation([](Spelling& s) { return s.op("Log", s.plus(s.op("Exp", "t"), 1)); }, "softplus");
  expect_activation([](Spelling& s) { return s.divide("t", s.plus(s.op("Abs", "t"), 1)); }, "tanh");
  expect_activation([](Spelling& s) { return s.op("Reciprocal", s.plus(s.op("Exp", s.op("Neg", "t")), 1)); },
                    "sigmoid");
}

TEST(Spelling, leaky_relu_in_every_form) {
  expect_activation([](Spelling& s) { return s.both("Max", "t", s.scale("t", 0.1)); }, "leaky_relu");
  expect_activation(
      [](Spelling& s) {
        const std::string above = s.coin() ? s.op("Relu", "t") : s.both("Max", "t", s.number(0));
        switch (s.pick(3)) {
          case 0:
            return s.add(above, s.scale(s.both("Min", "t", s.number(0)), 0.1));
          case 1:
            return s.subtract(above, s.scale(s.op("Relu", s.op("Neg", "t")), 0.1));
          default:
            return s.add(above, s.scale(s.subtract("t", s.op("Abs", "t")), 0.05));
        }
      },
      "leaky_relu");
}

TEST(Spelling, parametric_relu_keeps_its_slopes) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Spelling s(seed);
    const std::string below = s.coin() ? s.op("Neg", s.op("Relu", s.op("Neg", "t"))) : s.both("Min", "t", s.number(0));
    const std::string result = s.add(s.op("Relu", "t"), s.multiply("slope", below));
    OnnxFile file = s.file("t = Conv(x, w)", result, "1,8,4,4").weight("w", {8, 8, 1, 1}).weight("slope", {8, 1, 1});
    const Graph graph = file.import();
    EXPECT_EQ(kinds(graph), "convolution prelu") << s.text();
    EXPECT_EQ(parameters(graph), 64 + 8);
  }
}

TEST(Spelling, softmax_in_every_order) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Spelling s(seed);
    const std::string shifted = s.coin() ? s.subtract("t", s.op("ReduceMax", "t", "axes = [-1]")) : "t";
    const std::string above = s.op("Exp", shifted);
    const std::string result = s.divide(above, s.op("ReduceSum", above + ", last"));
    const Graph graph = s.file("t = MatMul(x, w)", result, "1,6,64").weight("w", {64, 64}).import();
    EXPECT_EQ(kinds(graph), "fully_connected softmax") << s.text();
    EXPECT_EQ(graph.op(1).axes, std::vector<std::int64_t>{2});
  }
}

// x less its mean over its deviation, times g, plus b.
std::string layer_normalization(Spelling& s, bool with_parameters) {
  const std::string mean = s.mean("t", 64);
  const std::string centre = s.subtract("t", mean);
  const std::string variance =
      s.pick(4) == 0 ? s.subtract(s.mean_square("t", 64), s.square(mean)) : s.mean_square(centre, 64);
  const std::string spread = s.plus(variance, 1e-5);
  if (!with_parameters) return s.over_root(centre, spread);
  switch (s.pick(4)) {
    case 0:
      return s.add(s.multiply(s.over_root(centre, spread), "g"), "b");
    case 1:
      return s.add(s.over_root(s.multiply(centre, "g"), spread), "b");
    case 2: {
      const std::string factor = s.over_root("g", spread);
      return s.add(s.multiply(centre, factor), "b");
    }
    default: {  // as converters from TensorFlow write it
      const std::string factor = s.over_root("g", spread);
      return s.add(s.multiply("t", factor), s.subtract("b", s.multiply(mean, factor)));
    }
  }
}

TEST(Spelling, layer_normalization_in_every_order) {
  for (unsigned seed = 0; seed < 2 * kSeeds; ++seed) {
    Spelling s(seed);
    OnnxFile file = s.file("t = MatMul(x, w)", layer_normalization(s, true), "1,6,64");
    const Graph graph = file.weight("w", {64, 64}).weight("g", {64}).weight("b", {64}).import();
    EXPECT_EQ(kinds(graph), "fully_connected layer_normalization") << s.text();
    EXPECT_EQ(parameters(graph), 64 * 64 + 128) << s.text();
    Spelling bare(seed);
    OnnxFile plain = bare.file("t = MatMul(x, w)", layer_normalization(bare, false), "1,6,64");
    EXPECT_EQ(kinds(plain.weight("w", {64, 64}).import()), "fully_connected layer_normalization") << bare.text();
  }
}

TEST(Spelling, rms_normalization_in_every_order) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    Spelling s(seed);
    const std::string spread = s.plus(s.mean_square("t", 64), 1e-6);
    std::string result;
    switch (s.pick(3)) {
      case 0:
        result = s.multiply(s.over_root("t", spread), "g");
        break;
      case 1:
        result = s.over_root(s.multiply("t", "g"), spread);
        break;
      default:
        result = s.multiply("t", s.over_root("g", spread));
    }
    OnnxFile file = s.file("t = MatMul(x, w)", result, "1,6,64").weight("w", {64, 64}).weight("g", {64});
    const Graph graph = file.import();
    EXPECT_EQ(kinds(graph), "fully_connected layer_normalization") << s.text();
    EXPECT_EQ(parameters(graph), 64 * 64 + 64);
  }
}

TEST(Spelling, group_normalization_between_reshapes) {
  OnnxFile file(R"((float[1,8,4,4] x) => (float[1,8,4,4] y) {
    apart = Constant <value = int64[3] {0, 2, -1}> ()
    back = Constant <value = int64[4] {1, 8, 4, 4}> ()
    t = Conv(x, w)
    r = Reshape(t, apart)
    n = InstanceNormalization(r, ones, zeros)
    b = Reshape(n, back)
    m = Mul(b, scale)
    y = Add(shift, m)
  })");
  const Graph graph = file.weight("w", {8, 8, 1, 1})
                          .weight("ones", {2})
                          .weight("zeros", {2})
                          .weight("scale", {8, 1, 1})
                          .weight("shift", {8, 1, 1})
                          .import();
  EXPECT_EQ(kinds(graph), "convolution layer_normalization");
  EXPECT_EQ(graph.op(1).axes, (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(parameters(graph), 64 + 16);
  OnnxFile named(
      "(float[1,8,4,4] x) => (float[1,8,4,4] y) { t = Conv(x, w)"
      " y = GroupNormalization <num_groups = 2> (t, scale, shift) }",
      21);
  const Graph one = named.weight("w", {8, 8, 1, 1}).weight("scale", {8}).weight("shift", {8}).import();
  EXPECT_EQ(kinds(one), kinds(graph));
  EXPECT_EQ(parameters(one), parameters(graph));
}

TEST(Spelling, means_over_a_map_normalize_instances) {
  for (const char* mean :
       {"GlobalAveragePool({})", "ReduceMean <axes = [2,3]> ({})", "ReduceMean <axes = [-1,-2]> ({})"}) {
    const auto of = [&](const char* value) { return fmt::format(fmt::runtime(mean), value); };
    OnnxFile file("(float[1,8,4,4] x) => (float[1,8,4,4] y) { t = Conv(x, w) m = " + of("t") +
                  " d = Sub(t, m) q = Mul(d, d) v = " + of("q") + " e = Add(v, eps) s = Sqrt(e) y = Div(d, s) }");
    EXPECT_EQ(kinds(file.weight("w", {8, 8, 1, 1}).scalar("eps", 1e-5F).import()), "convolution layer_normalization")
        << mean;
  }
}

// A scale and a shift for each channel behind a convolution fold into it, as a batch normalization does.
TEST(Spelling, a_batch_normalization_may_be_a_product_and_a_sum) {
  OnnxFile file("(float[1,8,4,4] x) => (float[1,8,4,4] y) { t = Conv(x, w) m = Mul(t, g) y = Add(m, b) }");
  const Graph graph = file.weight("w", {8, 8, 1, 1}).weight("g", {8, 1, 1}).weight("b", {1, 8, 1, 1}).import();
  EXPECT_EQ(kinds(graph), "convolution multiply add");
  EXPECT_EQ(parameters(graph), 64 + 16);
}

TEST(Spelling, what_only_looks_alike_stays) {
  const auto kinds_of = [](const std::string& nodes) {
    OnnxFile file("(float[1,6,64] x) => (float[1,6,64] y) { last = Constant <value = int64[1] {-1}> () " + nodes +
                  " }");
    return kinds(file.scalar("eps", 1e-5F).scalar("one", 1).scalar("two", 2).import());
  };
  // The deviation of another tensor.
  EXPECT_EQ(
      kinds_of("z = Exp(x) q = Mul(z, z) v = ReduceMean <axes = [-1]> (q) e = Add(v, eps) s = Sqrt(e) y = Div(x, s)"),
      "exp multiply reduce add sqrt divide");
  // Divided by the mean square itself, not by its root.
  EXPECT_EQ(kinds_of("q = Mul(x, x) v = ReduceMean <axes = [-1]> (q) e = Add(v, eps) y = Div(x, e)"),
            "multiply reduce add divide");
  // A softmax of two different tensors.
  EXPECT_EQ(kinds_of("a = Exp(x) n = Neg(x) b = Exp(n) s = ReduceSum(b, last) y = Div(a, s)"),
            "exp negate exp reduce divide");
  // The square of a negative is the same square.
  EXPECT_EQ(
      kinds_of("z = Neg(x) q = Mul(z, z) v = ReduceMean <axes = [-1]> (q) e = Add(v, eps) s = Sqrt(e) y = Div(x, s)"),
      "layer_normalization");
  // max(x, 2 x) is no leaky ReLU.
  EXPECT_EQ(kinds_of("a = Mul(x, two) y = Max(x, a)"), "multiply maximum");
}

// --- rotary embeddings

OnnxFile rotary(const std::string& nodes) {
  OnnxFile file(
      "(float[1,4,6,64] x) => (float[1,4,6,64] y) {"
      " zero = Constant <value = int64[1] {0}> () half = Constant <value = int64[1] {32}> ()"
      " one = Constant <value = int64[1] {1}> () two = Constant <value = int64[1] {2}> ()"
      " end = Constant <value = int64[1] {9223372036854775807}> ()"
      " last = Constant <value = int64[1] {3}> () behind = Constant <value = int64[1] {4}> ()"
      " whole = Constant <value = int64[4] {1,4,6,64}> () t = Abs(x) " +
      nodes + " }");
  file.weight("cos", {1, 1, 6, 64}).weight("sin", {1, 1, 6, 64}).weight("c", {1, 1, 6, 32}).weight("s", {1, 1, 6, 32});
  return file;
}

TEST(Spelling, rotary_embeddings_are_one_sweep) {
  const char* const forms[] = {
      // Halves turned by slices, by a split, and with the operands the other way round.
      "a = Slice(t, zero, half, last) b = Slice(t, half, end, last) n = Neg(b) r = Concat <axis = -1> (n, a)"
      " p = Mul(t, cos) q = Mul(r, sin) y = Add(p, q)",
      "a, b = Split <axis = -1> (t) n = Neg(b) r = Concat <axis = 3> (n, a) p = Mul(cos, t) q = Mul(sin, r)"
      " y = Add(q, p)",
      // The halves turned one by one.
      "a, b = Split <axis = -1> (t) ac = Mul(a, c) bs = Mul(s, b) l = Sub(ac, bs) bc = Mul(b, c) as = Mul(a, s)"
      " r = Add(as, bc) y = Concat <axis = -1> (l, r)",
      // Neighbours.
      "a = Slice(t, zero, end, last, two) b = Slice(t, one, end, last, two) ac = Mul(a, c) bs = Mul(b, s)"
      " l = Sub(ac, bs) bc = Mul(b, c) as = Mul(a, s) r = Add(bc, as) lu = Unsqueeze(l, behind)"
      " ru = Unsqueeze(r, behind) st = Concat <axis = -1> (lu, ru) y = Reshape(st, whole)",
      "a = Slice(t, zero, end, last, two) b = Slice(t, one, end, last, two) n = Neg(b) nu = Unsqueeze(n, behind)"
      " au = Unsqueeze(a, behind) st = Concat <axis = -1> (nu, au) r = Reshape(st, whole)"
      " p = Mul(t, cos) q = Mul(r, sin) y = Add(p, q)",
  };
  for (const char* form : forms) {
    const Graph graph = rotary(form).import();
    EXPECT_EQ(kinds(graph), "abs multiply") << form;
    EXPECT_EQ(parameters(graph), 0) << form;
  }
  // Turned the other way: no embedding of the usual kind, so it stays as it is.
  EXPECT_NE(kinds(rotary("a, b = Split <axis = -1> (t) r = Concat <axis = 3> (b, a) p = Mul(cos, t) q = Mul(sin, r)"
                         " y = Add(q, p)")
                      .import()),
            "abs multiply");
}

TEST(Spelling, a_part_of_each_head_may_be_turned) {
  OnnxFile file(
      "(float[1,4,6,64] x) => (float[1,4,6,64] y) {"
      " zero = Constant <value = int64[1] {0}> () quarter = Constant <value = int64[1] {16}> ()"
      " end = Constant <value = int64[1] {64}> () last = Constant <value = int64[1] {3}> ()"
      " t = Abs(x) u = Slice(t, zero, quarter, last) rest = Slice(t, quarter, end, last)"
      " a, b = Split <axis = -1> (u) n = Neg(b) r = Concat <axis = 3> (n, a) p = Mul(cos, u)"
      " q = Mul(sin, r) v = Add(q, p) y = Concat <axis = -1> (v, rest) }");
  EXPECT_EQ(kinds(file.weight("cos", {1, 1, 6, 16}).weight("sin", {1, 1, 6, 16}).import()), "abs multiply");
}

}  // namespace
}  // namespace lanewise::network::testing
