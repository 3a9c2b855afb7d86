// SPDX-License-Identifier: Apache-2.0
#include "core/network/rewrite_resolution.hpp"
#include "core/network/rewrite_maps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include "core/base/error.hpp"

namespace lanewise::network {
namespace {

using Shape = std::vector<std::int64_t>;

std::int64_t product(const Shape& shape, std::size_t begin, std::size_t end) {
  return std::accumulate(shape.begin() + static_cast<std::ptrdiff_t>(begin),
                         shape.begin() + static_cast<std::ptrdiff_t>(end), std::int64_t{1}, std::multiplies<>());
}

class Deriver {
 public:
  Deriver(const Graph& graph, const Resolution& resolution)
      : graph_(graph), resolution_(resolution), tensors_(graph.tensors()), operators_(graph.operators()) {
    for (const OperatorId id : final_interpolations(graph)) final_.insert(id);
  }

  Graph run() {
    set_images();
    for (OperatorId id = 0; id < static_cast<OperatorId>(operators_.size()); ++id) {
      op_ = &operators_[static_cast<std::size_t>(id)];
      const bool changed = std::any_of(op_->inputs.begin(), op_->inputs.end(),
                                       [&](TensorId input) { return shape(input) != before(input); });
      // An interpolation of a single number a channel follows the map that it is made for.
      const bool follows = is_interpolation(*op_) && resolution_.image.height != 0;
      if (changed || follows || final_.count(id) > 0) {
        derive(id);
        drop_idle(id);
      }
      for (const TensorId output : op_->outputs) remember(output);
    }
    return build();
  }

 private:
  const Graph& graph_;
  const Resolution& resolution_;
  std::vector<Tensor> tensors_;
  std::vector<Operator> operators_;
  std::set<OperatorId> final_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::set<std::pair<std::int64_t, std::int64_t>>> sizes_;
  std::map<TensorId, TensorId> replaced_;
  std::set<OperatorId> dropped_;
  const Operator* op_ = nullptr;

  const Shape& before(TensorId id) const { return graph_.tensor(id).shape; }
  Shape& shape(TensorId id) { return tensors_[static_cast<std::size_t>(id)].shape; }
  Shape& in(std::size_t i = 0) { return shape(op_->inputs.at(i)); }
  Shape& out(std::size_t i = 0) { return shape(op_->outputs.at(i)); }
  const Shape& old_in(std::size_t i = 0) const { return before(op_->inputs.at(i)); }
  const Shape& old_out(std::size_t i = 0) const { return before(op_->outputs.at(i)); }

  [[noreturn]] void refuse(const std::string& reason) const {
    throw Error(fmt::format("network '{}': at another resolution '{}' {}", graph_.name(), op_->name, reason));
  }

  void remember(TensorId id) {
    if (is_map(before(id))) {
      sizes_[{before(id)[2], before(id)[3]}].insert({shape(id)[2], shape(id)[3]});
    }
  }

  void set_images() {
    const MapSize image = resolution_.image;
    if (image.height == 0 && image.width == 0) return;
    const MapSize old = image_size(graph_);
    if (old.height == 0) throw Error(fmt::format("network '{}': no graph input is an image", graph_.name()));
    if (image.height < 1 || image.width < 1) {
      throw Error(fmt::format("network '{}': an image of {}x{}: both must be at least 1", graph_.name(), image.height,
                              image.width));
    }
    for (const TensorId id : graph_.inputs()) {
      Shape& size = shape(id);
      if (!is_map(size) || !reaches_window(graph_, id)) continue;
      if (size[2] * image.height % old.height != 0 || size[3] * image.width % old.width != 0) {
        throw Error(fmt::format("network '{}': input '{}' of {}x{} does not follow an image of {}x{}", graph_.name(),
                                graph_.tensor(id).name, size[2], size[3], image.height, image.width));
      }
      size[2] = size[2] * image.height / old.height;
      size[3] = size[3] * image.width / old.width;
      remember(id);
    }
  }

