// SPDX-License-Identifier: Apache-2.0
// Activation functions, and those that a vendor's domain joins to a bias.
#include <cmath>

#include "core/network/onnx/lowerings/lowerings.hpp"
#include "core/network/onnx/lowerings/writer.hpp"

namespace lanewise::network::importing {

namespace {

using Tensor = Writer::Tensor;

constexpr double kQuickGelu = 1.702;  // x * sigmoid(1.702 x) approximates GELU

bool as_activation(Lowering& l, const char* type) {
  Writer w(l);
  w.set_result(0, w.stated(type, {w.input(0)}, l.shape(0)));
  return true;
}

// The operator came to the default domain with this set; before, the name means nothing there.
template <int since>
bool is_new(const Lowering& l) {
  return l.opset() >= since;
}

bool lower_gelu(Lowering& l) { return is_new<20>(l) && as_activation(l, "Gelu"); }

bool lower_mish(Lowering& l) { return is_new<18>(l) && as_activation(l, "Mish"); }

bool lower_swish(Lowering& l) { return as_activation(l, "Silu"); }

// x * sigmoid(alpha x).
bool lower_quick_gelu(Lowering& l) {
  const bool is_gelu = std::fabs(real(l.proto(), "alpha", kQuickGelu) - kQuickGelu) < 1e-3;
  return as_activation(l, is_gelu ? "Gelu" : "Silu");
}

// GELU of the input plus a vector along the last axis, which may be absent.
bool lower_bias_gelu(Lowering& l) {
  Writer w(l);
  const Tensor sum = l.has(1) ? w.add(w.input(0), w.input(1)) : w.input(0);
  w.set_result(0, w.stated("Gelu", {sum}, sum.shape));
  return true;
}

// The biased input's two halves along the last axis: the left one times the GELU of the right one.
bool lower_bias_split_gelu(Lowering& l) {
  Writer w(l);
  const Tensor sum = w.add(w.input(0), w.input(1));
  w.require(!sum.shape.empty() && sum.shape.back() > 0 && sum.shape.back() % 2 == 0, "an even last dimension");
  const std::int64_t half = sum.shape.back() / 2;
  const std::vector<Tensor> parts = w.split(sum, sum.shape.size() - 1, {half, half});
  w.set_result(0, w.binary("Mul", parts[0], w.stated("Gelu", {parts[1]}, parts[1].shape)));
  return true;
}

bool lower_bias_add(Lowering& l) {
  Writer w(l);
  Tensor sum = w.add(w.input(0), w.input(1));
  if (l.has(2)) sum = w.add(sum, w.input(2));
  w.set_result(0, sum);
  return true;
}

// Softmax over the axes from `axis` on.
bool lower_bias_softmax(Lowering& l) {
  Writer w(l);
  Tensor bias = w.input(1);
  const Tensor x = w.input(0);
  const auto rank = static_cast<std::int64_t>(x.shape.size());
  std::int64_t axis = integer(l.proto(), "axis", 1);
  if (axis < 0) axis += rank;
  w.require(axis >= 0 && axis < rank, "an axis within its input");
  const Tensor sum = w.add(x, bias);
  w.require(sum.shape == x.shape, "a bias that fits its input");
  Shape flat{1, 1};
  for (std::int64_t i = 0; i < rank; ++i) flat[i < axis ? 0 : 1] *= x.shape[static_cast<std::size_t>(i)];
  const bool last = axis == rank - 1;
  const Tensor before = last ? sum : w.reshape(sum, flat);
  const Tensor after = w.unary("Softmax", before, {attribute("axis", std::int64_t{-1})});
  w.set_result(0, w.reshape(after, x.shape));
  return true;
}

// Dropout leaves everything as it is where a network is only used.
bool lower_bias_dropout(Lowering& l) {
  Writer w(l);
  Tensor sum = w.add(w.input(0), w.input(1));
  if (l.has(2)) sum = w.add(sum, w.input(2));
  w.set_result(0, sum);
  return true;
}

}  // namespace

const std::vector<LoweringRow>& activation_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"", "Gelu", lower_gelu},
      {"", "Mish", lower_mish},
      {"", "Silu", lower_swish},
      {"", "Swish", lower_swish},
      {kMicrosoft, "BiasAdd", lower_bias_add},
      {kMicrosoft, "BiasDropout", lower_bias_dropout},
      {kMicrosoft, "BiasGelu", lower_bias_gelu},
      {kMicrosoft, "BiasSoftmax", lower_bias_softmax},
      {kMicrosoft, "BiasSplitGelu", lower_bias_split_gelu},
      {kMicrosoft, "FastGelu", lower_bias_gelu},
      {kMicrosoft, "QuickGelu", lower_quick_gelu},
      {kMicrosoft, "Silu", lower_swish},
      {kMicrosoft, "Swish", lower_swish},
  };
  return rows;
}

}  // namespace lanewise::network::importing
