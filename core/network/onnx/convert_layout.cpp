// SPDX-License-Identifier: Apache-2.0
// Operators that move numbers without computing any.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/convert.hpp"
#include "core/network/onnx/evaluate.hpp"

namespace lanewise::network::importing {

namespace {

// How often chosen entries name all of an axis of `size`, each entry several times in a row (true) or the whole axis
// again and again (false); 1 where they do neither.
std::pair<std::int64_t, bool> repetition_in(const std::vector<std::int64_t>& entries, std::int64_t size) {
  const auto count = static_cast<std::int64_t>(entries.size());
  if (size < 1 || count % size != 0 || count == 0) return {1, false};
  const std::int64_t times = count / size;
  bool in_a_row = true, again = true;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t entry = entries[static_cast<std::size_t>(i)];
    in_a_row = in_a_row && entry == i / times;
    again = again && entry == i % size;
  }
  return {in_a_row || again ? times : 1, in_a_row};
}

}  // namespace

void Converter::reshape(const Node& node) {
  const ValueId x = input(node, 0);
  const TensorId from = is_image_only(x) ? image(x) : tensor(x);
  if (shapes_[static_cast<std::size_t>(from)] == shape(node.outputs[0])) return forward(node.outputs[0], from);
  Operator op = start(node, OperatorKind::kReshape);
  op.inputs = {from};
  op.outputs = {output(node.outputs[0])};
  add(std::move(op));
}

void Converter::transpose(const Node& node) {
  const ValueId x = input(node, 0);
  const Shape& from = shape(x);
  Operator op = start(node, OperatorKind::kTranspose);
  op.axes = integers(*node.proto, "perm");
  if (op.axes.empty()) {
    op.axes.resize(from.size());
    std::iota(op.axes.rbegin(), op.axes.rend(), 0);
  }
  if (op.axes.size() != from.size()) fail(network_, node, "perm does not list every dimension once");
  for (std::int64_t& axis : op.axes) axis = positive_axis(network_, node, axis, from.size());
  if (std::is_sorted(op.axes.begin(), op.axes.end())) return forward(node.outputs[0], tensor(x));
  // Dimensions of 1 go anywhere without a byte moving.
  std::vector<std::int64_t> moved;
  std::copy_if(op.axes.begin(), op.axes.end(), std::back_inserter(moved),
               [&](std::int64_t axis) { return from[static_cast<std::size_t>(axis)] != 1; });
  if (std::is_sorted(moved.begin(), moved.end()) || integer(*node.proto, kMovesNothing, 0) != 0) {
    op.kind = OperatorKind::kReshape;
    op.axes.clear();
  }
  op.inputs = {tensor(x)};
  op.outputs = {output(node.outputs[0])};
  add(std::move(op));
}

void Converter::concat(const Node& node) {
  const Shape& out = shape(node.outputs[0]);
  std::int64_t axis = positive_axis(network_, node, integer(*node.proto, "axis", node.opset < 4 ? 1 : 0), out.size());
  std::vector<ValueId> parts;  // that hold anything
  std::copy_if(node.inputs.begin(), node.inputs.end(), std::back_inserter(parts),
               [&](ValueId id) { return id != kNone && !is_empty(id); });
  if (parts.size() == 1) return forward(node.outputs[0], tensor(parts[0]));
  const bool repeats =
      !parts.empty() && std::count(parts.begin(), parts.end(), parts[0]) == static_cast<std::ptrdiff_t>(parts.size());
  if (repeats && !network_.is_weight(parts[0])) {
    return add_repetition(node, parts[0], axis, static_cast<std::int64_t>(parts.size()), false);
  }
  Operator op = start(node, OperatorKind::kConcat);
  const bool as_images = connect(node, op);
  if (as_images && axis == 2) axis = 3;
  op.axes = {axis};
  add(std::move(op));
}

void Converter::split(const Node& node) {
  const ValueId x = input(node, 0);
  Operator op = start(node, OperatorKind::kSplit);
  op.axes = {positive_axis(network_, node, integer(*node.proto, "axis", 0), shape(x).size())};
  if (node.outputs.size() == 1) return forward(node.outputs[0], tensor(x));
  op.inputs = {tensor(x)};
  for (const ValueId id : node.outputs) {
    if (id != kNone) op.outputs.push_back(output(id));
  }
  add(std::move(op));
}

