// SPDX-License-Identifier: Apache-2.0
// Operators whose output has the shape of their input, or the one that their inputs broadcast to.
#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

// One axis is treated on its own: `axis` must lie within the tensor (a number alone counts as one dimension).
void same_along_axis(Query& query) {
  const Shape& shape = query.shape(0);
  const bool old = query.opset() < 13;  // before, the last axis was not the one that was meant without an attribute
  if (!shape.empty()) query.axis(query.integer("axis", old && shape.size() > 1 ? 1 : -1), shape.size());
  same(query);
}

void truth(Query& query) { query.give(0, query.shape(0), onnx::TensorProto::BOOL); }

// Before operator set 7 the second operand stood at an axis of the first, whose shape the output has.
bool broadcasts_the_old_way(const Query& query) { return query.opset() < 7 && query.has_attribute("broadcast"); }

void broadcast_as(Query& query, int element_type) {
  Shape shape = query.shape(0);
  if (!broadcasts_the_old_way(query)) {
    for (std::size_t i = 1; i < query.inputs(); ++i) shape = query.broadcast(shape, query.shape(i));
  }
  query.give(0, std::move(shape), element_type);
}

void broadcast(Query& query) { broadcast_as(query, query.element_type(0)); }
void compare(Query& query) { broadcast_as(query, onnx::TensorProto::BOOL); }

void select(Query& query) { broadcast_as(query, query.element_type(1)); }

void clip(Query& query) {
  for (std::size_t i = 1; i < query.inputs(); ++i) {
    if (query.has(i)) query.require(element_count(query.shape(i)) == 1, "its bounds are not one number each");
  }
  same(query);
}

// The slope may be repeated, the input may not.
void parametric_relu(Query& query) {
  const Shape& shape = query.shape(0);
  if (query.opset() >= 7 && query.broadcast(shape, query.shape(1)) != shape) {
    query.fail("its slope has more elements along an axis than its input");
  }
  same(query);
}

void cast(Query& query) {
  const std::int64_t type = query.integer("to", 0);
  if (query.opset() >= 6) query.require(type > 0 && type < 64, "'to' names no number format");
  query.give(0, query.shape(0), static_cast<int>(type));
}

void cast_like(Query& query) {
  query.shape(1);
  query.give(0, query.shape(0), query.element_type(1));
}

void dropout(Query& query) {
  same(query);
  query.give(1, query.shape(0), onnx::TensorProto::BOOL);
}

void cumulative_sum(Query& query) {
  const Shape& shape = query.ranked(0, 1, kMany);
  query.shape(1);
  if (const std::optional<std::int64_t> axis = query.number(1)) query.axis(*axis, shape.size());
  same(query);
}

}  // namespace

const std::vector<Rule>& pointwise_rules() {
  static const std::vector<Rule> table = {
      {"Abs", 1, 1, 1, same},
      {"Acos", 1, 1, 1, same},
      {"Acosh", 1, 1, 1, same},
      {"Add", 2, 2, 1, broadcast},
      {"And", 2, 2, 1, compare},
      {"Asin", 1, 1, 1, same},
      {"Asinh", 1, 1, 1, same},
      {"Atan", 1, 1, 1, same},
      {"Atanh", 1, 1, 1, same},
      {"BitShift", 2, 2, 1, broadcast},
      {"BitwiseAnd", 2, 2, 1, broadcast},
      {"BitwiseNot", 1, 1, 1, same},
      {"BitwiseOr", 2, 2, 1, broadcast},
      {"BitwiseXor", 2, 2, 1, broadcast},
      {"Cast", 1, 1, 1, cast},
      {"CastLike", 2, 2, 1, cast_like},
      {"Ceil", 1, 1, 1, same},
      {"Celu", 1, 1, 1, same},
      {"Clip", 1, 3, 1, clip},
      {"Cos", 1, 1, 1, same},
      {"Cosh", 1, 1, 1, same},
      {"CumSum", 2, 2, 1, cumulative_sum},
      {"Div", 2, 2, 1, broadcast},
      {"Dropout", 1, 3, 2, dropout},
      {"Elu", 1, 1, 1, same},
      {"Equal", 2, 2, 1, compare},
      {"Erf", 1, 1, 1, same},
      {"Exp", 1, 1, 1, same},
      {"Floor", 1, 1, 1, same},
      {"Gelu", 1, 1, 1, same},
      {"Greater", 2, 2, 1, compare},
      {"GreaterOrEqual", 2, 2, 1, compare},
      {"HardSigmoid", 1, 1, 1, same},
      {"HardSwish", 1, 1, 1, same},
      {"Hardmax", 1, 1, 1, same_along_axis},
      {"Identity", 1, 1, 1, same},
      {"IsInf", 1, 1, 1, truth},
      {"IsNaN", 1, 1, 1, truth},
      {"LeakyRelu", 1, 1, 1, same},
      {"Less", 2, 2, 1, compare},
      {"LessOrEqual", 2, 2, 1, compare},
      {"Log", 1, 1, 1, same},
      {"LogSoftmax", 1, 1, 1, same_along_axis},
      {"Max", 1, kMany, 1, broadcast},
      {"Mean", 1, kMany, 1, broadcast},
      {"Min", 1, kMany, 1, broadcast},
      {"Mish", 1, 1, 1, same},
      {"Mod", 2, 2, 1, broadcast},
      {"Mul", 2, 2, 1, broadcast},
      {"Neg", 1, 1, 1, same},
      {"Not", 1, 1, 1, truth},
      {"Or", 2, 2, 1, compare},
      {"PRelu", 2, 2, 1, parametric_relu},
      {"Pow", 2, 2, 1, broadcast},
      {"Reciprocal", 1, 1, 1, same},
      {"Relu", 1, 1, 1, same},
      {"Round", 1, 1, 1, same},
      {"Selu", 1, 1, 1, same},
      {"Shrink", 1, 1, 1, same},
      {"Sigmoid", 1, 1, 1, same},
      {"Sign", 1, 1, 1, same},
      {"Silu", 1, 1, 1, same},
      {"Sin", 1, 1, 1, same},
      {"Sinh", 1, 1, 1, same},
      {"Softmax", 1, 1, 1, same_along_axis},
      {"Softplus", 1, 1, 1, same},
      {"Softsign", 1, 1, 1, same},
      {"Sqrt", 1, 1, 1, same},
      {"Sub", 2, 2, 1, broadcast},
      {"Sum", 1, kMany, 1, broadcast},
      {"Tan", 1, 1, 1, same},
      {"Tanh", 1, 1, 1, same},
      {"ThresholdedRelu", 1, 1, 1, same},
      {"Where", 3, 3, 1, select},
      {"Xor", 2, 2, 1, compare},
  };
  return table;
}

}  // namespace lanewise::network::importing
