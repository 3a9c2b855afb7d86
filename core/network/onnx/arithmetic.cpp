// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/arithmetic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "core/network/onnx/attributes.hpp"

namespace lanewise::network::importing {

namespace {

using Inputs = std::vector<const Constant*>;
using Result = std::optional<Constant>;
using Whole = std::int64_t;

// One operator of two operands, on whole numbers (false: not computable) and on real ones.
struct Binary {
  bool (*whole)(Whole, Whole, Whole&);
  double (*real)(double, double);
  bool compares = false;  // the result is a truth value whatever the operands are
};

bool divide(Whole a, Whole b, Whole& result) {
  if (b == 0 || (a == std::numeric_limits<Whole>::min() && b == -1)) return false;
  result = a / b;
  return true;
}

bool modulo(Whole a, Whole b, Whole& result) {
  if (b == 0 || b == -1) return false;
  result = a % b;
  if (result != 0 && (result < 0) != (b < 0)) result += b;
  return true;
}

bool power(Whole a, Whole b, Whole& result) {
  const double value = std::pow(static_cast<double>(a), static_cast<double>(b));
  if (!(std::fabs(value) < 9e15)) return false;
  result = static_cast<Whole>(std::llround(value));
  return true;
}

template <bool (*Compare)(double, double)>
constexpr Binary comparison() {
  return {[](Whole a, Whole b, Whole& r) {
            r = Compare(static_cast<double>(a), static_cast<double>(b)) ? 1 : 0;
            return true;
          },
          [](double a, double b) { return Compare(a, b) ? 1.0 : 0.0; }, true};
}
bool equal(double a, double b) { return a == b; }
bool less(double a, double b) { return a < b; }
bool less_or_equal(double a, double b) { return a <= b; }
bool greater(double a, double b) { return a > b; }
bool greater_or_equal(double a, double b) { return a >= b; }
bool both(double a, double b) { return a != 0 && b != 0; }
bool either(double a, double b) { return a != 0 || b != 0; }
bool one(double a, double b) { return (a != 0) != (b != 0); }

const std::map<std::string, Binary>& binaries() {
  static const std::map<std::string, Binary> table = {
      {"Add",
       {[](Whole a, Whole b, Whole& r) { return !__builtin_add_overflow(a, b, &r); },
        [](double a, double b) { return a + b; }}},
      {"Sub",
       {[](Whole a, Whole b, Whole& r) { return !__builtin_sub_overflow(a, b, &r); },
        [](double a, double b) { return a - b; }}},
      {"Mul",
       {[](Whole a, Whole b, Whole& r) { return !__builtin_mul_overflow(a, b, &r); },
        [](double a, double b) { return a * b; }}},
      {"Div", {divide, [](double a, double b) { return a / b; }}},
      {"Mod", {modulo, [](double a, double b) { return std::fmod(a, b); }}},
      {"Pow", {power, [](double a, double b) { return std::pow(a, b); }}},
      {"Max",
       {[](Whole a, Whole b, Whole& r) {
          r = std::max(a, b);
          return true;
        },
        [](double a, double b) { return std::max(a, b); }}},
      {"Min",
       {[](Whole a, Whole b, Whole& r) {
          r = std::min(a, b);
          return true;
        },
        [](double a, double b) { return std::min(a, b); }}},
      {"Equal", comparison<equal>()},
      {"Less", comparison<less>()},
      {"LessOrEqual", comparison<less_or_equal>()},
      {"Greater", comparison<greater>()},
      {"GreaterOrEqual", comparison<greater_or_equal>()},
      {"And", comparison<both>()},
      {"Or", comparison<either>()},
      {"Xor", comparison<one>()},
  };
  return table;
}

// Halves go to the even neighbour, as the operator set says.
double round_half_to_even(double value) {
  const double rounded = std::round(value);
  return std::fabs(value - std::trunc(value)) == 0.5 ? 2.0 * std::round(value / 2.0) : rounded;
}

const std::map<std::string, double (*)(double)>& unaries() {
  static const std::map<std::string, double (*)(double)> table = {
      {"Abs", [](double x) { return std::fabs(x); }},
      {"Ceil", [](double x) { return std::ceil(x); }},
      {"Cos", [](double x) { return std::cos(x); }},
      {"Erf", [](double x) { return std::erf(x); }},
      {"Exp", [](double x) { return std::exp(x); }},
      {"Floor", [](double x) { return std::floor(x); }},
      {"Log", [](double x) { return std::log(x); }},
      {"Neg", [](double x) { return -x; }},
      {"Not", [](double x) { return x == 0 ? 1. : 0.; }},
      {"Reciprocal", [](double x) { return 1.0 / x; }},
      {"Round", round_half_to_even},
      {"Sign", [](double x) { return x > 0   ? 1.
                                     : x < 0 ? -1.
                                             : 0.; }},
      {"Sin", [](double x) { return std::sin(x); }},
      {"Sqrt", [](double x) { return std::sqrt(x); }},
  };
  return table;
}

// The shape that both broadcast to, as numpy does it.
std::optional<Shape> broadcast_shape(const Shape& a, const Shape& b) {
  Shape shape(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const Whole x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const Whole y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) return std::nullopt;
    shape[shape.size() - 1 - i] = x == 1 ? y : x;
  }
  return shape;
}

// Position in a constant of `shape` of the element that stands at `flat` of the larger `whole`.
std::size_t broadcast_position(const Shape& shape, const Shape& whole, Whole flat) {
  Whole position = 0;
  Whole stride = 1;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const Whole size = whole[whole.size() - 1 - i];
    const Whole index = flat % size;
    flat /= size;
    if (i >= shape.size()) break;
    const Whole own = shape[shape.size() - 1 - i];
    if (own > 1) position += index * stride;
    stride *= own;
  }
  return static_cast<std::size_t>(position);
}

