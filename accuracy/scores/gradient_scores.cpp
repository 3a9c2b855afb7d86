// SPDX-License-Identifier: Apache-2.0
#include "accuracy/scores/gradient_scores.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

using network::Operator;
using network::OperatorKind;
using network::TensorId;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Tensors gradients(const torch::Tensor& of, const Tensors& to) {
  return torch::autograd::grad({of}, to, {}, /*retain_graph=*/false, /*create_graph=*/false, /*allow_unused=*/true);
}

// Batch normalizations get the mean and variance of this batch as their running statistics.
void freeze_normalizations(GraphModule& module, const Tensors& inputs) {
  const torch::NoGradGuard no_grad;
  std::map<TensorId, torch::Tensor> seen;
  for (const Operator& op : module.graph().operators()) {
    if (op.kind == OperatorKind::kBatchNormalization) seen[op.inputs[0]];
  }
  module.train();
  run_and_see(module, inputs, seen);
  for (const Operator& op : module.graph().operators()) {
    if (op.kind != OperatorKind::kBatchNormalization || op.weights.size() < 4) continue;
    const torch::Tensor& map = seen[op.inputs[0]];
    // The channels of a batch normalization are its second dimension, whatever the number of dimensions.
    const torch::Tensor rows = map.transpose(0, 1).reshape({map.size(1), -1});
    module.weight(op.weights[2]).copy_(rows.mean(1));
    module.weight(op.weights[3]).copy_(rows.var(1, /*unbiased=*/false));
  }
  module.eval();
}

}  // namespace

double jacobian_score(const torch::Tensor& rows) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor values = rows.to(torch::kDouble);
  const torch::Tensor centred = values - values.mean(1, true);
  const torch::Tensor length = centred.norm(2, {1}, true);
  if (!(length.min().item<double>() > 0)) return -kInfinity;
  const torch::Tensor unit = centred / length;
  const torch::Tensor shifted = at::linalg_eigvalsh(unit.matmul(unit.t())).clamp_min(0) + 1e-5;
  return -(shifted.log() + shifted.reciprocal()).sum().item<double>();
}

double jacov(GraphModule& module, const Tensors& inputs) {
  module.train();
  Tensors leaves;
  for (const torch::Tensor& input : inputs) leaves.push_back(input.detach().clone().requires_grad_(true));
  const Tensors found = gradients(total(module.forward(leaves)), leaves);
  Tensors rows;
  for (const torch::Tensor& gradient : found) {
    if (gradient.defined()) rows.push_back(gradient.reshape({gradient.size(0), -1}));
  }
  return rows.empty() ? -kInfinity : jacobian_score(torch::cat(rows, 1));
}

torch::Tensor neural_tangent_kernel(GraphModule& module, const Tensors& inputs) {
  freeze_normalizations(module, inputs);
  const Tensors weights = layer_weights(module);
  const std::int64_t images = inputs.at(0).size(0);
  std::vector<Tensors> rows(weights.size());
  for (std::int64_t i = 0; i < images; ++i) {
    Tensors one;
    for (const torch::Tensor& input : inputs) one.push_back(input.narrow(0, i, 1));
    const Tensors found = gradients(total(module.forward(one)), weights);
    for (std::size_t w = 0; w < weights.size(); ++w) {
      rows[w].push_back(found[w].defined() ? found[w].reshape({-1}) : torch::zeros({weights[w].numel()}));
    }
  }
  torch::Tensor kernel = torch::zeros({images, images}, torch::kDouble);
  for (const Tensors& of_weight : rows) {
    const torch::Tensor matrix = torch::stack(of_weight);
    kernel += product(matrix, matrix).to(torch::kDouble);
  }
  return kernel;
}

double condition_number(const torch::Tensor& kernel) {
  const torch::Tensor eigenvalues = at::linalg_eigvalsh(kernel);
  const double least = eigenvalues.min().item<double>(), most = eigenvalues.max().item<double>();
  return least > 0 ? most / least : kInfinity;
}

double SynapticFlow::total() const { return std::accumulate(per_weight.begin(), per_weight.end(), 0.0); }

SynapticFlow synaptic_flow(GraphModule& module) {
  module.to(torch::kDouble);
  module.eval();
  {
    const torch::NoGradGuard no_grad;
    for (const GraphModule::Weight& weight : module.weights()) {
      if (!weight.is_statistic) weight.tensor.abs_();
    }
  }
  const network::Graph& graph = module.graph();
  Tensors ones;
  std::map<TensorId, torch::Tensor> values;
  for (const TensorId id : graph.inputs()) {
    std::vector<std::int64_t> shape = graph.tensor(id).shape;
    if (!shape.empty()) shape[0] = 1;
    ones.push_back(torch::ones(shape, torch::kDouble));
    values[id] = ones.back();
  }
  module.observe([&](const Operator& op, TensorId id, torch::Tensor value) {
    const bool passes = op.kind == OperatorKind::kBatchNormalization ||
                        (op.kind == OperatorKind::kActivation && bends_at_zero(op.activation));
    if (passes) value = values.at(op.inputs[0]);
    values[id] = value;
    return value;
  });
  const torch::Tensor output = total(module.forward(ones));
  module.observe({});
  const Tensors weights = layer_weights(module);
  const Tensors found = gradients(output, weights);
  SynapticFlow flow;
  flow.output = output.item<double>();
  for (std::size_t w = 0; w < weights.size(); ++w) {
    flow.per_weight.push_back(found[w].defined() ? (weights[w].detach() * found[w]).abs().sum().item<double>() : 0.0);
  }
  return flow;
}

double zico(GraphModule& module, const std::vector<Tensors>& batches, const std::vector<torch::Tensor>& labels) {
  if (module.graph().outputs().size() != 1 || module.graph().tensor(module.graph().outputs()[0]).shape.size() != 2) {
    throw Error("it is for networks of one output, [batch, classes]");
  }
  module.train();
  const Tensors weights = layer_weights(module);
  std::vector<Tensors> found(weights.size());
  for (std::size_t b = 0; b < batches.size(); ++b) {
    const Tensors of_batch =
        gradients(torch::nn::functional::cross_entropy(module.forward(batches[b])[0], labels[b]), weights);
    for (std::size_t w = 0; w < weights.size(); ++w) {
      found[w].push_back(of_batch[w].defined() ? of_batch[w].reshape({-1}) : torch::zeros({weights[w].numel()}));
    }
  }
  double score = 0;
  for (const Tensors& of_weight : found) {
    const torch::Tensor matrix = torch::stack(of_weight).to(torch::kDouble);
    const torch::Tensor deviation = matrix.std(0, /*unbiased=*/false);
    const torch::Tensor ratio =
        torch::where(deviation > 0, matrix.abs().mean(0) / deviation, torch::zeros_like(deviation));
    const double sum = ratio.sum().item<double>();
    if (sum > 0) score += std::log(sum);
  }
  return score;
}

}  // namespace lanewise::accuracy
