// SPDX-License-Identifier: Apache-2.0
// Poolings and reductions.
#include <algorithm>
#include <functional>
#include <limits>
#include <map>

#include "accuracy/network/operation.hpp"

namespace lanewise::accuracy {

namespace {

using network::Window;
using torch::Tensor;

std::vector<std::int64_t> pair(const std::int64_t (&values)[2]) { return {values[0], values[1]}; }

// Padding as libtorch's constant_pad_nd takes it: the last axis first.
std::vector<std::int64_t> last_first(const Window& window) {
  return {window.pad_begin[1], window.pad_end[1], window.pad_begin[0], window.pad_end[0]};
}

bool is_padded(const Window& window) {
  return window.pad_begin[0] != 0 || window.pad_begin[1] != 0 || window.pad_end[0] != 0 || window.pad_end[1] != 0;
}

// Whether libtorch's pooling takes the padding as its own: the same at both ends, and at most half a window.
bool is_plain(const Window& window) {
  for (const int axis : {0, 1}) {
    if (window.pad_begin[axis] != window.pad_end[axis] || 2 * window.pad_begin[axis] > window.kernel[axis])
      return false;
  }
  return true;
}

// How many numbers each window holds: those of the map, and of the padding that the file asked for where it counts too.
Tensor counts(const Window& window, std::int64_t height, std::int64_t width, const std::vector<std::int64_t>& counted) {
  const auto real = torch::TensorOptions().dtype(torch::kFloat);
  Tensor ones = torch::ones({1, 1, height + counted[0] + counted[2], width + counted[1] + counted[3]}, real);
  const std::vector<std::int64_t> rest{window.pad_begin[1] - counted[1], window.pad_end[1] - counted[3],
                                       window.pad_begin[0] - counted[0], window.pad_end[0] - counted[2]};
  ones = at::constant_pad_nd(ones, rest);
  const Tensor kernel = torch::ones({1, 1, window.kernel[0], window.kernel[1]}, real);
  return at::conv2d(ones, kernel, {}, pair(window.stride), at::IntArrayRef({0, 0}), pair(window.dilation));
}

}  // namespace

Compute make_max_pool(const Described& d) {
  const Window window = d.op.window;
  const bool plain = is_plain(window);
  return [=](Call& call) -> std::vector<Tensor> {
    Tensor x = call.inputs[0];
    if (!plain) x = at::constant_pad_nd(x, last_first(window), -std::numeric_limits<double>::infinity());
    const std::vector<std::int64_t> padding = plain ? pair(window.pad_begin) : std::vector<std::int64_t>{0, 0};
    return {at::max_pool2d(x, pair(window.kernel), pair(window.stride), padding, pair(window.dilation))};
  };
}

Compute make_average_pool(const Described& d) {
  const Window window = d.op.window;
  const bool dilated = window.dilation[0] != 1 || window.dilation[1] != 1;
  const bool includes = d.number("count_include_pad", 0) != 0;
  std::vector<std::int64_t> own{window.pad_begin[0], window.pad_begin[1], window.pad_end[0], window.pad_end[1]};
  if (const std::vector<double>* pads = d.list("pads"); pads != nullptr && !pads->empty()) {
    own.assign(4, 0);
    const std::size_t axes = pads->size() / 2;  // one axis: a map of height 1
    for (std::size_t i = 0; i < axes && axes <= 2; ++i) {
      own[2 - axes + i] = static_cast<std::int64_t>((*pads)[i]);
      own[4 - axes + i] = static_cast<std::int64_t>((*pads)[axes + i]);
    }
  }
  if (is_plain(window) && !dilated &&
      (!is_padded(window) || !includes ||
       own ==
           std::vector<std::int64_t>{window.pad_begin[0], window.pad_begin[1], window.pad_end[0], window.pad_end[1]})) {
    return [=](Call& call) -> std::vector<Tensor> {
      return {at::avg_pool2d(call.inputs[0], pair(window.kernel), pair(window.stride), pair(window.pad_begin), false,
                             includes)};
    };
  }
  // Sums of windows by themselves, over what each of them counts.
  return [=](Call& call) -> std::vector<Tensor> {
    const Tensor& x = call.inputs[0];
    const std::vector<std::int64_t> counted = includes ? own : std::vector<std::int64_t>{0, 0, 0, 0};
    const Tensor divisors = counts(window, x.size(2), x.size(3), counted).to(x.options());
    const Tensor kernel = torch::ones({1, 1, window.kernel[0], window.kernel[1]}, x.options())
                              .expand({x.size(1), 1, window.kernel[0], window.kernel[1]});
    const Tensor padded = at::constant_pad_nd(x, last_first(window));
    return {
        at::conv2d(padded, kernel, {}, pair(window.stride), at::IntArrayRef({0, 0}), pair(window.dilation), x.size(1)) /
        divisors};
  };
}

Compute make_global_pool(const Described& d) {
  const bool averages = d.op.kind == network::OperatorKind::kGlobalAveragePool;
  return [=](Call& call) -> std::vector<Tensor> {
    const Tensor& x = call.inputs[0];
    if (averages) return {x.dim() == 4 ? at::adaptive_avg_pool2d(x, {1, 1}) : x.mean(x.dim() - 1, true)};
    return {x.dim() == 4 ? x.amax({2, 3}, true) : x.amax(x.dim() - 1, true)};
  };
}

namespace {

using Axes = std::vector<std::int64_t>;
using Reduction = std::function<Tensor(const Tensor&, const Axes&)>;

Tensor product_over(const Tensor& x, const Axes& axes) {
  Tensor result = x;
  for (const std::int64_t axis : axes) result = result.prod(axis, true);
  return result;
}

// Each keeps the dimensions that it reduces.
const std::map<std::string, Reduction>& reductions() {
  static const std::map<std::string, Reduction> table = {
      {"ReduceMean", [](const Tensor& x, const Axes& axes) { return x.mean(axes, true); }},
      {"ReduceSum", [](const Tensor& x, const Axes& axes) { return x.sum(axes, true); }},
      {"ReduceMax", [](const Tensor& x, const Axes& axes) { return x.amax(axes, true); }},
      {"ReduceMin", [](const Tensor& x, const Axes& axes) { return x.amin(axes, true); }},
      {"ReduceProd", product_over},
      {"ReduceL1", [](const Tensor& x, const Axes& axes) { return x.abs().sum(axes, true); }},
      {"ReduceL2", [](const Tensor& x, const Axes& axes) { return x.square().sum(axes, true).sqrt(); }},
      {"ReduceSumSquare", [](const Tensor& x, const Axes& axes) { return x.square().sum(axes, true); }},
      {"ReduceLogSum", [](const Tensor& x, const Axes& axes) { return x.sum(axes, true).log(); }},
      {"ReduceLogSumExp", [](const Tensor& x, const Axes& axes) { return x.logsumexp(axes, true); }},
      {"ArgMax", [](const Tensor& x, const Axes& axes) { return x.argmax(axes[0], true).to(x.scalar_type()); }},
      {"ArgMin", [](const Tensor& x, const Axes& axes) { return x.argmin(axes[0], true).to(x.scalar_type()); }},
  };
  return table;
}

}  // namespace

Compute make_reduce(const Described& d) {
  const auto row = reductions().find(d.op.source_type);
  if (row == reductions().end()) d.refuse("what it reduces by, nothing says");
  const Reduction reduction = row->second;
  const Axes axes = d.op.axes;
  if (axes.empty()) d.refuse("it reduces no axis");
  return [=](Call& call) -> std::vector<Tensor> { return {reduction(call.inputs[0], axes).reshape(*call.shapes[0])}; };
}

}  // namespace lanewise::accuracy
