// SPDX-License-Identifier: Apache-2.0
// Functions of single numbers and of several operands.
#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "accuracy/network/operation.hpp"

namespace lanewise::accuracy {

namespace {

using network::ActivationFunction;
using network::ElementwiseFunction;
using torch::Tensor;
using Unary = std::function<Tensor(const Tensor&)>;

Compute of_one(Unary function) {
  return [function = std::move(function)](Call& call) -> std::vector<Tensor> { return {function(call.inputs[0])}; };
}

Compute clamp(double low, double high) {
  return [=](Call& call) -> std::vector<Tensor> {
    Tensor& x = call.inputs[0];
    return {call.overwrites ? at::hardtanh_(x, low, high) : at::hardtanh(x, low, high)};
  };
}

// The bounds of the file's own Clip; a bound that it lacks is infinite.
Compute make_clip(const Described& d) {
  if (d.details == nullptr) d.refuse("its bounds are only known from the file that it came from");
  const double infinity = std::numeric_limits<double>::infinity();
  const double low = d.number("min", -infinity), high = d.number("max", infinity);
  if (std::isnan(low) || std::isnan(high)) d.refuse("its bounds are computed, or their numbers are not in the file");
  return clamp(low, high);
}

Compute make_rectifier(const Described& d) {
  if (d.op.source_type == "ThresholdedRelu") {
    const double alpha = d.number("alpha", 1);
    return of_one([=](const Tensor& x) { return at::threshold(x, alpha, 0); });
  }
  if (d.op.source_type == "Shrink") {
    const double lambda = d.number("lambd", 0.5), bias = d.number("bias", 0);
    return of_one([=](const Tensor& x) {
      return at::where(x > lambda, x - bias, at::where(x < -lambda, x + bias, at::zeros_like(x)));
    });
  }
  return [](Call& call) -> std::vector<Tensor> {
    return {call.overwrites ? at::relu_(call.inputs[0]) : at::relu(call.inputs[0])};
  };
}

Compute make_exponential_unit(const Described& d) {
  if (d.op.source_type == "Selu") {
    const double alpha = d.number("alpha", 1.67326319217681884765625),
                 gamma = d.number("gamma", 1.05070102214813232421875);
    return of_one([=](const Tensor& x) { return at::elu(x, alpha, gamma); });
  }
  const double alpha = d.number("alpha", 1);
  if (d.op.source_type == "Celu") return of_one([=](const Tensor& x) { return at::celu(x, alpha); });
  return of_one([=](const Tensor& x) { return at::elu(x, alpha); });
}

// ONNX's own slope is .2; without a file it is that of PyTorch, as for hard swish.
Compute make_hard_sigmoid(const Described& d) {
  constexpr double kTorchSlope = 1.0 / 6, kOnnxSlope = 0.2;
  const bool from_file = d.details != nullptr && d.details->type == "HardSigmoid";
  const double alpha = d.number("alpha", from_file ? kOnnxSlope : kTorchSlope), beta = d.number("beta", 0.5);
  // As near to a sixth as files write it, six digits.
  if (std::fabs(alpha - kTorchSlope) < 1e-6 && beta == 0.5) {
    return of_one([](const Tensor& x) { return at::hardsigmoid(x); });
  }
  return of_one([=](const Tensor& x) { return (x * alpha + beta).clamp(0, 1); });
}

// Each alone on its line, since what costs the same shares an enumerator.
Compute make_transcendental(const Described& d) {
  static const std::map<std::string, Unary> functions = {
      {"Exp", [](const Tensor& x) { return x.exp(); }},     {"Acos", [](const Tensor& x) { return x.acos(); }},
      {"Acosh", [](const Tensor& x) { return x.acosh(); }}, {"Asin", [](const Tensor& x) { return x.asin(); }},
      {"Asinh", [](const Tensor& x) { return x.asinh(); }}, {"Atan", [](const Tensor& x) { return x.atan(); }},
      {"Atanh", [](const Tensor& x) { return x.atanh(); }}, {"Cos", [](const Tensor& x) { return x.cos(); }},
      {"Cosh", [](const Tensor& x) { return x.cosh(); }},   {"Sin", [](const Tensor& x) { return x.sin(); }},
      {"Sinh", [](const Tensor& x) { return x.sinh(); }},   {"Tan", [](const Tensor& x) { return x.tan(); }},
  };
  const auto row = functions.find(d.op.source_type.empty() ? "Exp" : d.op.source_type);
  if (row == functions.end()) d.refuse("which function of the exponential's cost it is, nothing says");
  return of_one(row->second);
}

Compute make_rounding(const Described& d) {
  if (d.op.source_type == "Ceil") return of_one([](const Tensor& x) { return x.ceil(); });
  if (d.op.source_type == "Round") return of_one([](const Tensor& x) { return x.round(); });
  return of_one([](const Tensor& x) { return x.floor(); });
}

Compute make_gelu(const Described& d) {
  const std::string approximation = d.text("approximate", "none");
  if (approximation == "quick") {
    constexpr double kQuick = 1.702;
    return of_one([](const Tensor& x) { return x * at::sigmoid(x * kQuick); });
  }
  return of_one([=](const Tensor& x) { return at::gelu(x, approximation); });
}

// The slope lies as in the file: broadcast against the input from the last axis on.
Compute make_parametric(const Described& d) {
  if (d.op.weights.size() != 1) d.refuse("it has no constant slope");
  return [](Call& call) -> std::vector<Tensor> {
    const Tensor& x = call.inputs[0];
    return {at::where(x > 0, x, x * call.weights[0])};
  };
}

Compute make_negation(const Described& d) {
  if (d.op.source_type == "Not") return of_one([](const Tensor& x) { return x.eq(0).to(x.scalar_type()); });
  return of_one([](const Tensor& x) { return -x; });
}

Compute make_silu(const Described& d) {
  if (d.op.source_type == "Mish") return of_one([](const Tensor& x) { return at::mish(x); });
  const double slope = d.number("alpha", 1);
  if (slope != 1) return of_one([=](const Tensor& x) { return x * at::sigmoid(x * slope); });
  return of_one([](const Tensor& x) { return at::silu(x); });
}

Tensor compare(const std::string& type, const Tensor& a, const Tensor& b) {
  if (type == "Less") return a < b;
  if (type == "LessOrEqual") return a <= b;
  if (type == "Greater") return a > b;
  if (type == "GreaterOrEqual") return a >= b;
  if (type == "Equal") return a == b;
  if (type == "And") return a.ne(0) & b.ne(0);
  if (type == "Or") return a.ne(0) | b.ne(0);
  return a.ne(0) ^ b.ne(0);  // Xor
}

Compute make_comparison(const Described& d) {
  static const char* const kTypes[] = {"Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal", "And", "Or", "Xor"};
  const std::string type = d.op.source_type;
  if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes)) {
    d.refuse("which comparison it is, nothing says");
  }
  return [d, type](Call& call) -> std::vector<Tensor> {
    const std::vector<Tensor> both = d.operands(call);
    return {compare(type, both.at(0), both.at(1)).to(at::kFloat)};
  };
}

