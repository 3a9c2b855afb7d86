// SPDX-License-Identifier: Apache-2.0
// Constant folding of operators that move numbers without changing them, and the table of all that are folded.
#include "core/network/onnx/evaluate.hpp"

#include <algorithm>
#include <map>

#include "core/network/onnx/arithmetic.hpp"
#include "core/network/onnx/attributes.hpp"

namespace lanewise::network::importing {

namespace {

using Inputs = std::vector<const Constant*>;
using Shapes = std::vector<std::optional<Shape>>;
using Result = std::optional<std::vector<Constant>>;
using Evaluator = Result (*)(const onnx::NodeProto&, const Inputs&, const Shapes&);

std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i > 1; --i) strides[i - 2] = strides[i - 1] * shape[i - 1];
  return strides;
}

void append(Constant& to, const Constant& from, std::size_t index) {
  if (from.is_real) {
    to.real.push_back(from.real[index]);
  } else {
    to.whole.push_back(from.whole[index]);
  }
}

// A constant of `shape` whose element at each index is the element of `from` at the position that `pick` gives for it.
template <class Pick>
Result gather_elements(const Constant& from, const Shape& shape, Pick pick) {
  const std::optional<std::int64_t> count = element_count(shape);
  if (!count || *count > kLargestConstant) return std::nullopt;
  Constant result;
  result.shape = shape;
  result.is_real = from.is_real;
  Shape index(shape.size(), 0);
  for (std::int64_t done = 0; done < *count; ++done) {
    const std::int64_t source = pick(index);
    if (source < 0 || source >= static_cast<std::int64_t>(from.size())) return std::nullopt;
    append(result, from, static_cast<std::size_t>(source));
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return std::vector<Constant>{std::move(result)};
}

std::int64_t from_front(std::int64_t axis, std::size_t rank) {
  return axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
}

Result same_order(const onnx::NodeProto&, const Inputs& inputs, const Shapes& shapes) {
  if (inputs.empty() || inputs[0] == nullptr || !shapes[0]) return std::nullopt;
  const std::optional<std::int64_t> count = element_count(*shapes[0]);
  if (!count || *count != static_cast<std::int64_t>(inputs[0]->size())) return std::nullopt;
  Constant result = *inputs[0];
  result.shape = *shapes[0];
  return std::vector<Constant>{std::move(result)};
}

Result identity(const onnx::NodeProto&, const Inputs& inputs, const Shapes&) {
  return std::vector<Constant>{*inputs[0]};
}

Result gather(const onnx::NodeProto& node, const Inputs& inputs, const Shapes& shapes) {
  const Constant& data = *inputs[0];
  const Constant& indices = *inputs[1];
  const std::int64_t axis = from_front(integer(node, "axis", 0), data.shape.size());
  if (!shapes[0] || axis < 0 || axis >= static_cast<std::int64_t>(data.shape.size())) return std::nullopt;
  const auto at = static_cast<std::size_t>(axis);
  const auto data_strides = strides_of(data.shape);
  const auto index_strides = strides_of(indices.shape);
  const std::size_t index_rank = indices.shape.size();
  if (shapes[0]->size() != data.shape.size() - 1 + index_rank) return std::nullopt;
  return gather_elements(data, *shapes[0], [&](const Shape& index) -> std::int64_t {
    std::int64_t position = 0;
    for (std::size_t i = 0; i < at; ++i) position += index[i] * data_strides[i];
    std::int64_t chosen = 0;
    for (std::size_t i = 0; i < index_rank; ++i) chosen += index[at + i] * index_strides[i];
    const std::int64_t entry = indices.as_whole(static_cast<std::size_t>(chosen));
    if (entry < -data.shape[at] || entry >= data.shape[at]) return -1;
    position += (entry < 0 ? entry + data.shape[at] : entry) * data_strides[at];
    for (std::size_t i = at + 1; i < data.shape.size(); ++i) position += index[i + index_rank - 1] * data_strides[i];
    return position;
  });
}

std::vector<std::int64_t> whole_argument(const onnx::NodeProto& node, const Inputs& inputs, const char* attribute,
                                         std::size_t input) {
  if (find_attribute(node, attribute) != nullptr) return integers(node, attribute);
  return input < inputs.size() && inputs[input] != nullptr ? inputs[input]->all_whole() : std::vector<std::int64_t>{};
}

Result slice(const onnx::NodeProto& node, const Inputs& inputs, const Shapes&) {
  const Constant& data = *inputs[0];
  const auto ranges =
      slice_ranges(data.shape, whole_argument(node, inputs, "starts", 1), whole_argument(node, inputs, "ends", 2),
                   whole_argument(node, inputs, "axes", 3), whole_argument(node, inputs, "steps", 4));
  if (!ranges) return std::nullopt;
  Shape shape = data.shape;
  std::vector<std::int64_t> start(shape.size(), 0);
  std::vector<std::int64_t> step(shape.size(), 1);
  for (const SliceRange& range : *ranges) {
    const auto axis = static_cast<std::size_t>(range.axis);
    shape[axis] = range.count;
    start[axis] = range.start;
    step[axis] = range.step;
  }
  const auto strides = strides_of(data.shape);
  return gather_elements(data, shape, [&](const Shape& index) {
    std::int64_t position = 0;
    for (std::size_t i = 0; i < index.size(); ++i) position += (start[i] + index[i] * step[i]) * strides[i];
    return position;
  });
}

Result concat(const onnx::NodeProto& node, const Inputs& inputs, const Shapes& shapes) {
  if (!shapes[0]) return std::nullopt;
  const std::int64_t axis = from_front(integer(node, "axis", 0), shapes[0]->size());
  if (axis < 0 || axis >= static_cast<std::int64_t>(shapes[0]->size())) return std::nullopt;
  Constant result;
  result.shape = *shapes[0];
  result.is_real = inputs[0]->is_real;
  std::int64_t outer = 1;
  for (std::size_t i = 0; i < static_cast<std::size_t>(axis); ++i) outer *= result.shape[i];
  const std::optional<std::int64_t> count = element_count(result.shape);
  if (!count || *count > kLargestConstant) return std::nullopt;
  for (const Constant* input : inputs) {
    if (input->is_real != result.is_real) return std::nullopt;
  }
  for (std::int64_t i = 0; i<outer&& * count> 0; ++i) {
    for (const Constant* input : inputs) {
      const std::size_t run = input->size() / static_cast<std::size_t>(outer);
      for (std::size_t k = 0; k < run; ++k) append(result, *input, static_cast<std::size_t>(i) * run + k);
    }
  }
  if (static_cast<std::int64_t>(result.size()) != *count) return std::nullopt;
  return std::vector<Constant>{std::move(result)};
}

Result broadcast(const onnx::NodeProto&, const Inputs& inputs, const Shapes& shapes) {
  if (!shapes[0] || shapes[0]->size() < inputs[0]->shape.size()) return std::nullopt;
  const Constant& data = *inputs[0];
  const auto strides = strides_of(data.shape);
  const std::size_t ahead = shapes[0]->size() - data.shape.size();
  return gather_elements(data, *shapes[0], [&](const Shape& index) {
    std::int64_t position = 0;
    // A dimension of 1 repeats (Expand); a longer one starts again (Tile).
    for (std::size_t i = 0; i < data.shape.size(); ++i) {
      if (data.shape[i] > 0) position += index[ahead + i] % data.shape[i] * strides[i];
    }
    return position;
  });
}

Result transpose(const onnx::NodeProto& node, const Inputs& inputs, const Shapes& shapes) {
  const Constant& data = *inputs[0];
  std::vector<std::int64_t> permutation = integers(node, "perm");
  if (permutation.empty()) {
    for (std::size_t i = data.shape.size(); i-- > 0;) permutation.push_back(static_cast<std::int64_t>(i));
  }
  if (!shapes[0] || permutation.size() != data.shape.size() || shapes[0]->size() != data.shape.size()) {
    return std::nullopt;
  }
  const auto strides = strides_of(data.shape);
  return gather_elements(data, *shapes[0], [&](const Shape& index) {
    std::int64_t position = 0;
    for (std::size_t i = 0; i < index.size(); ++i) {
      position += index[i] * strides[static_cast<std::size_t>(permutation[i])];
    }
    return position;
  });
}

Result split(const onnx::NodeProto& node, const Inputs& inputs, const Shapes& shapes) {
  const Constant& data = *inputs[0];
  const std::int64_t axis = from_front(integer(node, "axis", 0), data.shape.size());
  if (axis < 0 || axis >= static_cast<std::int64_t>(data.shape.size())) return std::nullopt;
  const auto strides = strides_of(data.shape);
  std::vector<Constant> parts;
  std::int64_t start = 0;
  for (const std::optional<Shape>& shape : shapes) {
    if (!shape || shape->size() != data.shape.size()) return std::nullopt;
    Result part = gather_elements(data, *shape, [&](const Shape& index) {
      std::int64_t position = start * strides[static_cast<std::size_t>(axis)];
      for (std::size_t i = 0; i < index.size(); ++i) position += index[i] * strides[i];
      return position;
    });
    if (!part) return std::nullopt;
    parts.push_back(std::move(part->front()));
    start += (*shape)[static_cast<std::size_t>(axis)];
  }
  return parts;
}

Result constant_of_shape(const onnx::NodeProto& node, const Inputs& inputs, const Shapes&) {
  const Shape shape = inputs[0]->all_whole();
  const std::optional<std::int64_t> count = element_count(shape);
  if (!count || *count > kLargestConstant) return std::nullopt;
  Constant value;
  value.is_real = true;
  value.real = {0.0};
  if (const onnx::AttributeProto* attribute = find_attribute(node, "value")) {
    const std::optional<Constant> given = decode(attribute->t());
    if (!given || given->size() != 1) return std::nullopt;
    value = *given;
  }
  return gather_elements(value, shape, [](const Shape&) { return std::int64_t{0}; });
}

Result nonzero(const onnx::NodeProto&, const Inputs& inputs, const Shapes&) {
  const Constant& data = *inputs[0];
  if (data.shape.size() != 1) return std::nullopt;
  Constant result;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (data.as_real(i) != 0) result.whole.push_back(static_cast<std::int64_t>(i));
  }
  result.shape = {1, static_cast<std::int64_t>(result.whole.size())};
  return std::vector<Constant>{std::move(result)};
}

