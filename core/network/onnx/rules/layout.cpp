// SPDX-License-Identifier: Apache-2.0
// Operators that put the same elements into another order or shape.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/network/onnx/evaluate.hpp"
#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

std::int64_t product(const Shape& shape, std::size_t begin, std::size_t end) {
  return std::accumulate(shape.begin() + static_cast<std::ptrdiff_t>(begin),
                         shape.begin() + static_cast<std::ptrdiff_t>(end), std::int64_t{1}, std::multiplies<>());
}

// 0 copies a size of the input (unless the file says that it is meant), -1 is what is left over.
void reshape(Query& query) {
  const Shape& from = query.shape(0);
  const Query::Argument asked = query.argument("shape", 1);
  query.require(asked.is_given, "does not say to what shape");
  query.give_type(0, query.element_type(0));
  if (!asked.is_known) return;
  const bool keeps_zeros = query.integer("allowzero", 0) != 0;
  Shape result = asked.values;
  std::ptrdiff_t open = -1;
  std::int64_t known = 1;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] == 0 && !keeps_zeros) {
      if (i >= from.size()) query.fail(fmt::format("copies dimension {} of a tensor of {}", i, from.size()));
      result[i] = from[i];
    }
    if (result[i] < -1) query.fail(fmt::format("its dimension {} is {}", i, result[i]));
    if (result[i] == -1) {
      query.require(open < 0, "leaves more than one dimension open");
      open = static_cast<std::ptrdiff_t>(i);
    } else {
      known = query.times(known, result[i]);
    }
  }
  const std::int64_t count = *element_count(from);
  if (open >= 0 && known > 0) result[static_cast<std::size_t>(open)] = count / known;
  if (open >= 0 && known == 0) result[static_cast<std::size_t>(open)] = 0;
  if (element_count(result) != count) {
    query.fail(fmt::format("[{}] does not hold the {} elements of [{}]", fmt::join(asked.values, ", "), count,
                           fmt::join(from, ", ")));
  }
  query.give(0, std::move(result), query.element_type(0));
}

void flatten(Query& query) {
  const Shape& from = query.shape(0);
  const auto rank = static_cast<std::int64_t>(from.size());
  std::int64_t axis = query.integer("axis", 1);
  if (axis < -rank || axis > rank) query.fail(fmt::format("axis {} is outside a tensor of {} dimensions", axis, rank));
  if (axis < 0) axis += rank;
  const auto at = static_cast<std::size_t>(axis);
  query.give(0, {product(from, 0, at), product(from, at, from.size())}, query.element_type(0));
}

void squeeze(Query& query) {
  const Shape& from = query.shape(0);
  const Query::Argument given = query.argument("axes", 1);
  query.give_type(0, query.element_type(0));
  if (given.is_given && !given.is_known) return;
  const std::vector<std::size_t> axes = query.axes(given.values, from.size());
  std::vector<bool> gone(from.size(), false);
  for (const std::size_t axis : axes) {
    if (from[axis] != 1) query.fail(fmt::format("axis {} is {} long, and only one of 1 can go", axis, from[axis]));
    gone[axis] = true;
  }
  Shape result;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (given.is_given ? !gone[i] : from[i] != 1) result.push_back(from[i]);
  }
  query.give(0, std::move(result), query.element_type(0));
}

void unsqueeze(Query& query) {
  const Shape& from = query.shape(0);
  const Query::Argument given = query.argument("axes", 1);
  query.require(given.is_given, "does not say where to put the new axes");
  query.give_type(0, query.element_type(0));
  if (!given.is_known) return;
  Shape result(from.size() + given.values.size(), -1);
  for (const std::size_t axis : query.axes(given.values, result.size())) result[axis] = 1;
  auto next = from.begin();
  for (std::int64_t& size : result) {
    if (size < 0) size = *next++;
  }
  query.give(0, std::move(result), query.element_type(0));
}

void transpose(Query& query) {
  const Shape& from = query.shape(0);
  std::vector<std::int64_t> order = query.integers("perm");
  if (order.empty()) {
    order.resize(from.size());
    std::iota(order.rbegin(), order.rend(), 0);
  }
  query.require(order.size() == from.size(), "perm does not list every dimension once");
  Shape result;
  for (const std::size_t axis : query.axes(order, from.size())) result.push_back(from[axis]);
  query.give(0, std::move(result), query.element_type(0));
}

void concat(Query& query) {
  Shape result = query.ranked(0, 1, kMany);
  query.require(query.opset() < 4 || query.has_attribute("axis"), "has no axis");
  const std::size_t axis = query.axis(query.integer("axis", 1), result.size());
  for (std::size_t n = 1; n < query.inputs(); ++n) {
    const Shape& next = query.ranked(n, result.size(), result.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (i != axis && next[i] != result[i]) {
        query.fail(fmt::format("[{}] and [{}] differ beside axis {}", fmt::join(query.shape(0), ", "),
                               fmt::join(next, ", "), axis));
      }
    }
    result[axis] = query.plus(result[axis], next[axis]);
  }
  query.give(0, std::move(result), query.element_type(0));
}

