// SPDX-License-Identifier: Apache-2.0
#include "accuracy/network/module_counts.hpp"

#include <vector>

#include "accuracy/network/graph_module.hpp"

namespace lanewise::accuracy {

namespace {

using network::Operator;
using network::OperatorKind;
using network::TensorId;

// From the shapes of tensors alone, as they were when the operator ran.
std::int64_t products(const Operator& op, const GraphModule& module, at::IntArrayRef in, at::IntArrayRef out) {
  switch (op.kind) {
    case OperatorKind::kConvolution: {
      // A window over the inputs of a group for each output; transposed, over the outputs of a group for each input.
      const torch::Tensor weight = module.weight(op.weights[0]);
      return c10::multiply_integers(op.transposed ? in : out) * weight.size(1) * weight.size(2) * weight.size(3);
    }
    case OperatorKind::kFullyConnected:
      return c10::multiply_integers(out) * module.weight(op.weights[0]).size(1);
    case OperatorKind::kMatMul:
      return c10::multiply_integers(out) * (in.empty() ? 1 : in.back());
    default:
      return 0;
  }
}

// Images are noise; what chooses entries of a table is 0.
torch::Tensor example(const network::Graph& graph, TensorId id) {
  const network::Tensor& tensor = graph.tensor(id);
  for (const network::OperatorId reader : graph.consumers(id)) {
    const Operator& op = graph.op(reader);
    const bool chooses = op.kind == OperatorKind::kGather && (!op.weights.empty() || op.inputs.back() == id);
    if (chooses) return torch::zeros(tensor.shape, torch::kLong);
  }
  return torch::zeros(tensor.shape);
}

}  // namespace

ModuleCounts count_module(const network::Graph& graph, std::shared_ptr<const network::FileDetails> file) {
  GraphModuleOptions options;
  options.file = std::move(file);
  GraphModule module(graph, options);
  module.eval();
  torch::NoGradGuard no_gradients;
  ModuleCounts counts;
  counts.graph_parameters = network::parameters(graph);
  counts.graph_macs = network::macs(graph);
  std::int64_t tensors = 0;
  for (const torch::Tensor& parameter : module.parameters()) tensors += parameter.numel();
  counts.module_parameters = tensors;
  for (const GraphModule::Weight& weight : module.weights()) {
    if (!weight.is_statistic) continue;
    const bool counted = graph.tensor(weight.id).parameters() > 0;
    (counted ? counts.module_parameters : counts.statistics) += weight.tensor.numel();
  }
  std::vector<std::vector<std::int64_t>> shapes(graph.tensors().size());
  std::vector<torch::Tensor> inputs;
  for (const TensorId id : graph.inputs()) {
    inputs.push_back(example(graph, id));
    shapes[static_cast<std::size_t>(id)] = inputs.back().sizes().vec();
  }
  module.observe([&](const Operator& op, TensorId id, torch::Tensor value) {
    shapes[static_cast<std::size_t>(id)] = value.sizes().vec();
    if (id != op.outputs.front()) return value;
    ++counts.operators;
    const TensorId from = op.inputs[0];
    const bool is_weight = graph.tensor(from).role == network::TensorRole::kWeight;
    const std::vector<std::int64_t> in =
        is_weight ? module.weight(from).sizes().vec() : shapes[static_cast<std::size_t>(from)];
    counts.module_macs += products(op, module, in, value.sizes());
    return value;
  });
  module.forward(inputs);
  return counts;
}

}  // namespace lanewise::accuracy