Result apply_binary(const Binary& binary, const Constant& a, const Constant& b) {
  const std::optional<Shape> shape = broadcast_shape(a.shape, b.shape);
  if (!shape) return std::nullopt;
  const std::optional<Whole> count = element_count(*shape);
  if (!count || *count > kLargestConstant) return std::nullopt;
  Constant result;
  result.shape = *shape;
  const bool as_real = a.is_real || b.is_real;
  result.is_real = as_real && !binary.compares;
  for (Whole i = 0; i < *count; ++i) {
    const std::size_t x = broadcast_position(a.shape, *shape, i);
    const std::size_t y = broadcast_position(b.shape, *shape, i);
    if (as_real) {
      const double value = binary.real(a.as_real(x), b.as_real(y));
      if (result.is_real) {
        result.real.push_back(value);
      } else {
        result.whole.push_back(value != 0 ? 1 : 0);
      }
    } else {
      Whole value = 0;
      if (!binary.whole(a.whole[x], b.whole[y], value)) return std::nullopt;
      result.whole.push_back(value);
    }
  }
  return result;
}

Result apply_unary(double (*function)(double), const Constant& input) {
  Constant result = input;
  for (double& value : result.real) value = function(value);
  for (Whole& value : result.whole) {
    // Beyond 2^53 a double no longer holds every whole number.
    if (value > (Whole{1} << 53) || value < -(Whole{1} << 53)) return std::nullopt;
    const double image = function(static_cast<double>(value));
    if (!(std::fabs(image) < 9e15)) return std::nullopt;
    value = static_cast<Whole>(image);
  }
  return result;
}

Result cast(const onnx::NodeProto& node, const Constant& input) {
  const Whole type = integer(node, "to", 0);
  Constant result;
  result.shape = input.shape;
  switch (type) {
    case onnx::TensorProto::UNDEFINED:  // by name, before operator set 6
      return std::nullopt;
    case onnx::TensorProto::FLOAT:
    case onnx::TensorProto::DOUBLE:
    case onnx::TensorProto::FLOAT16:
    case onnx::TensorProto::BFLOAT16:
      result.is_real = true;
      for (std::size_t i = 0; i < input.size(); ++i) result.real.push_back(input.as_real(i));
      return result;
    case onnx::TensorProto::BOOL:
      for (std::size_t i = 0; i < input.size(); ++i) result.whole.push_back(input.as_real(i) != 0 ? 1 : 0);
      return result;
    case onnx::TensorProto::STRING:
      return std::nullopt;
    default:
      result.whole = input.all_whole();
      return result;
  }
}

Result where(const Constant& condition, const Constant& yes, const Constant& no) {
  const auto first = broadcast_shape(condition.shape, yes.shape);
  if (!first) return std::nullopt;
  const auto shape = broadcast_shape(*first, no.shape);
  const auto count = shape ? element_count(*shape) : std::nullopt;
  if (!count || *count > kLargestConstant) return std::nullopt;
  Constant result;
  result.shape = *shape;
  result.is_real = yes.is_real || no.is_real;
  for (Whole i = 0; i < *count; ++i) {
    const bool chosen = condition.as_real(broadcast_position(condition.shape, *shape, i)) != 0;
    const Constant& from = chosen ? yes : no;
    const std::size_t at = broadcast_position(from.shape, *shape, i);
    if (result.is_real) {
      result.real.push_back(from.as_real(at));
    } else {
      result.whole.push_back(from.whole[at]);
    }
  }
  return result;
}

Result range(const Constant& start, const Constant& limit, const Constant& delta) {
  if (start.size() != 1 || limit.size() != 1 || delta.size() != 1 || delta.as_real(0) == 0) return std::nullopt;
  const double steps = std::ceil((limit.as_real(0) - start.as_real(0)) / delta.as_real(0));
  if (!(steps <= static_cast<double>(kLargestConstant))) return std::nullopt;
  const auto count = static_cast<Whole>(std::max(steps, 0.0));
  Constant result;
  result.shape = {count};
  result.is_real = start.is_real;
  for (Whole i = 0; i < count; ++i) {
    if (result.is_real) {
      result.real.push_back(start.as_real(0) + static_cast<double>(i) * delta.as_real(0));
    } else {
      result.whole.push_back(start.whole[0] + i * delta.as_whole(0));
    }
  }
  return result;
}

