// SPDX-License-Identifier: Apache-2.0
// Operators that pick elements by an index, put them at one, or say where they are.
#include <fmt/format.h>

#include <algorithm>

#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

void gather(Query& query) {
  const Shape& data = query.ranked(0, 1, kMany);
  const Shape& indices = query.shape(1);
  const auto axis = static_cast<std::ptrdiff_t>(query.axis(query.integer("axis", 0), data.size()));
  const std::int64_t size = data[static_cast<std::size_t>(axis)];
  if (const Constant* known = query.constant(1)) {
    for (std::size_t i = 0; i < known->size(); ++i) {
      const std::int64_t index = known->as_whole(i);
      if (index < -size || index >= size) query.fail(fmt::format("index {} is outside a dimension of {}", index, size));
    }
  }
  Shape result(data.begin(), data.begin() + axis);
  result.insert(result.end(), indices.begin(), indices.end());
  result.insert(result.end(), data.begin() + axis + 1, data.end());
  query.give(0, std::move(result), query.element_type(0));
}

void gather_elements(Query& query) {
  const Shape& data = query.ranked(0, 1, kMany);
  const Shape& indices = query.ranked(1, data.size(), data.size());
  query.axis(query.integer("axis", 0), data.size());
  query.give(0, indices, query.element_type(0));
}

void gather_nd(Query& query) {
  const Shape& data = query.ranked(0, 1, kMany);
  const Shape& indices = query.ranked(1, 1, kMany);
  const std::int64_t batch = query.integer("batch_dims", 0);
  const std::int64_t depth = indices.back();
  if (batch < 0 || batch >= static_cast<std::int64_t>(std::min(data.size(), indices.size())) || depth < 1 ||
      depth > static_cast<std::int64_t>(data.size()) - batch) {
    query.fail(fmt::format("indices [{}] with {} dimensions of batch do not fit [{}]", fmt::join(indices, ", "), batch,
                           fmt::join(data, ", ")));
  }
  if (!std::equal(data.begin(), data.begin() + batch, indices.begin())) {
    query.fail("data and indices differ in their batch");
  }
  Shape result(indices.begin(), indices.end() - 1);
  result.insert(result.end(), data.begin() + batch + depth, data.end());
  query.give(0, std::move(result), query.element_type(0));
}

void scatter_elements(Query& query) {
  const Shape& data = query.ranked(0, 1, kMany);
  const Shape& indices = query.ranked(1, data.size(), data.size());
  query.axis(query.integer("axis", 0), data.size());
  query.require(query.shape(2) == indices, "its indices and updates differ in shape");
  query.give(0, data, query.element_type(0));
}

void scatter_nd(Query& query) {
  const Shape& data = query.ranked(0, 1, kMany);
  const Shape& indices = query.ranked(1, 1, kMany);
  const std::int64_t depth = indices.back();
  query.require(depth >= 0 && depth <= static_cast<std::int64_t>(data.size()), "its indices do not fit its data");
  Shape updates(indices.begin(), indices.end() - 1);
  updates.insert(updates.end(), data.begin() + depth, data.end());
  query.require(query.shape(2) == updates, "its updates do not have the shape that its indices ask for");
  query.give(0, data, query.element_type(0));
}

// Elements whose condition is true; how many there are is known where the condition is.
void compress(Query& query) {
  Shape result = query.ranked(0, 1, kMany);
  query.ranked(1, 1, 1);
  query.give_type(0, query.element_type(0));
  const bool whole = !query.has_attribute("axis");
  const std::size_t axis = whole ? 0 : query.axis(query.integer("axis", 0), result.size());
  const Constant* condition = query.constant(1);
  if (condition == nullptr) return;
  if (whole) result = {*element_count(result)};
  query.require(static_cast<std::int64_t>(condition->size()) <= result[axis], "its condition is longer than its input");
  std::int64_t count = 0;
  for (std::size_t i = 0; i < condition->size(); ++i) count += condition->as_real(i) != 0 ? 1 : 0;
  result[axis] = count;
  query.give(0, std::move(result), query.element_type(0));
}

void triangle(Query& query) {
  query.ranked(0, 2, kMany);
  query.give(0, query.shape(0), query.element_type(0));
}

void reverse_sequence(Query& query) {
  const Shape& shape = query.ranked(0, 2, kMany);
  query.ranked(1, 1, 1);
  const std::size_t batch = query.axis(query.integer("batch_axis", 1), shape.size());
  const std::size_t time = query.axis(query.integer("time_axis", 0), shape.size());
  query.require(batch != time, "its batch and its time are one axis");
  query.give(0, shape, query.element_type(0));
}

void one_hot(Query& query) {
  Shape result = query.shape(0);
  query.shape(1);
  query.give_type(0, query.element_type(2));
  const std::size_t axis = query.axis(query.integer("axis", -1), result.size() + 1);
  const std::optional<std::int64_t> depth = query.number(1);
  if (!depth) return;
  result.insert(result.begin() + static_cast<std::ptrdiff_t>(axis), *depth);
  query.give(0, std::move(result), query.element_type(2));
}

// Where the elements are that are not zero: how many depends on the data.
void nonzero(Query& query) {
  query.give_type(0, onnx::TensorProto::INT64);
  const Constant* known = query.constant(0);
  const auto rank = static_cast<std::int64_t>(query.rank(0));
  if (element_count(query.shape(0)) == 0) return query.give(0, {rank, 0}, onnx::TensorProto::INT64);
  if (known == nullptr) return;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < known->size(); ++i) count += known->as_real(i) != 0 ? 1 : 0;
  query.give(0, {rank, count}, onnx::TensorProto::INT64);
}

void unique(Query& query) {
  if (query.has_attribute("axis")) query.axis(query.integer("axis", 0), query.rank(0));
  query.give_type(0, query.element_type(0));
  for (std::size_t i = 1; i < query.outputs(); ++i) query.give_type(i, onnx::TensorProto::INT64);
}

void suppress(Query& query) {
  const Shape& boxes = query.ranked(0, 3, 3);
  const Shape& scores = query.ranked(1, 3, 3);
  query.require(boxes[0] == scores[0] && boxes[1] == scores[2] && boxes[2] == 4, "its boxes and scores do not fit");
  query.give_type(0, onnx::TensorProto::INT64);
}

}  // namespace

const std::vector<Rule>& indexing_rules() {
  static const std::vector<Rule> table = {
      {"Compress", 2, 2, 1, compress},
      {"Gather", 2, 2, 1, gather},
      {"GatherElements", 2, 2, 1, gather_elements},
      {"GatherND", 2, 2, 1, gather_nd},
      {"NonMaxSuppression", 2, 5, 1, suppress},
      {"NonZero", 1, 1, 1, nonzero},
      {"OneHot", 3, 3, 1, one_hot},
      {"ReverseSequence", 2, 2, 1, reverse_sequence},
      {"Scatter", 3, 3, 1, scatter_elements},
      {"ScatterElements", 3, 3, 1, scatter_elements},
      {"ScatterND", 3, 3, 1, scatter_nd},
      {"Trilu", 1, 2, 1, triangle},
      {"Unique", 1, 1, 4, unique},
  };
  return table;
}

}  // namespace lanewise::network::importing
