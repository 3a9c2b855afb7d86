// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/rules/query.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/network/onnx/attributes.hpp"

namespace lanewise::network::importing {

Query::Query(const Network& network, const Node& node, const std::vector<int>& input_types)
    : network_(network), node_(node), input_types_(input_types) {
  const auto outputs = static_cast<std::size_t>(node.proto->output_size());
  const int unknown = onnx::TensorProto::FLOAT;
  shapes.resize(outputs);
  types.assign(outputs, input_types.empty() || input_types[0] == 0 ? unknown : input_types[0]);
}

void Query::require(bool holds, const char* rule) const {
  if (!holds) fail(rule);
}

const Shape& Query::shape(std::size_t n) const {
  if (!has(n)) fail(fmt::format("has no input {}", n));
  return network_.value(node_.inputs[n]).shape;
}

const Shape& Query::ranked(std::size_t n, std::size_t least, std::size_t most) const {
  const Shape& result = shape(n);
  if (result.size() < least || result.size() > most) {
    const std::string wanted = least == most      ? fmt::format("{} are needed", least)
                               : most >= 1U << 20 ? fmt::format("at least {} are needed", least)
                                                  : fmt::format("{} to {} are needed", least, most);
    fail(fmt::format("its input {} has {} dimensions; {}", n, result.size(), wanted));
  }
  return result;
}

bool Query::has_attribute(const char* name) const { return find_attribute(*node_.proto, name) != nullptr; }

std::int64_t Query::integer(const char* name, std::int64_t otherwise) const {
  return importing::integer(*node_.proto, name, otherwise);
}

std::vector<std::int64_t> Query::integers(const char* name) const { return importing::integers(*node_.proto, name); }

double Query::real(const char* name, double otherwise) const { return importing::real(*node_.proto, name, otherwise); }

std::vector<double> Query::reals(const char* name) const {
  const onnx::AttributeProto* attribute = find_attribute(*node_.proto, name);
  if (attribute == nullptr) return {};
  return {attribute->floats().begin(), attribute->floats().end()};
}

std::string Query::text(const char* name, const char* otherwise) const {
  return importing::text(*node_.proto, name, otherwise);
}

int Query::tensor_type(const char* name, int otherwise) const {
  const onnx::AttributeProto* attribute = find_attribute(*node_.proto, name);
  return attribute == nullptr ? otherwise : attribute->t().data_type();
}

std::size_t Query::axis(std::int64_t given, std::size_t rank) const {
  return static_cast<std::size_t>(positive_axis(network_, node_, given, rank));
}

std::vector<std::size_t> Query::axes(const std::vector<std::int64_t>& given, std::size_t rank) const {
  std::vector<std::size_t> result;
  std::vector<bool> seen(rank, false);
  for (const std::int64_t value : given) {
    const std::size_t at = axis(value, rank);
    if (seen[at]) fail(fmt::format("axis {} stands twice", at));
    seen[at] = true;
    result.push_back(at);
  }
  return result;
}

const Constant* Query::constant(std::size_t n) const { return has(n) ? network_.constant(node_.inputs[n]) : nullptr; }

std::optional<std::vector<std::int64_t>> Query::numbers(std::size_t n) const {
  const Constant* known = constant(n);
  if (known == nullptr) return std::nullopt;
  return known->all_whole();
}

std::optional<std::int64_t> Query::number(std::size_t n) const {
  const Constant* known = constant(n);
  if (known == nullptr) return std::nullopt;
  if (known->size() != 1) fail(fmt::format("its input {} holds {} numbers, where one is needed", n, known->size()));
  return known->as_whole(0);
}

Query::Argument Query::argument(const char* attribute, std::size_t input) const {
  if (has_attribute(attribute)) return {true, true, integers(attribute)};
  if (!has(input)) return {};
  const std::optional<std::vector<std::int64_t>> known = numbers(input);
  return {true, known.has_value(), known.value_or(std::vector<std::int64_t>{})};
}

std::int64_t Query::plus(std::int64_t a, std::int64_t b) const {
  std::int64_t result = 0;
  if (__builtin_add_overflow(a, b, &result)) fail(fmt::format("{} + {} is no size", a, b));
  return result;
}

std::int64_t Query::times(std::int64_t a, std::int64_t b) const {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) fail(fmt::format("{} x {} is no size", a, b));
  return result;
}

Shape Query::broadcast(const Shape& a, const Shape& b) const {
  Shape result(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) {
      fail(fmt::format("[{}] and [{}] do not broadcast to one shape", fmt::join(a, ", "), fmt::join(b, ", ")));
    }
    result[result.size() - 1 - i] = x == 1 ? y : x;
  }
  return result;
}

void Query::give(std::size_t output, Shape shape, int element_type) {
  if (output >= shapes.size()) return;
  if (!element_count(shape) || shape.size() > kMostDimensions) {
    fail(fmt::format("its output {} would have the impossible shape [{}]", output, fmt::join(shape, ", ")));
  }
  shapes[output] = std::move(shape);
  give_type(output, element_type);
}

void Query::give_type(std::size_t output, int element_type) {
  if (output < types.size() && element_type != 0) types[output] = element_type;
}

void same(Query& query) { query.give(0, query.shape(0), query.element_type(0)); }

}  // namespace lanewise::network::importing
