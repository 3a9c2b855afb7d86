// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/linear_layers.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::accuracy {

using network::ActivationFunction;
using network::Operator;
using network::OperatorKind;

std::vector<network::TensorId> linear_weights(const network::Graph& graph) {
  std::vector<network::TensorId> weights;
  for (const Operator& op : graph.operators()) {
    if (op.kind != OperatorKind::kConvolution || op.weights.size() != 2) continue;
    const std::vector<network::OperatorId>& readers = graph.consumers(op.outputs.front());
    const bool is_linear = std::none_of(readers.begin(), readers.end(), [&](network::OperatorId id) {
      const Operator& reader = graph.op(id);
      const bool is_gate =
          reader.activation == ActivationFunction::kSigmoid || reader.activation == ActivationFunction::kHardSigmoid;
      return reader.kind == OperatorKind::kBatchNormalization || (reader.kind == OperatorKind::kActivation && !is_gate);
    });
    if (is_linear) weights.push_back(op.weights.front());
  }
  return weights;
}

void initialise_linear(const network::Graph& graph, const std::function<torch::Tensor(network::TensorId)>& weight) {
  const torch::NoGradGuard no_gradients;
  for (const network::TensorId id : linear_weights(graph)) weight(id).mul_(std::sqrt(0.5));
}

}  // namespace lanewise::accuracy