  void derive(OperatorId id) {
    switch (op_->kind) {
      case OperatorKind::kConvolution:
        return sweep(true);
      case OperatorKind::kMaxPool:
      case OperatorKind::kAveragePool:
        cover(id);
        return sweep(false);
      case OperatorKind::kGlobalAveragePool:
      case OperatorKind::kGlobalMaxPool:
        return;  // one number a channel, whatever the map
      case OperatorKind::kResize:
        return op_->axes.empty() ? interpolate(id) : repeat();
      case OperatorKind::kFullyConnected:
        if (in().back() != old_in().back()) refuse("is fully connected to a map of fixed size");
        out() = in();
        out().back() = old_out().back();
        return;
      case OperatorKind::kMatMul:
        return multiply();
      case OperatorKind::kBatchNormalization:
      case OperatorKind::kActivation:
      case OperatorKind::kSoftmax:
      case OperatorKind::kLocalResponseNormalization:
      case OperatorKind::kLayerNormalization:
      case OperatorKind::kElementwise:
        return combine();
      case OperatorKind::kReduce:
        return reduce();
      case OperatorKind::kPad:
        for (std::size_t i = 0; i < out().size(); ++i) out()[i] = in()[i] + old_out()[i] - old_in()[i];
        return;
      case OperatorKind::kConcat:
        return join();
      case OperatorKind::kSplit:
        return divide();
      case OperatorKind::kSlice:
        return slice();
      case OperatorKind::kGather:
        return gather();
      case OperatorKind::kTranspose:
        return transpose(id);
      case OperatorKind::kReshape:
        if (op_->source_type == "Transpose") refuse("moves dimensions of 1 of a map that changes");
        return reshape();
      case OperatorKind::kHost:
        return refuse("is run by the host, whose shapes are not known to follow");
    }
  }

  void sweep(bool is_convolution) {
    const Window& w = op_->window;
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const std::int64_t size = in().at(axis + 2);
      const std::int64_t span = (w.kernel[axis] - 1) * w.dilation[axis] + 1;
      const std::int64_t padding = w.pad_begin[axis] + w.pad_end[axis];
      const bool transposed = is_convolution && op_->transposed;
      const std::int64_t made = transposed              ? (size - 1) * w.stride[axis] + span - padding
                                : size + padding < span ? 0
                                                        : (size + padding - span) / w.stride[axis] + 1;
      if (made < 1) refuse(fmt::format("has a window of {} on a map of {}", span, size));
      out().at(axis + 2) = made;
    }
    out()[0] = in()[0];
  }

  // A pooling over the whole of its map still is one.
  void cover(OperatorId id) {
    Window& w = operators_[static_cast<std::size_t>(id)].window;
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const bool covers = w.kernel[axis] == old_in().at(axis + 2) && w.pad_begin[axis] == 0 && w.pad_end[axis] == 0 &&
                          w.dilation[axis] == 1;
      if (covers) w.kernel[axis] = in().at(axis + 2);
    }
  }

  void interpolate(OperatorId id) {
    Shape wanted = in();
    wanted[1] = old_out()[1];
    const auto known = sizes_.find({old_out()[2], old_out()[3]});
    const bool is_known = known != sizes_.end() && known->second.size() == 1;
    for (std::size_t axis = 2; axis < 4; ++axis) {
      const std::int64_t from = old_in()[axis], to = old_out()[axis];
      if (is_known) {
        wanted[axis] = axis == 2 ? known->second.begin()->first : known->second.begin()->second;
      } else if (in()[axis] * to % from == 0) {
        wanted[axis] = in()[axis] * to / from;
      } else {
        refuse(fmt::format("interpolates {} to {}, a size that no other map has", from, to));
      }
      if (final_.count(id) == 0 || resolution_.output_share == 1) continue;
      const auto share = std::llround(static_cast<double>(wanted[axis]) * resolution_.output_share);
      wanted[axis] = std::max<std::int64_t>(1, share);
    }
    out() = wanted;
  }

  // What changes nothing any more goes, as it would where a file is read.
  void drop_idle(OperatorId id) {
    const bool may_go = op_->kind == OperatorKind::kResize || op_->kind == OperatorKind::kReshape ||
                        (op_->kind == OperatorKind::kSlice &&
                         std::all_of(op_->steps.begin(), op_->steps.end(), [](std::int64_t step) { return step > 0; }));
    const bool was_idle = old_in() == old_out();
    if (!may_go || was_idle || in() != out() || op_->outputs.size() != 1) return;
    if (graph_.tensor(op_->outputs[0]).precision != graph_.tensor(op_->inputs[0]).precision) return;
    if (graph_.is_output(op_->outputs[0]) && graph_.producer(op_->inputs[0]) == kNone) return;
    dropped_.insert(id);
    replaced_[op_->outputs[0]] = op_->inputs[0];
  }

  // Dimensions of 1 go anywhere without a byte moving.
  void transpose(OperatorId id) {
    std::vector<std::int64_t> moved;
    for (std::size_t i = 0; i < out().size(); ++i) {
      const std::int64_t axis = op_->axes.at(i);
      out()[i] = in()[static_cast<std::size_t>(axis)];
      if (out()[i] != 1) moved.push_back(axis);
    }
    if (!std::is_sorted(moved.begin(), moved.end())) return;
    Operator& op = operators_[static_cast<std::size_t>(id)];
    op.kind = OperatorKind::kReshape;
    op.axes.clear();
  }

