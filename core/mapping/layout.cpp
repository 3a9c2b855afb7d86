// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/layout.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

namespace lanewise::mapping {
namespace {

using network::kNone;
using network::Operator;
using network::OperatorKind;
using network::TensorId;

std::size_t index(std::int64_t at) { return static_cast<std::size_t>(at); }

std::int64_t product(const std::vector<std::int64_t>& shape, std::size_t from, std::size_t to) {
  return std::accumulate(shape.begin() + static_cast<std::ptrdiff_t>(from),
                         shape.begin() + static_cast<std::ptrdiff_t>(to), std::int64_t{1}, std::multiplies<>());
}

std::int64_t last_axis(const std::vector<std::int64_t>& shape) {
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(shape.size()) - 1);
}

constexpr std::size_t kImageRank = 4;

}  // namespace

Layout::Layout(const network::Graph& graph, std::int64_t lanes, Bytes burst)
    : graph_(graph), lanes_(lanes), burst_(burst), views_(graph), stored_(graph, views_) {
  const std::size_t count = graph.tensors().size();
  held_by_.resize(count);
  std::iota(held_by_.begin(), held_by_.end(), 0);
  is_view_.assign(count, false);
  is_whole_.assign(count, true);
  for (std::size_t i = 0; i < count; ++i) {
    const Shape& dimensions = graph.tensors()[i].shape;
    channel_axis_.push_back(dimensions.size() >= kImageRank ? 1 : last_axis(dimensions));
    first_split_.push_back(last_axis(dimensions));
  }
  for (const TensorId input : graph.inputs()) {
    if (stored_.channel_axis(input) != kNone) channel_axis(input) = stored_.channel_axis(input);
  }
  for (const Operator& op : graph.operators()) follow(op);
  // Last first, so that a concatenation inside another is itself placed before its parts are.
  for (auto op = graph.operators().rbegin(); op != graph.operators().rend(); ++op) {
    if (op->kind == OperatorKind::kConcat) place_parts(*op);
  }
}

Map Layout::map_of(TensorId id) const {
  const Shape& d = shape(id);
  if (d.empty()) return {};
  const auto axis = index(channel_axis(id));
  if (axis + 1 == d.size() || axis == 0) return {1, d[axis], product(d, 0, d.size()) / d[axis], 1};
  Shape pixels = d;
  pixels.erase(pixels.begin() + static_cast<std::ptrdiff_t>(axis));
  return {pixels[0], d[axis], pixels.size() > 1 ? pixels[1] : 1,
          pixels.size() > 2 ? product(pixels, 2, pixels.size()) : 1};
}

Map Layout::map_along(TensorId id, std::int64_t axis) const {
  const Shape& d = shape(id);
  if (d.empty() || axis == channel_axis(id)) return map_of(id);
  return {1, d[index(axis)], product(d, 0, d.size()) / d[index(axis)], 1};
}

Map Layout::moved_map(TensorId id) const {
  const std::int64_t distinct = views_.distinct_elements(id);
  const TensorId source = views_.of(id).source;
  return distinct < graph_.tensor(id).elements() && distinct == graph_.tensor(source).elements() ? map_of(source)
                                                                                                 : map_of(id);
}

std::pair<Map, Map> Layout::appended(const Operator& concat, TensorId part) const {
  const std::int64_t entries = shape(part).at(index(concat.axes.at(0)));
  const std::int64_t numbers = graph_.tensor(part).elements() / entries;
  const std::int64_t in_burst = std::max<std::int64_t>(1, burst_.count() * 8 / bits(graph_.tensor(part).precision));
  return {{1, entries, 1, numbers}, {1, round_up(entries, in_burst), 1, numbers}};
}

TensorId Layout::storage(TensorId id) const {
  while (held_by_[index(id)] != id) id = held_by_[index(id)];
  return id;
}

