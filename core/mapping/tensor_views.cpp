// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/tensor_views.hpp"

#include <algorithm>
#include <utility>

namespace lanewise::mapping {
namespace {

using network::Graph;
using network::Operator;
using network::OperatorKind;
using network::TensorId;

// Neighbours that lie as evenly apart as one factor would become one; factors of 1 go.
ViewAxis merged(const ViewAxis& factors) {
  ViewAxis out;
  for (const ViewFactor& factor : factors) {
    if (factor.size == 1) continue;
    if (!out.empty() && out.back().stride == factor.stride * factor.size) {
      out.back() = {out.back().size * factor.size, factor.stride};
    } else {
      out.push_back(factor);
    }
  }
  return out;
}

// The same factors under other sizes. Nothing where a size takes a part of a factor that does not divide it.
std::optional<std::vector<ViewAxis>> regrouped(const std::vector<ViewAxis>& axes, const std::vector<std::int64_t>& to) {
  ViewAxis all;
  for (const ViewAxis& axis : axes) all.insert(all.end(), axis.begin(), axis.end());
  all = merged(all);
  std::vector<ViewAxis> out(to.size());
  for (std::size_t i = to.size(); i-- > 0;) {
    std::int64_t left = to[i];
    while (left > 1) {
      if (all.empty()) return std::nullopt;
      ViewFactor& inner = all.back();
      if (left % inner.size == 0) {
        left /= inner.size;
        out[i].insert(out[i].begin(), inner);
        all.pop_back();
      } else if (inner.size % left == 0) {
        out[i].insert(out[i].begin(), {left, inner.stride});
        inner = {inner.size / left, inner.stride * left};
        left = 1;
      } else {
        return std::nullopt;
      }
    }
  }
  return all.empty() ? std::optional(out) : std::nullopt;
}

// The inner `size` entries of the last factor; the rest stays.
ViewFactor take(ViewAxis& axis, std::int64_t size) {
  ViewFactor& last = axis.back();
  const ViewFactor taken{size, last.stride};
  last = {last.size / size, last.stride * size};
  if (last.size == 1) axis.pop_back();
  return taken;
}

// One axis of the batch: which of its entries are matrices of their own, rows or columns.
void count_batch(std::int64_t size, ViewAxis left, ViewAxis right, ProductShape& shape) {
  if (left.empty()) left = {{size, 0}};
  if (right.empty()) right = {{size, 0}};
  while (!left.empty() && !right.empty()) {
    const std::int64_t common = std::min(left.back().size, right.back().size);
    if (left.back().size % common != 0 || right.back().size % common != 0) break;
    const ViewFactor of_left = take(left, common), of_right = take(right, common);
    size /= common;
    if (of_right.stride == 0) {
      shape.rows *= common;
    } else if (of_left.stride == 0) {
      shape.columns *= common;
    } else {
      shape.groups *= common;
    }
  }
  shape.groups *= size;  // factors that no common size divides: each matrix by itself
}

}  // namespace

bool is_repetition(const Operator& op) { return op.kind == OperatorKind::kResize && !op.axes.empty(); }

bool is_look(const Operator& op) {
  return op.inputs.size() == 1 &&
         (op.kind == OperatorKind::kReshape || op.kind == OperatorKind::kTranspose || is_repetition(op));
}

TensorViews::TensorViews(const Graph& graph) : graph_(graph), views_(graph.tensors().size()) {
  for (const Operator& op : graph.operators()) {
    if (is_look(op)) look(op);
  }
}

void TensorViews::look(const Operator& op) {
  TensorView view = of(op.inputs[0]);
  const TensorId out = op.outputs.at(0);
  const std::vector<std::int64_t>& to = graph_.tensor(out).shape;
  if (op.kind == OperatorKind::kTranspose) {
    std::vector<ViewAxis> axes;
    for (const std::int64_t axis : op.axes) axes.push_back(view.axes.at(static_cast<std::size_t>(axis)));
    view.axes = std::move(axes);
  } else if (op.kind == OperatorKind::kReshape) {
    std::optional<std::vector<ViewAxis>> axes = regrouped(view.axes, to);
    if (!axes) return;
    view.axes = std::move(*axes);
  } else {
    const std::vector<std::int64_t>& from = graph_.tensor(op.inputs[0]).shape;
    for (const std::int64_t at : op.axes) {
      const auto axis = static_cast<std::size_t>(at);
      view.axes.at(axis).insert(view.axes[axis].begin(), {to.at(axis) / from.at(axis), 0});
    }
  }
  views_[static_cast<std::size_t>(out)] = std::move(view);
}

TensorView TensorViews::of(TensorId tensor) const {
  const std::optional<TensorView>& known = views_[static_cast<std::size_t>(tensor)];
  if (known) return *known;
  const std::vector<std::int64_t>& shape = graph_.tensor(tensor).shape;
  TensorView view{tensor, std::vector<ViewAxis>(shape.size())};
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    if (shape[i] > 1) view.axes[i] = {{shape[i], stride}};
    stride *= shape[i];
  }
  return view;
}

std::int64_t TensorViews::distinct_elements(TensorId tensor) const {
  if (!views_[static_cast<std::size_t>(tensor)]) return graph_.tensor(tensor).elements();
  std::int64_t count = 1;
  for (const ViewAxis& axis : views_[static_cast<std::size_t>(tensor)]->axes) {
    for (const ViewFactor& factor : axis) count *= factor.stride == 0 ? 1 : factor.size;
  }
  return count;
}

ProductShape TensorViews::product(const Operator& product) const {
  const std::vector<std::int64_t>& out = graph_.tensor(product.outputs[0]).shape;
  const TensorView left = of(product.inputs[0]), right = of(product.inputs.at(1));
  ProductShape shape;
  const std::size_t rank = out.size();
  shape.rows = out[rank - 2];
  shape.columns = out[rank - 1];
  shape.depth = graph_.tensor(product.inputs[0]).shape.back();
  const auto axis = [&](const TensorView& view, std::size_t i) {
    const std::size_t missing = rank - view.axes.size();
    return i < missing ? ViewAxis{} : merged(view.axes[i - missing]);
  };
  for (std::size_t i = 0; i + 2 < rank; ++i) {
    if (out[i] > 1) count_batch(out[i], axis(left, i), axis(right, i), shape);
  }
  return shape;
}

bool TensorViews::repeats_matrices_only(const Operator& product, std::size_t side) const {
  const TensorView view = of(product.inputs.at(side));
  for (std::size_t i = view.axes.size() - std::min<std::size_t>(2, view.axes.size()); i < view.axes.size(); ++i) {
    for (const ViewFactor& factor : view.axes[i]) {
      if (factor.stride == 0) return false;
    }
  }
  return true;
}

ViewAxis TensorViews::summed_axis(const Operator& product, std::size_t side) const {
  const TensorView view = of(product.inputs.at(side));
  const std::size_t rank = view.axes.size();
  const std::size_t from_end = side == 0 ? 1 : 2;
  return rank < from_end ? ViewAxis{} : merged(view.axes[rank - from_end]);
}

}  // namespace lanewise::mapping