void split(Query& query) {
  const Shape& from = query.ranked(0, 1, kMany);
  const std::size_t axis = query.axis(query.integer("axis", 0), from.size());
  const auto parts = static_cast<std::int64_t>(query.outputs());
  for (std::size_t i = 0; i < query.outputs(); ++i) query.give_type(i, query.element_type(0));
  const Query::Argument given = query.argument("split", 1);
  if (given.is_given && !given.is_known) return;
  std::vector<std::int64_t> sizes = given.values;
  if (!given.is_given) {
    // Equal parts; where the file counts them, the last may be smaller.
    const bool counts = query.has_attribute("num_outputs");
    if (counts && query.integer("num_outputs", 0) != parts) {
      query.fail(fmt::format("num_outputs is {}, and it has {}", query.integer("num_outputs", 0), parts));
    }
    if (!counts && from[axis] % parts != 0) {
      query.fail(fmt::format("{} elements do not make {} equal parts", from[axis], parts));
    }
    const std::int64_t part = (from[axis] + parts - 1) / parts;
    for (std::int64_t i = 0; i < parts; ++i) {
      sizes.push_back(std::clamp<std::int64_t>(from[axis] - i * part, 0, part));
    }
  }
  std::int64_t sum = 0;
  for (const std::int64_t size : sizes) {
    if (size < 0) query.fail(fmt::format("a part of {} elements", size));
    sum = query.plus(sum, size);
  }
  if (sizes.size() != query.outputs() || sum != from[axis]) {
    query.fail(fmt::format("parts of [{}] do not make {} outputs of the {} elements of axis {}", fmt::join(sizes, ", "),
                           parts, from[axis], axis));
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Shape part = from;
    part[axis] = sizes[i];
    query.give(i, std::move(part), query.element_type(0));
  }
}

void slice(Query& query) {
  Shape result = query.shape(0);
  const Query::Argument starts = query.argument("starts", 1);
  const Query::Argument ends = query.argument("ends", 2);
  const Query::Argument axes = query.argument("axes", 3);
  const Query::Argument steps = query.argument("steps", 4);
  query.require(starts.is_given && ends.is_given, "does not say from where to where");
  query.give_type(0, query.element_type(0));
  for (const Query::Argument* argument : {&starts, &ends, &axes, &steps}) {
    if (argument->is_given && !argument->is_known) return;
  }
  query.axes(axes.values, result.size());
  const auto ranges = slice_ranges(result, starts.values, ends.values, axes.values, steps.values);
  if (!ranges) query.fail("starts, ends, axes and steps do not fit its input");
  for (const SliceRange& range : *ranges) result[static_cast<std::size_t>(range.axis)] = range.count;
  query.give(0, std::move(result), query.element_type(0));
}

std::int64_t block_of(const Query& query) {
  query.require(query.has_attribute("blocksize"), "has no blocksize");
  return query.integer("blocksize", 1);
}

void depth_to_space(Query& query) {
  const Shape& x = query.ranked(0, 4, 4);
  const std::int64_t block = block_of(query);
  const std::int64_t area = query.times(block, block);
  if (x[1] % area != 0) query.fail(fmt::format("blocks of {} do not divide {} channels", area, x[1]));
  query.give(0, {x[0], x[1] / area, query.times(x[2], block), query.times(x[3], block)}, query.element_type(0));
}

void space_to_depth(Query& query) {
  const Shape& x = query.ranked(0, 4, 4);
  const std::int64_t block = block_of(query);
  if (x[2] % block != 0 || x[3] % block != 0) {
    query.fail(fmt::format("a block of {} does not divide [{}]", block, fmt::join(x, ", ")));
  }
  const std::int64_t channels = query.times(x[1], query.times(block, block));
  query.give(0, {x[0], channels, x[2] / block, x[3] / block}, query.element_type(0));
}

}  // namespace

const std::vector<Rule>& layout_rules() {
  static const std::vector<Rule> table = {
      {"Concat", 1, kMany, 1, concat},   {"DepthToSpace", 1, 1, 1, depth_to_space},
      {"Flatten", 1, 1, 1, flatten},     {"Reshape", 1, 2, 1, reshape},
      {"Slice", 1, 5, 1, slice},         {"SpaceToDepth", 1, 1, 1, space_to_depth},
      {"Split", 1, 2, kMany, split},     {"Squeeze", 1, 2, 1, squeeze},
      {"Transpose", 1, 1, 1, transpose}, {"Unsqueeze", 1, 2, 1, unsqueeze},
  };
  return table;
}

}  // namespace lanewise::network::importing