void Layout::follow(const Operator& op) {
  if (op.inputs.empty()) return;
  const TensorId in = op.inputs[0];
  switch (op.kind) {
    case OperatorKind::kReshape:
      for (const TensorId out : op.outputs) follow_reshape(in, out);
      return;
    case OperatorKind::kTranspose:
      return follow_transpose(op);
    case OperatorKind::kSlice:
      return follow_slice(op);
    case OperatorKind::kSplit: {
      std::int64_t first = 0;
      for (const TensorId out : op.outputs) {
        follow_part(op, out, op.axes.at(0), first);
        if (!is_view(out) && stored_.lies_in_cache(out)) look_at(out, in, false);
        first += shape(out).at(index(op.axes[0]));
      }
      return;
    }
    case OperatorKind::kConvolution:
    case OperatorKind::kMaxPool:
    case OperatorKind::kAveragePool:
      channel_axis(op.outputs[0]) = 1;
      return;
    case OperatorKind::kFullyConnected:
    case OperatorKind::kMatMul:
      channel_axis(op.outputs[0]) = last_axis(shape(op.outputs[0]));
      return;
    default:
      for (const TensorId out : op.outputs) {
        if (shape(out).size() == shape(in).size()) channel_axis(out) = channel_axis(in);
      }
      if (scales_product(op) || stored_.is_free_repetition(op)) look_at(op.outputs[0], in, true);
  }
}

void Layout::look_at(TensorId view, TensorId source, bool whole) {
  held_by_[index(view)] = source;
  is_view_[index(view)] = true;
  is_whole_[index(view)] = whole;
}

// The axis of channels where it is still there, with the same numbers before it; otherwise what was last stays last.
void Layout::follow_reshape(TensorId in, TensorId out) {
  look_at(out, in, true);
  const Shape& from = shape(in);
  const Shape& to = shape(out);
  if (from.empty() || to.empty()) return;
  const auto axis = index(channel_axis(in));
  const std::int64_t before = product(from, 0, axis);
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] == from[axis] && product(to, 0, i) == before) {
      channel_axis(out) = static_cast<std::int64_t>(i);
      return;
    }
  }
  if (axis + 1 != from.size()) return;
  channel_axis(out) = last_axis(to);
  for (std::size_t i = to.size(); i > 0; --i) {
    if (product(to, i - 1, to.size()) == from[axis]) first_split_[index(out)] = static_cast<std::int64_t>(i) - 1;
  }
}

// One number that the network has written before a matrix product, the scale of attention's queries say, works as well
// behind it, where sums are scaled anyway.
bool Layout::scales_product(const Operator& op) const {
  if (op.kind != OperatorKind::kElementwise || op.inputs.size() != 1 || op.weights.size() != 1) return false;
  const network::Tensor& number = graph_.tensor(op.weights[0]);
  const bool factor = op.elementwise == network::ElementwiseFunction::kMultiply ||
                      op.elementwise == network::ElementwiseFunction::kDivide;
  if (!factor || number.elements() != 1 || number.parameters() != 0) return false;
  for (TensorId at = op.outputs[0];;) {
    if (graph_.consumers(at).size() != 1 || graph_.is_output(at)) return false;
    const Operator& reader = graph_.op(graph_.consumers(at)[0]);
    if (reader.kind == OperatorKind::kMatMul) return true;
    if (reader.kind != OperatorKind::kReshape && reader.kind != OperatorKind::kTranspose) return false;
    at = reader.outputs[0];
  }
}

void Layout::follow_transpose(const Operator& op) {
  const TensorId in = op.inputs[0];
  const TensorId out = op.outputs[0];
  const auto found = std::find(op.axes.begin(), op.axes.end(), channel_axis(in));
  if (found != op.axes.end()) channel_axis(out) = found - op.axes.begin();
  if (stored_.is_free_transposition(op) || keeps_order(op) || moves_heads(op)) look_at(out, in, true);
}

