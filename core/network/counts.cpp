// SPDX-License-Identifier: Apache-2.0
// What a graph costs before any engine is known.
#include <algorithm>

#include "core/network/graph.hpp"
#include "core/network/operator_traits.hpp"

namespace lanewise::network {

namespace {

// The tensor whose bytes an activation lives in: reshapes move nothing.
std::vector<TensorId> find_storage(const Graph& graph) {
  std::vector<TensorId> storage(graph.tensors().size());
  for (std::size_t i = 0; i < storage.size(); ++i) storage[i] = static_cast<TensorId>(i);
  for (const Operator& op : graph.operators()) {
    if (op.kind != OperatorKind::kReshape || op.inputs.empty()) continue;
    for (const TensorId output : op.outputs) {
      storage[static_cast<std::size_t>(output)] = storage[static_cast<std::size_t>(op.inputs[0])];
    }
  }
  return storage;
}

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

Bytes peak_activation_bytes(const Graph& graph) {
  const std::vector<TensorId> storage = find_storage(graph);
  const auto last_operator = static_cast<OperatorId>(graph.operators().size()) - 1;
  // One entry per operator: the bytes that become alive there, less those that died after the one before.
  std::vector<std::int64_t> change(graph.operators().size() + 1, 0);
  std::vector<OperatorId> last_use(graph.tensors().size(), kNone);
  for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
    const auto id = static_cast<TensorId>(i);
    OperatorId& last = last_use[static_cast<std::size_t>(storage[i])];
    last = std::max(last, graph.producer(id));
    if (!graph.consumers(id).empty()) last = std::max(last, graph.consumers(id).back());
    if (graph.is_output(id)) last = last_operator;
  }
  for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
    const auto id = static_cast<TensorId>(i);
    const Tensor& tensor = graph.tensor(id);
    if (is_weight(tensor) || storage[i] != id || last_use[i] == kNone) continue;
    const std::int64_t bytes = packed_bytes(tensor.elements(), tensor.precision).count();
    change[static_cast<std::size_t>(std::max(graph.producer(id), 0))] += bytes;
    change[static_cast<std::size_t>(last_use[i]) + 1] -= bytes;
  }
  std::int64_t alive = 0;
  std::int64_t peak = 0;
  for (const std::int64_t step : change) {
    alive += step;
    peak = std::max(peak, alive);
  }
  return Bytes(peak);
}

}  // namespace lanewise::network
