// SPDX-License-Identifier: Apache-2.0
// Operators whose output comes from a shape, a count or chance.
#include <fmt/format.h>

#include <cmath>

#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

int format_of(const Query& query, const char* attribute, int otherwise) {
  const std::int64_t type = query.integer(attribute, otherwise);
  query.require(type > 0 && type < 64, "its number format is none");
  return static_cast<int>(type);
}

void constant_of_shape(Query& query) {
  query.ranked(0, 1, 1);
  const int type = query.tensor_type("value", onnx::TensorProto::FLOAT);
  query.give_type(0, type);
  if (const auto shape = query.numbers(0)) query.give(0, *shape, type);
}

// The shape and, unless the file names one, the number format of another tensor.
void like(Query& query) {
  const int otherwise = query.element_type(0) == 0 ? onnx::TensorProto::FLOAT : query.element_type(0);
  query.give(0, query.shape(0), format_of(query, "dtype", otherwise));
}

void eye_like(Query& query) {
  query.ranked(0, 2, 2);
  like(query);
}

void random(Query& query) {
  query.give(0, query.integers("shape"), format_of(query, "dtype", onnx::TensorProto::FLOAT));
}

void multinomial(Query& query) {
  const Shape& shape = query.ranked(0, 2, 2);
  query.give(0, {shape[0], query.integer("sample_size", 1)}, format_of(query, "dtype", onnx::TensorProto::INT32));
}

void range(Query& query) {
  for (std::size_t i = 0; i < 3; ++i) {
    query.require(element_count(query.shape(i)) == 1, "its start, limit and delta are not one number each");
  }
  query.give_type(0, query.element_type(0));
  const Constant* start = query.constant(0);
  const Constant* limit = query.constant(1);
  const Constant* delta = query.constant(2);
  if (start == nullptr || limit == nullptr || delta == nullptr) return;
  query.require(delta->as_real(0) != 0, "its delta is 0");
  const double steps = std::ceil((limit->as_real(0) - start->as_real(0)) / delta->as_real(0));
  if (!(steps < 1e12)) query.fail(fmt::format("makes {} numbers", steps));
  query.give(0, {steps > 0 ? static_cast<std::int64_t>(steps) : 0}, query.element_type(0));
}

// A window of so many samples.
void window(Query& query) {
  query.shape(0);
  const int type = format_of(query, "output_datatype", onnx::TensorProto::FLOAT);
  query.give_type(0, type);
  if (const auto size = query.number(0)) query.give(0, {*size}, type);
}

void mel_weights(Query& query) {
  const int type = format_of(query, "output_datatype", onnx::TensorProto::FLOAT);
  query.give_type(0, type);
  const auto bins = query.number(0);
  const auto length = query.number(1);
  if (!bins || !length) return;
  if (*length < 0) query.fail(fmt::format("a transform of {} points", *length));
  query.give(0, {*length / 2 + 1, *bins}, type);
}

}  // namespace

const std::vector<Rule>& generator_rules() {
  static const std::vector<Rule> table = {
      {"Bernoulli", 1, 1, 1, like},
      {"BlackmanWindow", 1, 1, 1, window},
      {"ConstantOfShape", 1, 1, 1, constant_of_shape},
      {"EyeLike", 1, 1, 1, eye_like},
      {"HammingWindow", 1, 1, 1, window},
      {"HannWindow", 1, 1, 1, window},
      {"MelWeightMatrix", 5, 5, 1, mel_weights},
      {"Multinomial", 1, 1, 1, multinomial},
      {"RandomNormal", 0, 0, 1, random},
      {"RandomNormalLike", 1, 1, 1, like},
      {"RandomUniform", 0, 0, 1, random},
      {"RandomUniformLike", 1, 1, 1, like},
      {"Range", 3, 3, 1, range},
  };
  return table;
}

}  // namespace lanewise::network::importing