// The channels go elsewhere in the list of dimensions, the pixels stay in order.
bool Layout::keeps_order(const Operator& op) const {
  const TensorId in = op.inputs[0];
  Shape pixels;
  for (const std::int64_t axis : op.axes) {
    if (axis != channel_axis(in) && shape(in)[index(axis)] != 1) pixels.push_back(axis);
  }
  // A matrix product takes its right side by columns. Keys lie that way already and values do not, where networks write
  // the transposition the other way round: one of the two is moved, and it is the one that is written.
  for (const network::OperatorId reader : graph_.consumers(op.outputs[0])) {
    const Operator& product = graph_.op(reader);
    if (product.kind == OperatorKind::kMatMul && product.inputs.at(1) == op.outputs[0]) return false;
  }
  if (!std::is_sorted(pixels.begin(), pixels.end())) return false;
  // Surfaces stand inside an image of a batch: the channels cannot leave the first place, nor take it, unless one place
  // holds all of them either way, as it does without a batch.
  if (op.axes.at(0) == 0 && channel_axis(in) != 0) return true;
  const auto holds_all = [&](TensorId id) {
    return channel_axis(id) == 0 || channel_axis(id) == last_axis(shape(id)) ||
           product(shape(id), 0, index(channel_axis(id))) == 1;
  };
  return holds_all(in) && holds_all(op.outputs[0]);
}

// Heads of attention are runs of whole surfaces: whether a head is counted before or after the tokens, its tokens lie
// one after another.
bool Layout::moves_heads(const Operator& op) const {
  const TensorId in = op.inputs[0];
  const Shape& from = shape(in);
  const std::int64_t last = last_axis(from);
  if (channel_axis(in) != last || op.axes.back() != last || from[index(last)] % lanes_ != 0) return false;
  Shape moved, kept;
  for (std::int64_t axis = 0; axis < last; ++axis) {
    if (from[index(axis)] != 1) kept.push_back(axis);
  }
  for (const std::int64_t axis : op.axes) {
    if (axis != last && from[index(axis)] != 1) moved.push_back(axis);
  }
  if (moved.size() < 2) return true;
  const auto is_head = [&](std::int64_t axis) { return axis >= first_split_[index(in)]; };
  const auto in_order = [&](bool heads) {
    Shape axes;
    std::copy_if(moved.begin(), moved.end(), std::back_inserter(axes),
                 [&](std::int64_t axis) { return is_head(axis) == heads; });
    return std::is_sorted(axes.begin(), axes.end());
  };
  // Apart: tokens last, heads and everything else in order before them.
  if (is_head(kept.back())) return !is_head(moved.back()) && in_order(true) && in_order(false);
  // Together again: the two axes before the last change places, as a matrix product wrote them.
  const network::OperatorId maker = graph_.producer(storage(in));
  if (maker == kNone || graph_.op(maker).kind != OperatorKind::kMatMul) return false;
  std::swap(kept[kept.size() - 1], kept[kept.size() - 2]);
  return moved == kept;
}

bool Layout::is_run(const Shape& whole, std::int64_t channels, std::int64_t axis, std::int64_t first,
                    std::int64_t size) const {
  if (axis == channels) {
    const bool to_the_end = first + size == whole[index(axis)];
    return first % lanes_ == 0 && (to_the_end || size % lanes_ == 0);
  }
  std::int64_t before = 1;
  for (std::int64_t i = 0; i < axis; ++i) before *= i == channels ? 1 : whole[index(i)];
  return before == 1;
}

void Layout::follow_part(const Operator& op, TensorId out, std::int64_t axis, std::int64_t first) {
  const TensorId in = op.inputs[0];
  channel_axis(out) = channel_axis(in);
  const std::int64_t split = first_split_[index(in)];
  first_split_[index(out)] = split;
  // A part of what was split off the channels is a range of channels in front of the tokens.
  const bool of_split = axis >= split && axis < last_axis(shape(in)) && shape(in).back() % lanes_ == 0 &&
                        product(shape(in), index(split), index(axis)) == 1;
  if (of_split || is_run(shape(in), channel_axis(in), axis, first, shape(out)[index(axis)])) look_at(out, in, false);
}

// The axis that a slice cuts and its first entry there, when it cuts one and takes every entry.
std::optional<Layout::Cut> Layout::cut_of(const Operator& op) const {
  const Shape& from = shape(op.inputs[0]);
  std::optional<Cut> cut;
  for (std::size_t i = 0; i < op.axes.size(); ++i) {
    if (!op.steps.empty() && op.steps.at(i) != 1) return std::nullopt;
    if (from[index(op.axes[i])] == shape(op.outputs[0])[index(op.axes[i])]) continue;
    if (cut) return std::nullopt;
    cut = Cut{op.axes[i], op.offsets.at(i)};
  }
  return cut;
}