const std::map<std::string, Evaluator>& movers() {
  static const std::map<std::string, Evaluator> table = {
      {"Concat", concat},       {"ConstantOfShape", constant_of_shape},
      {"Expand", broadcast},    {"Flatten", same_order},
      {"Gather", gather},       {"Identity", identity},
      {"NonZero", nonzero},     {"Reshape", same_order},
      {"Slice", slice},         {"Split", split},
      {"Squeeze", same_order},  {"Tile", broadcast},
      {"Transpose", transpose}, {"Unsqueeze", same_order},
  };
  return table;
}

bool has_required_inputs(const std::string& type, const Inputs& inputs) {
  const std::size_t needed = type == "Gather" ? 2 : 1;
  if (inputs.size() < needed) return false;
  for (std::size_t i = 0; i < needed; ++i) {
    if (inputs[i] == nullptr) return false;
  }
  return type != "Concat" || std::find(inputs.begin(), inputs.end(), nullptr) == inputs.end();
}

}  // namespace

bool is_evaluated(const std::string& type) { return movers().count(type) > 0 || is_arithmetic(type); }

std::optional<std::vector<Constant>> evaluate(const onnx::NodeProto& node, const std::vector<const Constant*>& inputs,
                                              const std::vector<std::optional<Shape>>& shapes) {
  const auto mover = movers().find(node.op_type());
  if (mover != movers().end()) {
    if (!has_required_inputs(node.op_type(), inputs) || shapes.empty()) return std::nullopt;
    return mover->second(node, inputs, shapes);
  }
  std::optional<Constant> result = evaluate_arithmetic(node, inputs);
  if (!result) return std::nullopt;
  return std::vector<Constant>{std::move(*result)};
}