Tensor combine(ElementwiseFunction function, const Tensor& a, const Tensor& b) {
  switch (function) {
    case ElementwiseFunction::kAdd:
      return a + b;
    case ElementwiseFunction::kSubtract:
      return a - b;
    case ElementwiseFunction::kMultiply:
      return a * b;
    case ElementwiseFunction::kDivide:
      return a / b;
    case ElementwiseFunction::kMaximum:
      return at::maximum(a, b);
    case ElementwiseFunction::kMinimum:
      return at::minimum(a, b);
    case ElementwiseFunction::kPower:
      return at::pow(a, b);
    default:
      return a;  // comparisons and choices have functions of their own
  }
}

}  // namespace

Compute make_activation(const Described& d) {
  constexpr double kLeak = 0.01;  // ONNX's own default, and PyTorch's
  switch (d.op.activation) {
    case ActivationFunction::kRelu:
      return make_rectifier(d);
    case ActivationFunction::kRelu6:
      return clamp(0, 6);
    case ActivationFunction::kClip:
      return make_clip(d);
    case ActivationFunction::kLeakyRelu: {
      const double slope = d.number("alpha", kLeak);
      return of_one([=](const Tensor& x) { return at::leaky_relu(x, slope); });
    }
    case ActivationFunction::kPRelu:
      return make_parametric(d);
    case ActivationFunction::kElu:
      return make_exponential_unit(d);
    case ActivationFunction::kSigmoid:
      return of_one([](const Tensor& x) { return at::sigmoid(x); });
    case ActivationFunction::kHardSigmoid:
      return make_hard_sigmoid(d);
    case ActivationFunction::kTanh:
      if (d.op.source_type == "Softsign") return of_one([](const Tensor& x) { return x / (x.abs() + 1); });
      return of_one([](const Tensor& x) { return at::tanh(x); });
    case ActivationFunction::kHardSwish:
      return of_one([](const Tensor& x) { return at::hardswish(x); });
    case ActivationFunction::kSilu:
      return make_silu(d);
    case ActivationFunction::kGelu:
      return make_gelu(d);
    case ActivationFunction::kErf:
      return of_one([](const Tensor& x) { return at::erf(x); });
    case ActivationFunction::kExp:
      return make_transcendental(d);
    case ActivationFunction::kLog:
      return of_one([](const Tensor& x) { return at::log(x); });
    case ActivationFunction::kSqrt:
      return of_one([](const Tensor& x) { return at::sqrt(x); });
    case ActivationFunction::kSoftplus:
      return of_one([](const Tensor& x) { return at::softplus(x); });
    case ActivationFunction::kReciprocal:
      return of_one([](const Tensor& x) { return at::reciprocal(x); });
    case ActivationFunction::kNegate:
      return make_negation(d);
    case ActivationFunction::kAbs:
      if (d.op.source_type == "Sign") return of_one([](const Tensor& x) { return at::sign(x); });
      return of_one([](const Tensor& x) { return at::abs(x); });
    case ActivationFunction::kFloor:
      return make_rounding(d);
    case ActivationFunction::kNone:
    case ActivationFunction::kCast:
      break;
  }
  d.refuse(fmt::format("the function '{}' computes nothing that is known", to_string(d.op.activation)));
}

