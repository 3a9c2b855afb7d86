// SPDX-License-Identifier: Apache-2.0
// Formulas of space files: "engine.parallelism_factor * engine.dot_product_lanes / 4".
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace lanewise::nas {

// Numbers, quantities ("64 KiB", "12.8 GB/s", in the units in which an EngineConfig stores them), names, + - * /,
// parentheses, and min, max (of two or more), ceil, floor, round (of one).
class Formula {
 public:
  // Throws Error "formula 'TEXT': …" naming what is wrong and where.
  static Formula parse(const std::string& text);
  const std::string& text() const { return text_; }
  // The names that it reads, each once, in the order in which they appear.
  const std::vector<std::string>& names() const { return names_; }
  // `values` are those of names(). Throws Error where it divides by zero or the result is no finite number.
  double evaluate(const std::vector<double>& values) const;

 private:
  friend class FormulaParser;
  // In postfix order: what takes operands takes the last results.
  struct Step {
    enum class Kind { kNumber, kName, kAdd, kSubtract, kMultiply, kDivide, kNegate, kMin, kMax, kCeil, kFloor, kRound };
    Kind kind = Kind::kNumber;
    double number = 0;     // kNumber
    std::size_t name = 0;  // kName
  };
  double apply(const Step& step, std::vector<double>& stack) const;

  std::string text_;
  std::vector<std::string> names_;
  std::vector<Step> steps_;
};

}  // namespace lanewise::nas