void Converter::slice(const Node& node) {
  const ValueId x = input(node, 0);
  const Shape& from = shape(x);
  if (from == shape(node.outputs[0])) {
    const auto steps = integers_argument(network_, node, "steps", 4);
    const bool turns = steps && std::any_of(steps->begin(), steps->end(), [](std::int64_t step) { return step < 0; });
    if (!turns) return forward(node.outputs[0], tensor(x));
  }
  const auto argument = [&](const char* name, std::size_t n) {
    return integers_argument(network_, node, name, n).value_or(Shape{});
  };
  const auto ranges =
      slice_ranges(from, argument("starts", 1), argument("ends", 2), argument("axes", 3), argument("steps", 4));
  if (!ranges) fail(network_, node, "starts, ends, axes and steps do not fit its input");
  Operator op = start(node, OperatorKind::kSlice);
  for (const SliceRange& range : *ranges) {
    op.axes.push_back(range.axis);
    op.offsets.push_back(range.start);
    op.steps.push_back(range.step);
  }
  op.inputs = {tensor(x)};
  op.outputs = {output(node.outputs[0])};
  add(std::move(op));
}

void Converter::gather(const Node& node) {
  const ValueId data = input(node, 0);
  const ValueId indices = input(node, 1);
  const Shape& from = shape(data);
  const auto axis =
      static_cast<std::size_t>(positive_axis(network_, node, integer(*node.proto, "axis", 0), from.size()));
  Operator op = start(node, OperatorKind::kGather);
  op.axes = {static_cast<std::int64_t>(axis)};
  if (network_.is_weight(data)) {
    op.inputs = {tensor(indices)};
    op.weights = {tensor(data)};
  } else if (const Constant* chosen = network_.constant(indices)) {
    // Neighbours in order are a slice.
    Shape cut = from;
    cut[axis] = static_cast<std::int64_t>(chosen->size());
    const std::vector<std::int64_t> entries = chosen->all_whole();
    bool ordered = !entries.empty();
    for (std::size_t i = 1; i < entries.size(); ++i) ordered = ordered && entries[i] == entries[i - 1] + 1;
    if (ordered) {
      op.kind = OperatorKind::kSlice;
      op.offsets = {entries[0] < 0 ? entries[0] + from[axis] : entries[0]};
      if (op.offsets[0] < 0 || op.offsets[0] + cut[axis] > from[axis]) {
        fail(network_, node, fmt::format("index {} is outside a dimension of {}", entries[0], from[axis]));
      }
    }
    if (!ordered) {
      const auto [times, interleaved] = repetition_in(entries, from[axis]);
      if (times > 1) return add_repetition(node, data, static_cast<std::int64_t>(axis), times, interleaved);
    }
    op.inputs = {tensor(data)};
    if (cut != shape(node.outputs[0])) {
      const TensorId taken = between(node, "taken", cut, node.outputs[0]);
      op.outputs = {taken};
      add(std::move(op));
      return add_reshape(node.name + "/reshape", node.source_type, taken, output(node.outputs[0]));
    }
  } else {
    op.inputs = {tensor(data)};
    if (!network_.is_weight(indices)) op.inputs.push_back(tensor(indices));
  }
  op.outputs = {output(node.outputs[0])};
  add(std::move(op));
}

void Converter::pad(const Node& node) {
  const ValueId x = input(node, 0);
  const std::size_t rank = shape(x).size();
  auto pads = integers_argument(network_, node, find_attribute(*node.proto, "paddings") ? "paddings" : "pads", 1);
  const auto axes = integers_argument(network_, node, "axes", 3);
  if (pads && axes && pads->size() == 2 * axes->size()) {
    std::vector<std::int64_t> all(2 * rank, 0);
    for (std::size_t i = 0; i < axes->size(); ++i) {
      const auto axis = static_cast<std::size_t>(positive_axis(network_, node, (*axes)[i], rank));
      all[axis] = (*pads)[i];
      all[rank + axis] = (*pads)[axes->size() + i];
    }
    pads = std::move(all);
  }
  if (!pads || pads->size() != 2 * rank) fail(network_, node, "pads does not hold two numbers a dimension");
  if (std::all_of(pads->begin(), pads->end(), [](std::int64_t n) { return n == 0; })) {
    return forward(node.outputs[0], tensor(x));
  }
  if (*std::min_element(pads->begin(), pads->end()) < 0) fail(network_, node, "negative pads are not supported");
  Operator op = start(node, OperatorKind::kPad);
  op.axes.resize(rank);
  std::iota(op.axes.begin(), op.axes.end(), 0);
  op.offsets.assign(pads->begin(), pads->begin() + static_cast<std::ptrdiff_t>(rank));
  op.inputs = {tensor(x)};
  op.outputs = {output(node.outputs[0])};
  add(std::move(op));
}

