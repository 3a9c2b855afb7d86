// SPDX-License-Identifier: Apache-2.0
#include "accuracy/scores/forward_scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "accuracy/scores/block_spans.hpp"
#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

using network::Graph;
using network::kNone;
using network::Operator;
using network::OperatorKind;
using network::TensorId;

// [images, numbers], in the order in which they lie in memory: products of rows do not depend on it.
torch::Tensor flat_images(const torch::Tensor& maps) {
  const bool channels_last = maps.dim() == 4 && maps.is_contiguous(at::MemoryFormat::ChannelsLast);
  return (channels_last ? maps.permute({0, 2, 3, 1}) : maps).reshape({maps.size(0), -1});
}

// How many layers with multiply-accumulates lie at most before each tensor.
std::vector<int> depths(const Graph& graph) {
  std::vector<int> out(graph.tensors().size(), 0);
  for (const Operator& op : graph.operators()) {
    int depth = 0;
    for (const TensorId input : op.inputs) depth = std::max(depth, out[static_cast<std::size_t>(input)]);
    if (network::macs(graph, op) > 0) ++depth;
    for (const TensorId output : op.outputs) out[static_cast<std::size_t>(output)] = depth;
  }
  return out;
}

// What each sum of two maps of one shape is replaced by: by the operand behind more layers.
std::map<TensorId, TensorId> without_links(const Graph& graph) {
  const std::vector<int> depth = depths(graph);
  std::map<TensorId, TensorId> out;
  for (const Operator& op : graph.operators()) {
    if (op.kind != OperatorKind::kElementwise || op.elementwise != network::ElementwiseFunction::kAdd ||
        op.inputs.size() != 2 || graph.tensor(op.inputs[0]).shape != graph.tensor(op.inputs[1]).shape) {
      continue;
    }
    const int first = depth[static_cast<std::size_t>(op.inputs[0])];
    const int second = depth[static_cast<std::size_t>(op.inputs[1])];
    if (first != second) out[op.outputs[0]] = op.inputs[first > second ? 0 : 1];
  }
  return out;
}

// One run of Zen: the features, and the mean of each batch normalization's variance, by the tensor it reads.
struct ZenRun {
  Tensors features;
  std::vector<std::pair<TensorId, torch::Tensor>> variances;  // [channels] each
};

ZenRun run_zen(GraphModule& module, const Tensors& inputs) {
  const Graph& graph = module.graph();
  const std::map<TensorId, TensorId> replaced = without_links(graph);
  const TensorId pooled = pooled_features(graph);
  std::map<TensorId, torch::Tensor> kept;
  for (const auto& [sum, operand] : replaced) kept[operand];
  if (pooled != kNone) kept[pooled];
  std::set<TensorId> normalised;
  for (const Operator& op : graph.operators()) {
    if (op.kind == OperatorKind::kBatchNormalization) normalised.insert(op.inputs[0]);
  }
  ZenRun run;
  const auto take = [&](TensorId id, const torch::Tensor& value) {
    const auto wanted = kept.find(id);
    if (wanted != kept.end()) wanted->second = value;
    if (normalised.count(id) == 0) return;
    run.variances.emplace_back(id, value.transpose(0, 1).reshape({value.size(1), -1}).var(1, /*unbiased=*/true));
  };
  for (std::size_t i = 0; i < inputs.size(); ++i) take(graph.inputs()[i], inputs[i]);
  module.observe([&](const Operator&, TensorId id, torch::Tensor value) {
    const auto link = replaced.find(id);
    if (link != replaced.end()) value = kept.at(link->second);
    take(id, value);
    return value;
  });
  run.features = module.forward(inputs);
  module.observe({});
  if (pooled != kNone) run.features = {kept.at(pooled)};
  return run;
}

}  // namespace

double naswot(GraphModule& module, const Tensors& inputs) {
  const torch::NoGradGuard no_grad;
  module.train();
  const Graph& graph = module.graph();
  std::map<TensorId, torch::Tensor> seen;
  std::vector<TensorId> read;
  for (const Operator& op : graph.operators()) {
    if (op.kind != OperatorKind::kActivation || !bends_at_zero(op.activation)) continue;
    seen[op.inputs[0]];
    read.push_back(op.inputs[0]);
  }
  if (read.empty()) throw Error("it needs an activation that bends at 0");
  run_and_see(module, inputs, seen);
  const std::int64_t images = inputs.at(0).size(0);
  torch::Tensor kernel = torch::zeros({images, images}, torch::kDouble);
  double numbers = 0;
  for (const TensorId id : read) {
    const torch::Tensor code = flat_images((seen[id] > 0).to(torch::kFloat));
    // Both in one product: (1 - C)(1 - C)^T = n - |c_i| - |c_j| + C C^T, which are whole numbers below 2^24 each.
    const auto count = static_cast<double>(code.size(1));
    const torch::Tensor ones = code.sum(1).to(torch::kDouble);
    kernel += 2 * product(code, code).to(torch::kDouble) + count - ones.unsqueeze(0) - ones.unsqueeze(1);
    numbers += count;
  }
  // Images of the same code agree in every number. Elimination would only come near 0.
  const torch::Tensor same = (kernel >= numbers).sum();
  if (same.item<std::int64_t>() > images) return -std::numeric_limits<double>::infinity();
  return std::get<1>(at::linalg_slogdet(kernel)).item<double>();
}

double zen(GraphModule& module, const Tensors& x, const Tensors& y, double gamma) {
  const torch::NoGradGuard no_grad;
  module.train();
  Tensors moved;
  for (std::size_t i = 0; i < x.size(); ++i) moved.push_back(x[i] + gamma * y[i]);
  const ZenRun first = run_zen(module, x), second = run_zen(module, moved);
  double change = 0;
  const std::int64_t images = x.at(0).size(0);
  for (std::size_t i = 0; i < first.features.size(); ++i) {
    change += (first.features[i] - second.features[i]).abs().to(torch::kDouble).sum().item<double>();
  }
  double score = std::log(change / static_cast<double>(images));
  for (std::size_t i = 0; i < first.variances.size(); ++i) {
    const torch::Tensor running = 0.9 * (0.9 + 0.1 * first.variances[i].second) + 0.1 * second.variances[i].second;
    score += 0.5 * std::log(running.mean().item<double>());
  }
  return score;
}

}  // namespace lanewise::accuracy
