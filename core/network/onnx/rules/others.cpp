// SPDX-License-Identifier: Apache-2.0
// Quantisation, losses, and what fits no other group.
#include <fmt/format.h>

#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

void quantize(Query& query) {
  const std::int64_t type = query.integer("output_dtype", 0);
  const int given = query.has(2) ? query.element_type(2) : onnx::TensorProto::UINT8;
  query.give(0, query.shape(0), type > 0 && type < 64 ? static_cast<int>(type) : given);
}

void dequantize(Query& query) { query.give(0, query.shape(0), query.element_type(1)); }

void quantize_dynamically(Query& query) {
  query.give(0, query.shape(0), onnx::TensorProto::UINT8);
  query.give(1, {}, onnx::TensorProto::FLOAT);
  query.give(2, {}, onnx::TensorProto::UINT8);
}

// Scores [batch, classes, ...] against targets [batch, ...]: one number for each target, or one in all.
void loss(Query& query) {
  const Shape& scores = query.ranked(0, 2, kMany);
  Shape targets{scores[0]};
  targets.insert(targets.end(), scores.begin() + 2, scores.end());
  if (query.shape(1) != targets) {
    query.fail(fmt::format("its targets [{}] do not fit scores [{}]", fmt::join(query.shape(1), ", "),
                           fmt::join(scores, ", ")));
  }
  query.give(0, query.text("reduction", "mean") == "none" ? targets : Shape{}, query.element_type(0));
  query.give(1, scores, query.element_type(0));
}

// Half of the channels of each head turned against the other half.
void rotary(Query& query) {
  const Shape& x = query.ranked(0, 3, 4);
  query.ranked(1, 2, 3);
  query.ranked(2, 2, 3);
  query.give(0, x, query.element_type(0));
}

void shape_of(Query& query) { query.give(0, {static_cast<std::int64_t>(query.rank(0))}, onnx::TensorProto::INT64); }

void size_of(Query& query) { query.give(0, {}, onnx::TensorProto::INT64); }

}  // namespace

const std::vector<Rule>& other_rules() {
  static const std::vector<Rule> table = {
      {"DequantizeLinear", 2, 3, 1, dequantize},
      {"DynamicQuantizeLinear", 1, 1, 3, quantize_dynamically},
      {"NegativeLogLikelihoodLoss", 2, 3, 1, loss},
      {"QuantizeLinear", 2, 3, 1, quantize},
      {"RotaryEmbedding", 3, 4, 1, rotary},
      {"Shape", 1, 1, 1, shape_of},
      {"Size", 1, 1, 1, size_of},
      {"SoftmaxCrossEntropyLoss", 2, 3, 2, loss},
  };
  return table;
}

}  // namespace lanewise::network::importing