// The axes that a reduction takes together, as a mark for each; nothing where they do not fit.
std::optional<std::vector<bool>> reduced_axes(const onnx::NodeProto& node, const Inputs& inputs) {
  const auto rank = static_cast<Whole>(inputs[0]->shape.size());
  std::vector<Whole> axes = integers(node, "axes");
  if (inputs.size() > 1 && inputs[1] != nullptr) axes = inputs[1]->all_whole();
  std::vector<bool> marks(inputs[0]->shape.size(), axes.empty() && integer(node, "noop_with_empty_axes", 0) == 0);
  for (const Whole axis : axes) {
    if (axis < -rank || axis >= rank) return std::nullopt;
    marks[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)] = true;
  }
  return marks;
}

// What shape arithmetic reduces: products and sums of dimensions, extremes.
Result reduce(const onnx::NodeProto& node, const Inputs& inputs) {
  static const std::map<std::string, const char*> steps = {
      {"ReduceProd", "Mul"}, {"ReduceSum", "Add"}, {"ReduceMax", "Max"}, {"ReduceMin", "Min"}};
  const Constant& input = *inputs[0];
  const std::optional<std::vector<bool>> gone = reduced_axes(node, inputs);
  if (input.size() == 0 || !gone) return std::nullopt;
  const Binary& step = binaries().at(steps.at(node.op_type()));
  const bool keeps = integer(node, "keepdims", 1) != 0;
  Constant result;
  result.is_real = input.is_real;
  Shape wide = input.shape;  // the result's, with axes of 1
  for (std::size_t i = 0; i < wide.size(); ++i) {
    if ((*gone)[i]) wide[i] = 1;
    if (!(*gone)[i] || keeps) result.shape.push_back(wide[i]);
  }
  const auto count = static_cast<std::size_t>(*element_count(wide));
  std::vector<bool> started(count, false);
  result.is_real ? result.real.resize(count) : result.whole.resize(count);
  for (std::size_t i = 0; i < input.size(); ++i) {
    const std::size_t at = broadcast_position(wide, input.shape, static_cast<Whole>(i));
    if (input.is_real) {
      result.real[at] = started[at] ? step.real(result.real[at], input.real[i]) : input.real[i];
    } else if (!started[at]) {
      result.whole[at] = input.whole[i];
    } else if (!step.whole(result.whole[at], input.whole[i], result.whole[at])) {
      return std::nullopt;
    }
    started[at] = true;
  }
  return result;
}

// A constant quantised with one scale, as the real numbers it stands for.
Result dequantize(const Inputs& inputs) {
  if (inputs.size() < 2 || inputs[1] == nullptr || inputs[1]->size() != 1) return std::nullopt;
  const bool has_zero = inputs.size() > 2 && inputs[2] != nullptr && inputs[2]->size() == 1;
  const double zero = has_zero ? inputs[2]->as_real(0) : 0.0;
  Constant result;
  result.shape = inputs[0]->shape;
  result.is_real = true;
  for (std::size_t i = 0; i < inputs[0]->size(); ++i) {
    result.real.push_back((inputs[0]->as_real(i) - zero) * inputs[1]->as_real(0));
  }
  return result;
}

// Inputs that the operator cannot do without.
const std::map<std::string, std::size_t>& others() {
  static const std::map<std::string, std::size_t> table = {
      {"Cast", 1},      {"DequantizeLinear", 2}, {"Range", 3},     {"ReduceMax", 1},
      {"ReduceMin", 1}, {"ReduceProd", 1},       {"ReduceSum", 1}, {"Where", 3}};
  return table;
}

}  // namespace

bool is_arithmetic(const std::string& type) {
  return binaries().count(type) > 0 || unaries().count(type) > 0 || others().count(type) > 0;
}

std::optional<Constant> evaluate_arithmetic(const onnx::NodeProto& node, const std::vector<const Constant*>& inputs) {
  const std::string& type = node.op_type();
  const auto binary = binaries().find(type);
  const auto unary = unaries().find(type);
  const auto other = others().find(type);
  if (other == others().end() && binary == binaries().end() && unary == unaries().end()) return std::nullopt;
  const std::size_t needed = other != others().end() ? other->second : binary != binaries().end() ? 2 : 1;
  if (inputs.size() < needed) return std::nullopt;
  for (std::size_t i = 0; i < needed; ++i) {
    if (inputs[i] == nullptr) return std::nullopt;
  }
  if (binary != binaries().end()) {
    return inputs.size() == 2 ? apply_binary(binary->second, *inputs[0], *inputs[1]) : std::nullopt;
  }
  if (unary != unaries().end()) return apply_unary(unary->second, *inputs[0]);
  if (type == "Cast") return cast(node, *inputs[0]);
  if (type == "DequantizeLinear") return dequantize(inputs);
  if (type == "Range") return range(*inputs[0], *inputs[1], *inputs[2]);
  if (type == "Where") return where(*inputs[0], *inputs[1], *inputs[2]);
  return reduce(node, inputs);
}

}  // namespace lanewise::network::importing
