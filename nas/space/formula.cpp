// SPDX-License-Identifier: Apache-2.0
#include "nas/space/formula.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"

namespace lanewise::nas {

namespace {

template <class Quantity, Quantity (*parse)(const std::string&)>
double count_of(const std::string& text) {
  return static_cast<double>(parse(text).count());
}

struct Unit {
  const char* name;
  double (*read)(const std::string& quantity);
};
// Longer names before those that they begin with.
constexpr Unit kUnits[] = {
    {"KiB", count_of<Bytes, parse_bytes>},
    {"MiB", count_of<Bytes, parse_bytes>},
    {"GiB", count_of<Bytes, parse_bytes>},
    {"B/cycle", count_of<BytesPerCycle, parse_bytes_per_cycle>},
    {"B", count_of<Bytes, parse_bytes>},
    {"MB/s", count_of<BytesPerSecond, parse_bytes_per_second>},
    {"GB/s", count_of<BytesPerSecond, parse_bytes_per_second>},
    {"kHz", count_of<Hertz, parse_hertz>},
    {"MHz", count_of<Hertz, parse_hertz>},
    {"GHz", count_of<Hertz, parse_hertz>},
    {"Hz", count_of<Hertz, parse_hertz>},
    {"pJ/B", count_of<PicojoulesPerByte, parse_picojoules_per_byte>},
    {"fJ", count_of<Picojoules, parse_picojoules>},
    {"pJ", count_of<Picojoules, parse_picojoules>},
    {"nJ", count_of<Picojoules, parse_picojoules>},
    {"uW", count_of<Milliwatts, parse_milliwatts>},
    {"mW", count_of<Milliwatts, parse_milliwatts>},
    {"W", count_of<Milliwatts, parse_milliwatts>},
    {"um2", count_of<SquareMillimetres, parse_square_millimetres>},
    {"mm2", count_of<SquareMillimetres, parse_square_millimetres>},
    {"ns", count_of<Seconds, parse_seconds>},
    {"us", count_of<Seconds, parse_seconds>},
    {"ms", count_of<Seconds, parse_seconds>},
    {"s", count_of<Seconds, parse_seconds>},
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool in_name(char c) { return is_letter(c) || is_digit(c) || c == '.'; }

}  // namespace

// Recursive descent: sums of products of signed factors.
class FormulaParser {
 public:
  explicit FormulaParser(const std::string& text) { formula_.text_ = text; }

  Formula run() {
    sum(0);
    if (at_ != text().size()) fail("an operator is missing");
    return std::move(formula_);
  }

 private:
  using Kind = Formula::Step::Kind;
  static constexpr int kDeepest = 32;
  static constexpr std::size_t kMostSteps = 500;

