// SPDX-License-Identifier: Apache-2.0
// Operators that take axes together, and the largest along one.
#include <numeric>

#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

// The input's shape with some axes gone or, where the file keeps them, of size 1.
Shape reduced(const Query& query, const std::vector<std::size_t>& axes) {
  const bool keeps = query.integer("keepdims", 1) != 0;
  Shape shape = query.shape(0);
  std::vector<bool> gone(shape.size(), false);
  for (const std::size_t axis : axes) gone[axis] = true;
  Shape result;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (!gone[i]) {
      result.push_back(shape[i]);
    } else if (keeps) {
      result.push_back(1);
    }
  }
  return result;
}

void reduce(Query& query) {
  const Shape& shape = query.shape(0);
  const Query::Argument given = query.argument("axes", 1);
  if (given.is_given && !given.is_known) {
    // Whatever they are, empty ones included: there is one axis, or as many as the operator keeps.
    return query.give_type(0, query.element_type(0));
  }
  std::vector<std::size_t> axes = query.axes(given.values, shape.size());
  if (axes.empty() && query.integer("noop_with_empty_axes", 0) == 0) {
    axes.resize(shape.size());
    std::iota(axes.begin(), axes.end(), std::size_t{0});
  }
  query.give(0, reduced(query, axes), query.element_type(0));
}

void reduce_to_index(Query& query) {
  const Shape& shape = query.ranked(0, 1, kMany);
  query.give(0, reduced(query, {query.axis(query.integer("axis", 0), shape.size())}), onnx::TensorProto::INT64);
}

void top(Query& query) {
  Shape shape = query.ranked(0, 1, kMany);
  const std::size_t axis = query.axis(query.integer("axis", -1), shape.size());
  query.give_type(1, onnx::TensorProto::INT64);
  std::optional<std::int64_t> count = query.number(1);
  if (query.has_attribute("k")) count = query.integer("k", 0);
  if (!count && query.has(1)) return;
  query.require(count.has_value(), "does not say how many to take");
  query.require(*count >= 0 && *count <= shape[axis], "takes more than there are along its axis");
  shape[axis] = *count;
  query.give(1, shape, onnx::TensorProto::INT64);
  query.give(0, std::move(shape), query.element_type(0));
}

}  // namespace

const std::vector<Rule>& reduction_rules() {
  static const std::vector<Rule> table = {
      {"ArgMax", 1, 1, 1, reduce_to_index},
      {"ArgMin", 1, 1, 1, reduce_to_index},
      {"ReduceL1", 1, 2, 1, reduce},
      {"ReduceL2", 1, 2, 1, reduce},
      {"ReduceLogSum", 1, 2, 1, reduce},
      {"ReduceLogSumExp", 1, 2, 1, reduce},
      {"ReduceMax", 1, 2, 1, reduce},
      {"ReduceMean", 1, 2, 1, reduce},
      {"ReduceMin", 1, 2, 1, reduce},
      {"ReduceProd", 1, 2, 1, reduce},
      {"ReduceSum", 1, 2, 1, reduce},
      {"ReduceSumSquare", 1, 2, 1, reduce},
      {"TopK", 1, 2, 2, top},
  };
  return table;
}

}  // namespace lanewise::network::importing
