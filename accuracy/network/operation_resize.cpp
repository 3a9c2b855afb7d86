// SPDX-License-Identifier: Apache-2.0
// Maps made larger or smaller, and tensors repeated.
#include <algorithm>
#include <cmath>

#include "accuracy/network/operation.hpp"

namespace lanewise::accuracy {

namespace {

using torch::Tensor;

// Where a position of the output lies among those of the input, by the names of ONNX.
struct Coordinates {
  std::string transformation;
  double scale = 1;  // outputs per input
  std::int64_t in = 1, out = 1;

  double at(std::int64_t position) const {
    const auto x = static_cast<double>(position);
    if (transformation == "asymmetric") return x / scale;
    if (transformation == "align_corners") {
      return out == 1 ? 0 : x * static_cast<double>(in - 1) / static_cast<double>(out - 1);
    }
    if (transformation == "pytorch_half_pixel" && out == 1) return 0;
    return (x + 0.5) / scale - 0.5;
  }
};

std::int64_t round_by(const std::string& mode, double x) {
  if (mode == "floor") return static_cast<std::int64_t>(std::floor(x));
  if (mode == "ceil") return static_cast<std::int64_t>(std::ceil(x));
  if (mode == "round_prefer_ceil") return static_cast<std::int64_t>(std::floor(x + 0.5));
  return static_cast<std::int64_t>(std::ceil(x - 0.5));  // round_prefer_floor
}

Tensor nearest_along(const Tensor& x, std::int64_t axis, const Coordinates& where, const std::string& rounding) {
  std::vector<std::int64_t> from;
  for (std::int64_t i = 0; i < where.out; ++i) {
    from.push_back(std::clamp<std::int64_t>(round_by(rounding, where.at(i)), 0, where.in - 1));
  }
  return x.index_select(axis, torch::tensor(from, torch::kLong).to(x.device()));
}

Tensor linear_along(const Tensor& x, std::int64_t axis, const Coordinates& where) {
  std::vector<std::int64_t> low, high;
  std::vector<double> share;
  for (std::int64_t i = 0; i < where.out; ++i) {
    const double at = std::clamp(where.at(i), 0.0, static_cast<double>(where.in - 1));
    low.push_back(static_cast<std::int64_t>(std::floor(at)));
    high.push_back(std::min(low.back() + 1, where.in - 1));
    share.push_back(at - std::floor(at));
  }
  std::vector<std::int64_t> view(static_cast<std::size_t>(x.dim()), 1);
  view[static_cast<std::size_t>(axis)] = where.out;
  const Tensor weight = torch::tensor(share, torch::kDouble).to(x.options()).view(view);
  const auto take = [&](const std::vector<std::int64_t>& from) {
    return x.index_select(axis, torch::tensor(from, torch::kLong).to(x.device()));
  };
  const Tensor first = take(low);
  return first + (take(high) - first) * weight;
}

struct Interpolation {
  std::string mode, transformation, rounding;
  Sizes in, out;
  std::vector<double> scales;  // by axis
};

Tensor along_each_axis(const Interpolation& how, Tensor x) {
  for (std::size_t axis = 0; axis < how.in.size(); ++axis) {
    if (how.in[axis] == how.out[axis]) continue;
    const Coordinates where{how.transformation, how.scales[axis], how.in[axis], how.out[axis]};
    const auto a = static_cast<std::int64_t>(axis);
    x = how.mode == "nearest" ? nearest_along(x, a, where, how.rounding) : linear_along(x, a, where);
  }
  return x;
}

// Whether libtorch has the interpolation of a map as one function.
bool is_native(const Interpolation& how) {
  if (how.in.size() != 4 || how.in[1] != how.out[1]) return false;
  for (const std::size_t axis : {2U, 3U}) {
    const double scale = static_cast<double>(how.out[axis]) / static_cast<double>(how.in[axis]);
    if (std::fabs(how.scales[axis] - scale) > 1e-9 * scale) return false;
    if (how.transformation == "pytorch_half_pixel" && how.out[axis] == 1 && how.in[axis] > 1) return false;
  }
  const bool half = how.transformation == "half_pixel" || how.transformation == "pytorch_half_pixel";
  if (how.mode == "nearest") return how.transformation == "asymmetric" && how.rounding == "floor";
  return half || how.transformation == "align_corners";
}

Compute make_interpolation(const Described& d) {
  Interpolation how;
  const bool old = d.op.source_type == "Upsample";  // before operator set 11 positions were divided by the scale
  const bool from_file = d.details != nullptr && !d.details->type.empty();
  how.mode = d.text("mode", from_file ? "nearest" : "linear");
  how.transformation = d.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  how.rounding = d.text("nearest_mode", old ? "floor" : "round_prefer_floor");
  how.in = d.input_shape();
  how.out = d.output_shape();
  if (how.in.size() != how.out.size() || how.in[0] != how.out[0]) d.refuse("it resizes over the batch");
  for (std::size_t i = 0; i < how.in.size(); ++i) {
    how.scales.push_back(static_cast<double>(how.out[i]) / static_cast<double>(how.in[i]));
  }
  const std::vector<double>* scales = d.list("scales");
  for (std::size_t i = 0; scales != nullptr && i < scales->size() && scales->size() <= how.in.size(); ++i) {
    how.scales[how.in.size() - scales->size() + i] = (*scales)[i];  // a map of height 1 has none for its height
  }
  if (how.mode == "bilinear") how.mode = "linear";
  static const char* const kWays[] = {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"};
  if (std::find(std::begin(kWays), std::end(kWays), how.transformation) == std::end(kWays)) {
    d.refuse("it places positions by '" + how.transformation + "'");
  }
  if (d.number("antialias", 0) != 0) d.refuse("it filters what it makes smaller (antialias)");
  const bool native = is_native(how);
  const bool corners = how.transformation == "align_corners";
  const std::vector<std::int64_t> size(
      how.out.begin() + (how.out.size() >= 2 ? static_cast<std::ptrdiff_t>(how.out.size()) - 2 : 0), how.out.end());
  if (how.mode == "cubic") {
    if (!native || std::fabs(d.number("cubic_coeff_a", -0.75) + 0.75) > 1e-6 || d.number("exclude_outside", 0) != 0) {
      d.refuse("its cubic interpolation is none that libtorch has");
    }
    return [=](Call& call) -> std::vector<Tensor> { return {at::upsample_bicubic2d(call.inputs[0], size, corners)}; };
  }
  if (how.mode != "linear" && how.mode != "nearest") d.refuse("it interpolates in the mode '" + how.mode + "'");
  if (!native) return [how](Call& call) -> std::vector<Tensor> { return {along_each_axis(how, call.inputs[0])}; };
  if (how.mode == "nearest") {
    return [=](Call& call) -> std::vector<Tensor> { return {at::upsample_nearest2d(call.inputs[0], size)}; };
  }
  return [=](Call& call) -> std::vector<Tensor> { return {at::upsample_bilinear2d(call.inputs[0], size, corners)}; };
}

}  // namespace

Compute make_resize(const Described& d) {
  if (d.op.axes.empty()) return make_interpolation(d);
  if (d.input_shape().size() != d.output_shape().size()) d.refuse("it repeats part of a tensor");
  for (std::size_t i = 0; i < d.input_shape().size(); ++i) {
    if (d.output_shape()[i] % d.input_shape()[i] != 0) d.refuse("it repeats part of a tensor");
  }
  return [](Call& call) -> std::vector<Tensor> {
    const Tensor& x = call.inputs[0];
    std::vector<std::int64_t> times;
    bool from_one = true;
    for (std::int64_t i = 0; i < x.dim(); ++i) {
      times.push_back(call.shapes[0]->at(static_cast<std::size_t>(i)) / x.size(i));
      from_one = from_one && (x.size(i) == 1 || times.back() == 1);
    }
    return {from_one ? x.expand(*call.shapes[0]) : x.repeat(times)};
  };
}

}  // namespace lanewise::accuracy