  const std::string& text() const { return formula_.text_; }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("formula '{}': {} at character {}", text(), what, at_ + 1));
  }
  void skip() {
    while (at_ < text().size() && text()[at_] == ' ') ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ >= text().size() || text()[at_] != c) return false;
    ++at_;
    skip();
    return true;
  }
  void add(Kind kind, double number = 0, std::size_t name = 0) {
    if (formula_.steps_.size() >= kMostSteps) fail("more than 500 terms");
    formula_.steps_.push_back({kind, number, name});
  }

  void sum(int depth) {
    if (depth >= kDeepest) fail("nested too deep");
    product(depth);
    for (;;) {
      if (take('+')) {
        product(depth);
        add(Kind::kAdd);
      } else if (take('-')) {
        product(depth);
        add(Kind::kSubtract);
      } else {
        return;
      }
    }
  }

  void product(int depth) {
    factor(depth);
    for (;;) {
      if (take('*')) {
        factor(depth);
        add(Kind::kMultiply);
      } else if (take('/')) {
        factor(depth);
        add(Kind::kDivide);
      } else {
        return;
      }
    }
  }

  void factor(int depth) {
    if (depth >= kDeepest) fail("nested too deep");
    if (take('-')) {
      factor(depth + 1);
      return add(Kind::kNegate);
    }
    if (take('(')) {
      sum(depth + 1);
      if (!take(')')) fail("')' is missing");
      return;
    }
    skip();
    if (at_ < text().size() && (is_digit(text()[at_]) || text()[at_] == '.')) return number();
    if (at_ < text().size() && is_letter(text()[at_])) return name(depth);
    fail("a number or a name is missing");
  }

  void number() {
    double value = 0;
    const char* const begin = text().data() + at_;
    const auto [end, status] = std::from_chars(begin, text().data() + text().size(), value);
    if (status != std::errc()) fail("a number is out of range");
    at_ += static_cast<std::size_t>(end - begin);
    const std::string digits(begin, end);
    skip();
    for (const Unit& unit : kUnits) {
      const std::string name = unit.name;
      if (text().compare(at_, name.size(), name) != 0) continue;
      if (at_ + name.size() < text().size() && in_name(text()[at_ + name.size()])) continue;
      at_ += name.size();
      skip();
      return add(Kind::kNumber, unit.read(digits + " " + name));
    }
    add(Kind::kNumber, value);
  }

  void name(int depth) {
    const std::size_t begin = at_;
    while (at_ < text().size() && in_name(text()[at_])) ++at_;
    const std::string word = text().substr(begin, at_ - begin);
    if (take('(')) return call(word, depth);
    skip();
    std::vector<std::string>& names = formula_.names_;
    const auto found = std::find(names.begin(), names.end(), word);
    const auto index = static_cast<std::size_t>(found - names.begin());
    if (found == names.end()) names.push_back(word);
    add(Kind::kName, 0, index);
  }

  void call(const std::string& function, int depth) {
    const bool several = function == "min" || function == "max";
    const Kind kind = function == "min"     ? Kind::kMin
                      : function == "max"   ? Kind::kMax
                      : function == "ceil"  ? Kind::kCeil
                      : function == "floor" ? Kind::kFloor
                                            : Kind::kRound;
    if (kind == Kind::kRound && function != "round") {
      fail(fmt::format("'{}' is no function: known are min, max, ceil, floor, round,", function));
    }
    sum(depth + 1);
    int operands = 1;
    for (; several && take(','); ++operands) {
      sum(depth + 1);
      add(kind);
    }
    if (!take(')')) fail("')' is missing");
    if (several && operands == 1) fail(fmt::format("{} needs two or more operands", function));
    if (!several) add(kind);
  }

  Formula formula_;
  std::size_t at_ = 0;
};

Formula Formula::parse(const std::string& text) { return FormulaParser(text).run(); }

double Formula::apply(const Step& step, std::vector<double>& stack) const {
  using Kind = Step::Kind;
  const double right = stack.back();
  if (step.kind == Kind::kNegate) return -right;
  if (step.kind == Kind::kCeil) return std::ceil(right);
  if (step.kind == Kind::kFloor) return std::floor(right);
  if (step.kind == Kind::kRound) return std::round(right);
  stack.pop_back();
  const double left = stack.back();
  switch (step.kind) {
    case Kind::kAdd:
      return left + right;
    case Kind::kSubtract:
      return left - right;
    case Kind::kMultiply:
      return left * right;
    case Kind::kDivide:
      if (right == 0) throw Error(fmt::format("formula '{}': divides by zero", text_));
      return left / right;
    case Kind::kMin:
      return std::min(left, right);
    default:
      return std::max(left, right);
  }
}

double Formula::evaluate(const std::vector<double>& values) const {
  std::vector<double> stack;
  for (const Step& step : steps_) {
    if (step.kind == Step::Kind::kNumber) {
      stack.push_back(step.number);
    } else if (step.kind == Step::Kind::kName) {
      stack.push_back(values.at(step.name));
    } else {
      const double result = apply(step, stack);
      stack.back() = result;
    }
  }
  if (!std::isfinite(stack.back())) throw Error(fmt::format("formula '{}': gives no finite number", text_));
  return stack.back();
}

}  // namespace lanewise::nas