void Converter::resize(const Node& node) {
  const ValueId x = input(node, 0);
  if (shape(x) == shape(node.outputs[0])) return forward(node.outputs[0], tensor(x));
  Operator op = start(node, OperatorKind::kResize);
  op.inputs = {image(x)};
  op.outputs = {output_image(node.outputs[0])};
  add(std::move(op));
}

// Expand, Tile. A dimension that is repeated moves what a resize to the same size moves, unless a matrix product reads
// the repeated tensor.
void Converter::repeat(const Node& node) {
  const ValueId x = input(node, 0);
  const Shape& out = shape(node.outputs[0]);
  if (shape(x) == out) return forward(node.outputs[0], tensor(x));
  TensorId from = tensor(x);
  const bool larger = element_count(shape(x)) != element_count(out);
  Operator op = start(node, larger ? OperatorKind::kResize : OperatorKind::kReshape);
  if (larger && shape(x).size() < out.size()) {
    Shape same_rank = shape(x);
    same_rank.insert(same_rank.begin(), out.size() - same_rank.size(), 1);
    from = reshaped(node, from, "reshaped", same_rank, x);
  }
  const Shape& in = shapes_[static_cast<std::size_t>(from)];
  for (std::size_t i = 0; larger && i < out.size(); ++i) {
    if (in.size() == out.size() && out[i] != in[i]) op.axes.push_back(static_cast<std::int64_t>(i));
  }
  op.inputs = {from};
  op.outputs = {output(node.outputs[0])};
  add(std::move(op));
}

void Converter::add_repetition(const Node& node, ValueId x, std::int64_t axis, std::int64_t times, bool interleaved) {
  // Entry by entry is the whole of an axis of length 1 behind it.
  Shape apart = shape(x);
  const auto at = static_cast<std::size_t>(interleaved ? axis + 1 : axis);
  if (interleaved) apart.insert(apart.begin() + axis + 1, 1);
  Shape repeated = apart;
  repeated[at] *= times;
  Operator op = start(node, OperatorKind::kResize);
  op.axes = {static_cast<std::int64_t>(at)};
  op.inputs = {reshaped(node, x, "apart", apart)};
  const bool direct = repeated == shape(node.outputs[0]);
  op.outputs = {direct ? output(node.outputs[0]) : between(node, "repeated", repeated, node.outputs[0])};
  const TensorId made = op.outputs[0];
  add(std::move(op));
  if (!direct) add_reshape(node.name + "/reshape", node.source_type, made, output(node.outputs[0]));
}

// As many bytes as it writes are read once. A reshape between the two shapes moves nothing.
void Converter::moved(const Node& node) {
  const ValueId x = input(node, 0);
  const Shape& out = shape(node.outputs[0]);
  Operator op = start(node, OperatorKind::kGather);
  op.axes = {0};
  op.inputs = {tensor(x)};
  if (out.empty() || shape(x).empty()) fail(network_, node, "moves a single number");
  op.outputs = {output(node.outputs[0])};
  add(std::move(op));
}

void Converter::space_to_depth(const Node& node) {
  const ValueId x = input(node, 0);
  const Shape& from = shape(x);
  const std::int64_t block = integer(*node.proto, "blocksize", 1);
  if (from.size() != 4) fail(network_, node, "its input does not have four dimensions");
  if (block == 1) return forward(node.outputs[0], tensor(x));
  // Split the axes that hold the block, turn it to the other side, join again.
  Shape split;
  std::vector<std::int64_t> permutation;
  if (node.type == "SpaceToDepth") {
    split = {from[0], from[1], from[2] / block, block, from[3] / block, block};
    permutation = {0, 3, 5, 1, 2, 4};
  } else if (text(*node.proto, "mode", "DCR") == "CRD") {
    split = {from[0], from[1] / (block * block), block, block, from[2], from[3]};
    permutation = {0, 1, 4, 2, 5, 3};
  } else {
    split = {from[0], block, block, from[1] / (block * block), from[2], from[3]};
    permutation = {0, 3, 4, 1, 5, 2};
  }
  if (element_count(split) != element_count(from)) {
    fail(network_, node, fmt::format("a block of {} does not divide [{}]", block, fmt::join(from, ", ")));
  }
  Shape turned;
  for (const std::int64_t axis : permutation) turned.push_back(split[static_cast<std::size_t>(axis)]);
  const TensorId before = between(node, "split", split, x);
  const TensorId after = between(node, "turned", turned, x);
  add_reshape(node.name + "/split", node.source_type, tensor(x), before);
  Operator op = start(node, OperatorKind::kTranspose);
  op.axes = permutation;
  op.inputs = {before};
  op.outputs = {after};
  add(std::move(op));
  add_reshape(node.name + "/join", node.source_type, after, output(node.outputs[0]));
}

}  // namespace lanewise::network::importing
