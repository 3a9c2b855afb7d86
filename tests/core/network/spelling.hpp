// SPDX-License-Identifier: Apache-2.0
// The same mathematics written in a different way each time: a random order of operands and a random form of quotients,
// powers, roots, differences and means.
#pragma once

#include <fmt/format.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {

class Spelling {
 public:
  explicit Spelling(unsigned seed) : random_(seed) {}

  std::string op(const std::string& type, const std::string& inputs, const std::string& attributes = "") {
    const std::string name = fmt::format("t{}", counter_++);
    text_ += fmt::format(" {} = {} {} ({})\n", name, type, attributes.empty() ? "" : "<" + attributes + ">", inputs);
    return name;
  }
  std::string both(const std::string& type, const std::string& a, const std::string& b) {
    return coin() ? op(type, a + ", " + b) : op(type, b + ", " + a);
  }
  std::string number(double value) {
    numbers_.emplace_back(fmt::format("n{}", numbers_.size()), static_cast<float>(value));
    return numbers_.back().first;
  }

  std::string add(const std::string& a, const std::string& b) { return both("Add", a, b); }
  std::string multiply(const std::string& a, const std::string& b) { return both("Mul", a, b); }
  std::string subtract(const std::string& a, const std::string& b) {
    return coin() ? op("Sub", a + ", " + b) : add(a, op("Neg", b));
  }
  std::string divide(const std::string& a, const std::string& b) {
    return coin() ? op("Div", a + ", " + b) : multiply(a, op("Reciprocal", b));
  }
  std::string scale(const std::string& a, double factor) {
    return coin() ? multiply(a, number(factor)) : op("Div", a + ", " + number(1 / factor));
  }
  std::string plus(const std::string& a, double summand) {
    return coin() ? add(a, number(summand)) : op("Sub", a + ", " + number(-summand));
  }
  std::string square(const std::string& a) {
    return coin() ? op("Mul", a + ", " + a) : op("Pow", a + ", " + number(2));
  }
  std::string cube(const std::string& a) { return coin() ? op("Pow", a + ", " + number(3)) : multiply(a, square(a)); }
  std::string root(const std::string& a) { return coin() ? op("Sqrt", a) : op("Pow", a + ", " + number(0.5)); }
  // a / sqrt(b).
  std::string over_root(const std::string& a, const std::string& b) {
    return coin() ? divide(a, root(b)) : multiply(a, op("Pow", b + ", " + number(-0.5)));
  }
  // Over the last axis, which has `count` entries.
  std::string mean(const std::string& a, int count) {
    if (coin()) return op("ReduceMean", a, "axes = [-1]");
    return scale(op("ReduceSum", a + ", last"), 1.0 / count);
  }
  std::string mean_square(const std::string& a, int count) {
    if (coin()) return mean(square(a), count);
    return scale(op("ReduceSumSquare", a, "axes = [-1]"), 1.0 / count);
  }
  std::string clip(const std::string& a, double low, double high) {
    switch (pick(4)) {
      case 0:
        return op("Clip", a + ", " + number(low) + ", " + number(high));
      case 1:
        return both("Min", both("Max", a, number(low)), number(high));
      case 2:
        return both("Max", number(low), both("Min", number(high), a));
      default:
        return low == 0 ? both("Min", op("Relu", a), number(high))
                        : op("Clip", a + ", " + number(low) + ", " + number(high));
    }
  }

  bool coin() { return pick(2) == 0; }
  int pick(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }

  // The network that gives `result`, with `type` ("float[1,6,64] x") as its input and a product before it, so that what
  // stands behind reads a computed tensor. Weights are added by the caller.
  OnnxFile file(const std::string& before, const std::string& result, const std::string& shape) {
    OnnxFile made(
        fmt::format("(float[{0}] x) => (float[{0}] y) {{ {1}\n last = Constant <value = int64[1] {{-1}}> ()\n"
                    " {2} y = Identity({3}) }}",
                    shape, before, text_, result));
    for (const auto& [name, value] : numbers_) made.scalar(name, value);
    return made;
  }
  const std::string& text() const { return text_; }

 private:
  std::mt19937 random_;
  int counter_ = 0;
  std::string text_;
  std::vector<std::pair<std::string, float>> numbers_;
};

}  // namespace lanewise::network::testing