std::optional<std::vector<SliceRange>> slice_ranges(const Shape& shape, const std::vector<std::int64_t>& starts,
                                                    const std::vector<std::int64_t>& ends,
                                                    const std::vector<std::int64_t>& axes,
                                                    const std::vector<std::int64_t>& steps) {
  if (starts.size() != ends.size() || (!axes.empty() && axes.size() != starts.size()) ||
      (!steps.empty() && steps.size() != starts.size())) {
    return std::nullopt;
  }
  std::vector<SliceRange> ranges;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    SliceRange range;
    range.axis = from_front(axes.empty() ? static_cast<std::int64_t>(i) : axes[i], shape.size());
    if (range.axis < 0 || range.axis >= static_cast<std::int64_t>(shape.size())) return std::nullopt;
    const std::int64_t size = shape[static_cast<std::size_t>(range.axis)];
    if (size == 0) {
      ranges.push_back(range);
      continue;
    }
    range.step = steps.empty() ? 1 : steps[i];
    if (range.step == 0 || range.step < -size - 1) {
      if (range.step == 0) return std::nullopt;
      range.step = -size - 1;
    }
    range.step = std::min(range.step, size + 1);
    const auto place = [size](std::int64_t at, std::int64_t low, std::int64_t high) {
      return std::clamp(at < 0 ? at + size : at, low, high);
    };
    if (range.step > 0) {
      range.start = place(starts[i], 0, size);
      const std::int64_t end = place(ends[i], 0, size);
      range.count = end > range.start ? (end - range.start + range.step - 1) / range.step : 0;
    } else {
      range.start = place(starts[i], 0, size - 1);
      const std::int64_t end = place(ends[i], -1, size - 1);
      range.count = range.start > end ? (range.start - end - range.step - 1) / -range.step : 0;
    }
    ranges.push_back(range);
  }
  return ranges;
}

}  // namespace lanewise::network::importing