  void repeat() {
    for (std::size_t i = 0; i < out().size(); ++i) {
      const bool repeats =
          std::find(op_->axes.begin(), op_->axes.end(), static_cast<std::int64_t>(i)) != op_->axes.end();
      if (repeats && in().at(i) * old_out()[i] % old_in().at(i) != 0) refuse("repeats part of a tensor");
      out()[i] = repeats ? in().at(i) * old_out()[i] / old_in()[i] : in().at(i);
    }
  }

  void multiply() {
    const Shape& a = in(0);
    const Shape& b = in(1);
    if (a.back() != b.at(b.size() - 2)) refuse("multiplies matrices that no longer fit");
    for (std::size_t i = 0; i + 2 < out().size(); ++i) {
      const auto at = [&](const Shape& operand) {
        const std::size_t missing = out().size() - operand.size();
        return i < missing ? std::int64_t{1} : operand[i - missing];
      };
      if (at(a) != at(b) && at(a) != 1 && at(b) != 1) refuse("multiplies stacks of matrices that no longer fit");
      out()[i] = std::max(at(a), at(b));
    }
    out()[out().size() - 2] = a[a.size() - 2];
    out().back() = b.back();
  }

  // Operands broadcast from the last axis on, weights among them.
  void combine() {
    Shape made(old_out().size(), 1);
    const auto meet = [&](const Shape& operand, const std::string& name) {
      const std::size_t missing = made.size() - std::min(made.size(), operand.size());
      for (std::size_t i = 0; i < operand.size() && missing + i < made.size(); ++i) {
        std::int64_t& size = made[missing + i];
        if (operand[i] == 1 || operand[i] == size) continue;
        if (size != 1)
          refuse(fmt::format("meets '{}', which has {} along axis {} where there are {} now", name, operand[i],
                             missing + i, size));
        size = operand[i];
      }
    };
    for (const TensorId input : op_->inputs) meet(shape(input), graph_.tensor(input).name);
    // Parameters of a channel each say nothing of the map.
    const bool by_channel = op_->kind == OperatorKind::kBatchNormalization ||
                            (op_->kind == OperatorKind::kLayerNormalization && !op_->weights.empty() &&
                             made.size() > 2 && before(op_->weights[0]) == Shape{made[1]} && made.back() != made[1]);
    for (const TensorId weight : op_->weights) {
      if (!by_channel) meet(shape(weight), graph_.tensor(weight).name);
    }
    out() = made;
  }

  void reduce() {
    Shape left;
    for (std::size_t i = 0; i < in().size(); ++i) {
      const bool reduced =
          std::find(op_->axes.begin(), op_->axes.end(), static_cast<std::int64_t>(i)) != op_->axes.end();
      if (!reduced) left.push_back(in()[i]);
      if (reduced && in().size() == old_out().size()) left.push_back(1);
    }
    out() = left;
  }

  void join() {
    const auto axis = static_cast<std::size_t>(op_->axes.at(0));
    Shape made = in();
    made.at(axis) = 0;
    for (const auto* list : {&op_->inputs, &op_->weights}) {
      for (const TensorId part : *list) {
        for (std::size_t i = 0; i < made.size(); ++i) {
          if (i != axis && shape(part).at(i) != made[i]) refuse("joins maps that no longer have one size");
        }
        made[axis] += shape(part).at(axis);
      }
    }
    out() = made;
  }

  void divide() {
    const auto axis = static_cast<std::size_t>(op_->axes.at(0));
    if (in().at(axis) != old_in().at(axis)) refuse("divides an axis that changes");
    for (std::size_t i = 0; i < op_->outputs.size(); ++i) {
      const std::int64_t part = old_out(i).at(axis);
      out(i) = in();
      out(i)[axis] = part;
    }
  }

  // A slice that went to the end still does.
  void slice() {
    Shape made = in();
    for (std::size_t i = 0; i < op_->axes.size(); ++i) {
      const auto axis = static_cast<std::size_t>(op_->axes[i]);
      const std::int64_t step = op_->steps.empty() ? 1 : op_->steps[i];
      const std::int64_t start = op_->offsets.at(i), count = old_out().at(axis);
      made.at(axis) = count;
      if (in().at(axis) == old_in().at(axis)) continue;
      const bool to_end = step > 0 && start + count * step >= old_in()[axis];
      if (!to_end || start >= in()[axis]) refuse("cuts a fixed part out of an axis that changes");
      made[axis] = (in()[axis] - start + step - 1) / step;
    }
    out() = made;
  }