Compute make_elementwise(const Described& d) {
  const std::size_t count = d.op.inputs.size() + d.op.weights.size();
  const ElementwiseFunction function = d.op.elementwise;
  const bool commutes = function == ElementwiseFunction::kAdd || function == ElementwiseFunction::kMultiply ||
                        function == ElementwiseFunction::kMaximum || function == ElementwiseFunction::kMinimum;
  if (!commutes && !d.knows_order()) d.refuse("which of its operands is the constant one, only its file says");
  if (function == ElementwiseFunction::kCompare) return make_comparison(d);
  if (function == ElementwiseFunction::kSelect) {
    if (count != 3) d.refuse("it chooses from other than two tensors");
    return [d](Call& call) -> std::vector<Tensor> {
      const std::vector<Tensor> all = d.operands(call);
      return {at::where(all[0].ne(0), all[1], all[2])};
    };
  }
  if (function == ElementwiseFunction::kMultiply && count == 3) {
    d.refuse("how a rotary embedding pairs its numbers the graph does not keep");
  }
  if (count < 2) d.refuse("it has a single operand");
  const bool averages = function == ElementwiseFunction::kAdd && d.op.source_type == "Mean";
  return [=](Call& call) -> std::vector<Tensor> {
    const std::vector<Tensor> all = d.operands(call);
    if (call.overwrites && function == ElementwiseFunction::kAdd && all.size() == 2)
      return {call.inputs[0].add_(all[1])};
    Tensor result = combine(function, all[0], all[1]);
    for (std::size_t i = 2; i < all.size(); ++i) result = combine(function, result, all[i]);
    return {averages ? result / static_cast<double>(all.size()) : result};
  };
}

}  // namespace lanewise::accuracy
