// SPDX-License-Identifier: Apache-2.0
// What a graph costs before any engine is known.
#include <algorithm>

#include "core/network/graph.hpp"
#include "core/network/input_pixels.hpp"
#include "core/network/operator_traits.hpp"

namespace lanewise::network {

namespace {

bool is_weight(const Tensor& tensor) { return tensor.role == TensorRole::kWeight; }

}  // namespace

std::int64_t macs(const Graph& graph, const Operator& op) {
  const OperatorTraits& traits = traits_of(op.kind);
  return traits.macs == nullptr ? 0 : traits.macs(graph, op);
}

std::int64_t macs(const Graph& graph) {
  std::int64_t total = 0;
  for (const Operator& op : graph.operators()) total += macs(graph, op);
  return total;
}

std::int64_t input_pixels(const Graph& graph) {
  std::int64_t most = 1;
  for (const TensorId input : graph.inputs()) {
    const std::vector<std::int64_t>& shape = graph.tensor(input).shape;
    if (shape.size() == 4) most = std::max(most, shape[0] * shape[2] * shape[3]);
  }
  return most;
}

std::int64_t parameters(const Graph& graph) {
  std::int64_t total = 0;
  for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
    const Tensor& tensor = graph.tensors()[i];
    if (is_weight(tensor) && !graph.consumers(static_cast<TensorId>(i)).empty()) total += tensor.parameters();
  }
  return total;
}

Bytes parameter_bytes(const Graph& graph) {
  Bytes total;
  for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
    const Tensor& tensor = graph.tensors()[i];
    if (is_weight(tensor) && !graph.consumers(static_cast<TensorId>(i)).empty()) {
      total += packed_bytes(tensor.elements(), tensor.precision);
    }
  }
  return total;
}

}  // namespace lanewise::network