// Whether a concatenation joins parts of one tensor: a shift, every second pixel beside the others.
bool Layout::rearranges(const Operator& concat) const {
  const auto whole = [&](TensorId part) {
    for (;;) {
      const network::OperatorId maker = graph_.producer(part);
      if (maker == kNone || graph_.op(maker).kind != OperatorKind::kSlice) return part;
      part = graph_.op(maker).inputs[0];
    }
  };
  return std::all_of(concat.inputs.begin(), concat.inputs.end(),
                     [&](TensorId part) { return whole(part) == whole(concat.inputs[0]); });
}

// What a copy reads next need not be cut out before: it is read from where it is.
bool Layout::is_cut_by_copy(const Operator& op) const {
  const TensorId out = op.outputs[0];
  if (graph_.consumers(out).size() != 1 || graph_.is_output(out)) return false;
  const Operator& reader = graph_.op(graph_.consumers(out)[0]);
  if (reader.kind == OperatorKind::kConcat) return rearranges(reader);
  if (reader.kind != OperatorKind::kSlice || shape(reader.outputs[0]).size() != shape(out).size()) return false;
  const std::optional<Cut> cut = cut_of(reader);
  const bool looks = cut && is_run(shape(out), channel_axis(op.inputs[0]), cut->axis, cut->first,
                                   shape(reader.outputs[0])[index(cut->axis)]);
  return !looks || is_cut_by_copy(reader);
}

void Layout::follow_slice(const Operator& op) {
  const TensorId in = op.inputs[0];
  const TensorId out = op.outputs[0];
  if (shape(in).size() != shape(out).size()) return;
  channel_axis(out) = channel_axis(in);
  if (const std::optional<Cut> cut = cut_of(op)) follow_part(op, out, cut->axis, cut->first);
  if (!is_view(out) && (is_cut_by_copy(op) || stored_.lies_in_cache(out))) look_at(out, in, false);
}

// Each part whose maker can write it where the concatenation has it needs no copy. Not a part of something else, not
// one that is concatenated twice, and not one that leaves the engine by itself.
void Layout::place_parts(const Operator& op) {
  const TensorId out = op.outputs[0];
  const std::int64_t axis = op.axes.at(0);
  // Constant parts stand apart: where they go is not known, only how long they are.
  bool known = op.weights.empty();
  if (!known && axis == channel_axis(out)) {
    known = true;
    for (const TensorId weight : op.weights) known = known && shape(weight).at(index(axis)) % lanes_ == 0;
    for (const TensorId input : op.inputs) known = known && shape(input).at(index(axis)) % lanes_ == 0;
  } else {
    known = true;
  }
  // The entries of a cache are written one by one, wherever they go; those that lie apart are written by a copy.
  const bool appends = stored_.is_cache(out) && !stored_.appends_across(op);
  std::int64_t first = 0;
  for (const TensorId input : op.inputs) {
    const std::int64_t size = shape(input).at(index(axis));
    const bool fits = appends || (!stored_.is_cache(out) && known && channel_axis(input) == channel_axis(out) &&
                                  is_run(shape(out), channel_axis(out), axis, first, size));
    first += size;
    TensorId at = input;
    bool whole = !graph_.is_output(at);
    while (held_by_[index(at)] != at && is_view_[index(at)]) {
      whole = whole && is_whole_[index(at)];
      at = held_by_[index(at)];
      whole = whole && !graph_.is_output(at);
    }
    const network::Tensor& tensor = graph_.tensor(at);
    if (!fits || !whole || held_by_[index(at)] != at || tensor.role != network::TensorRole::kActivation ||
        tensor.precision != graph_.tensor(out).precision) {
      continue;
    }
    held_by_[index(at)] = out;
  }
}

}  // namespace lanewise::mapping