  void gather() {
    const auto axis = static_cast<std::size_t>(op_->axes.at(0));
    const bool is_table = !op_->weights.empty();
    if (is_table || op_->inputs.size() > 1 || in().size() != old_out().size() || in().at(axis) != old_in().at(axis)) {
      refuse("picks entries of a tensor that changes");
    }
    const std::int64_t taken = old_out().at(axis);
    out() = in();
    out()[axis] = taken;
  }

  // Axes that belong together, those before and those behind with equal products, keep belonging together.
  void reshape() {
    const Shape& from = old_in();
    const Shape& to = old_out();
    Shape made;
    std::size_t i = 0, k = 0;
    while (i < from.size() || k < to.size()) {
      std::size_t i_end = std::min(i + 1, from.size()), k_end = std::min(k + 1, to.size());
      while (product(from, i, i_end) != product(to, k, k_end)) {
        if (product(from, i, i_end) < product(to, k, k_end) ? i_end < from.size() : k_end >= to.size()) {
          ++i_end;
        } else {
          ++k_end;
        }
        if (i_end > from.size() || k_end > to.size()) refuse("mixes the axes of a map that changes");
      }
      if (k_end == to.size() && product(from, i_end, from.size()) == 1) i_end = from.size();
      if (i_end == from.size() && product(to, k_end, to.size()) == 1) k_end = to.size();
      regroup(i, i_end, k, k_end, made);
      i = i_end;
      k = k_end;
    }
    out() = made;
  }

  void regroup(std::size_t i, std::size_t i_end, std::size_t k, std::size_t k_end, Shape& made) {
    const Shape& to = old_out();
    const bool same =
        std::equal(in().begin() + static_cast<std::ptrdiff_t>(i), in().begin() + static_cast<std::ptrdiff_t>(i_end),
                   old_in().begin() + static_cast<std::ptrdiff_t>(i));
    const Shape kept(to.begin() + static_cast<std::ptrdiff_t>(k), to.begin() + static_cast<std::ptrdiff_t>(k_end));
    if (same) {
      made.insert(made.end(), kept.begin(), kept.end());
      return;
    }
    // One axis takes all that changes: the only one longer than 1.
    const auto longer = std::count_if(kept.begin(), kept.end(), [](std::int64_t size) { return size > 1; });
    if (kept.empty() || longer > 1) refuse("divides an axis of a map that changes");
    const std::int64_t all = product(in(), i, i_end);
    bool given = false;
    for (std::size_t n = 0; n < kept.size(); ++n) {
      const bool takes = !given && (kept[n] > 1 || (longer == 0 && n + 1 == kept.size()));
      made.push_back(takes ? all : 1);
      given = given || takes;
    }
  }

  TensorId now(TensorId id) const {
    for (auto next = replaced_.find(id); next != replaced_.end(); next = replaced_.find(id)) id = next->second;
    return id;
  }

  Graph build() {
    // An output that takes the place of another keeps the name by which others know it.
    for (const TensorId output : graph_.outputs()) {
      if (now(output) == output) continue;
      Tensor& tensor = tensors_[static_cast<std::size_t>(now(output))];
      if (tensor.role == TensorRole::kActivation && !graph_.is_output(now(output))) {
        tensor.name = graph_.tensor(output).name;
      }
    }
    GraphBuilder builder(graph_.name());
    std::vector<TensorId> ids(tensors_.size(), kNone);
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      if (replaced_.count(static_cast<TensorId>(i)) == 0) ids[i] = builder.add_tensor(std::move(tensors_[i]));
    }
    for (std::size_t i = 0; i < operators_.size(); ++i) {
      if (dropped_.count(static_cast<OperatorId>(i)) > 0) continue;
      Operator& op = operators_[i];
      for (auto* list : {&op.inputs, &op.weights, &op.outputs}) {
        for (TensorId& id : *list) id = ids[static_cast<std::size_t>(now(id))];
      }
      builder.add_operator(std::move(op));
    }
    for (const TensorId id : graph_.inputs()) builder.mark_input(ids[static_cast<std::size_t>(id)]);
    for (const TensorId id : graph_.outputs()) builder.mark_output(ids[static_cast<std::size_t>(now(id))]);
    return std::move(builder).build();
  }
};

}  // namespace

Graph at_resolution(const Graph& graph, const Resolution& resolution) { return Deriver(graph, resolution).run(); }

}  // namespace lanewise::network
