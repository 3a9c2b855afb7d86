// SPDX-License-Identifier: Apache-2.0
// Normalizations: those of newer operator sets and of a vendor's domain, as the ones that the converter times.
#include "core/network/onnx/lowerings/lowerings.hpp"
#include "core/network/onnx/lowerings/writer.hpp"

namespace lanewise::network::importing {

namespace {

using Tensor = Writer::Tensor;

// Over the axes from `axis` on, with parameters that are folded in where they are constants.
Tensor normalized(Writer& w, const Tensor& x, std::int64_t axis, const Tensor* scale, const Tensor* shift) {
  std::vector<Tensor> inputs{x};
  if (scale != nullptr) inputs.push_back(*scale);
  if (shift != nullptr) inputs.push_back(*shift);
  return w.stated("LayerNormalization", inputs, x.shape, {attribute("axis", axis)});
}

// LayerNormalization and RMSNormalization of input `first`, whose scale and shift are the inputs after it where the
// node has them. A scale that is computed is a product of its own.
Tensor normalized_input(Writer& w, const Tensor& x, std::size_t scale_at, std::size_t shift_at) {
  Lowering& l = w.lowering();
  const std::int64_t axis = integer(l.proto(), "axis", -1);
  const auto rank = static_cast<std::int64_t>(x.shape.size());
  w.require(axis >= -rank && axis < rank, "an axis within its input");
  const bool has_scale = l.has(scale_at);
  const bool has_shift = shift_at > 0 && l.has(shift_at);
  const bool constant = (!has_scale || l.is_weight(scale_at)) && (!has_shift || l.is_weight(shift_at));
  if (constant) {
    const Tensor scale = has_scale ? w.input(scale_at) : Tensor{};
    const Tensor shift = has_shift ? w.input(shift_at) : Tensor{};
    return normalized(w, x, axis, has_scale ? &scale : nullptr, has_shift ? &shift : nullptr);
  }
  Tensor result = normalized(w, x, axis, nullptr, nullptr);
  if (has_scale) result = w.binary("Mul", result, w.input(scale_at));
  if (has_shift) result = w.add(result, w.input(shift_at));
  return result;
}

constexpr std::size_t kNoShift = 0;

// Before operator set 17 the name stood for Microsoft's, which is the same.
bool lower_layer_normalization(Lowering& l) {
  Writer w(l);
  w.set_result(0, normalized_input(w, w.input(0), 1, 2));
  return true;
}

// The root mean square alone: no mean is taken off, and there is no shift.
bool lower_rms_normalization(Lowering& l) {
  Writer w(l);
  w.set_result(0, normalized_input(w, w.input(0), 1, kNoShift));
  return true;
}

// The sum with what skipped a layer (and a bias), normalized; the sum itself is an output too.
bool lower_skip(Lowering& l, std::size_t shift_at, std::size_t bias_at) {
  constexpr std::size_t kSum = 3;
  Writer w(l);
  Tensor sum = w.add(w.input(0), w.input(1));
  if (l.has(bias_at)) sum = w.add(sum, w.input(bias_at));
  w.set_result(0, normalized_input(w, sum, 2, shift_at));
  w.set_result(kSum, sum);
  return true;
}
bool lower_skip_layer_normalization(Lowering& l) { return lower_skip(l, 3, 4); }
bool lower_skip_simplified(Lowering& l) { return lower_skip(l, kNoShift, 3); }

// Channels in groups, each normalized with all its pixels.
Tensor group_normalized(Writer& w, const Tensor& x, const Tensor& scale, const Tensor& shift, std::int64_t groups) {
  w.require(x.shape.size() >= 2 && groups > 0 && x.shape[1] % groups == 0, "channels that its groups divide");
  return w.stated("GroupNormalization", {x, scale, shift}, x.shape, {attribute("num_groups", groups)});
}

// Up to operator set 20 there was a scale for a group, since then for a channel.
bool lower_group_normalization(Lowering& l) {
  Writer w(l);
  w.set_result(0, group_normalized(w, w.input(0), w.input(1), w.input(2), integer(l.proto(), "num_groups", 0)));
  return true;
}

// Microsoft's lies channels last unless it says otherwise, and may apply SiLU.
Tensor microsoft_group(Writer& w, const Tensor& x) {
  Lowering& l = w.lowering();
  const bool channels_last = integer(l.proto(), "channels_last", 1) != 0;
  w.require(x.shape.size() == 4, "an input of four dimensions");
  const Tensor turned = channels_last ? w.transpose(x, {0, 3, 1, 2}) : x;
  Tensor result = group_normalized(w, turned, w.input(1), w.input(2), integer(l.proto(), "groups", 0));
  if (integer(l.proto(), "activation", 0) != 0) result = w.stated("Silu", {result}, result.shape);
  return channels_last ? w.transpose(result, {0, 2, 3, 1}) : result;
}

bool lower_microsoft_group_norm(Lowering& l) {
  Writer w(l);
  w.set_result(0, microsoft_group(w, w.input(0)));
  return true;
}

bool lower_skip_group_norm(Lowering& l) {
  Writer w(l);
  Tensor sum = w.add(w.input(0), w.input(3));
  if (l.has(4)) sum = w.add(sum, w.input(4));
  w.set_result(0, microsoft_group(w, sum));
  w.set_result(1, sum);
  return true;
}

bool lower_mean_variance(Lowering& l) {
  Writer w(l);
  const Tensor x = w.input(0);
  std::vector<std::int64_t> axes = integers(l.proto(), "axes");
  if (axes.empty()) axes = {0, 2, 3};
  w.set_result(0, w.stated("MeanVarianceNormalization", {x}, x.shape, {attribute("axes", axes)}));
  return true;
}

// x / norm(x) along one axis.
bool lower_lp_normalization(Lowering& l) {
  Writer w(l);
  const Tensor x = w.input(0);
  const auto rank = static_cast<std::int64_t>(x.shape.size());
  std::int64_t axis = integer(l.proto(), "axis", -1);
  if (axis < 0) axis += rank;
  w.require(axis >= 0 && axis < rank, "an axis within its input");
  const bool first = integer(l.proto(), "p", 2) == 1;
  Shape norms = x.shape;
  norms[static_cast<std::size_t>(axis)] = 1;
  const Tensor norm =
      w.stated(first ? "ReduceL1" : "ReduceL2", {x}, norms,
               {attribute("axes", std::vector<std::int64_t>{axis}), attribute("keepdims", std::int64_t{1})});
  w.set_result(0, w.binary("Div", x, norm));
  return true;
}

}  // namespace

const std::vector<LoweringRow>& normalization_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"", "GroupNormalization", lower_group_normalization},
      {"", "LpNormalization", lower_lp_normalization},
      {"", "MeanVarianceNormalization", lower_mean_variance},
      {"", "RMSNormalization", lower_rms_normalization},
      {"", "SimplifiedLayerNormalization", lower_rms_normalization},
      {kMicrosoft, "GroupNorm", lower_microsoft_group_norm},
      {kMicrosoft, "LayerNormalization", lower_layer_normalization},
      {kMicrosoft, "RMSNormalization", lower_rms_normalization},
      {kMicrosoft, "SimplifiedLayerNormalization", lower_rms_normalization},
      {kMicrosoft, "SkipGroupNorm", lower_skip_group_norm},
      {kMicrosoft, "SkipLayerNormalization", lower_skip_layer_normalization},
      {kMicrosoft, "SkipSimplifiedLayerNormalization", lower_skip_simplified},
  };
  return rows;
}

}  // namespace lanewise::network::importing
