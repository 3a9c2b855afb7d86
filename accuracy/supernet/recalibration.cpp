// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/recalibration.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "accuracy/training/image_tensor.hpp"

namespace lanewise::accuracy {

std::int64_t recalibrate(GraphModule& module, const Dataset& images, std::int64_t batch,
                         const Normalisation& normalisation) {
  const torch::NoGradGuard no_gradients;
  const network::Graph& graph = module.graph();
  // What each normalization reads is written by one operator; the statistics of that are what it divides by.
  std::map<network::TensorId, std::vector<const network::Operator*>> readers;
  for (const network::Operator& op : graph.operators()) {
    if (op.kind == network::OperatorKind::kBatchNormalization) readers[op.inputs.front()].push_back(&op);
  }
  std::map<network::TensorId, std::pair<torch::Tensor, torch::Tensor>> sums;  // variance, mean
  module.train();
  module.observe([&](const network::Operator&, network::TensorId id, torch::Tensor value) {
    if (readers.count(id) == 0) return value;
    std::vector<std::int64_t> axes;
    for (std::int64_t axis = 0; axis < value.dim(); ++axis) {
      if (axis != 1) axes.push_back(axis);
    }
    const auto [variance, mean] = at::var_mean(value.to(torch::kDouble), axes, true, false);
    auto& [variances, means] = sums[id];
    variances = variances.defined() ? variances + variance : variance;
    means = means.defined() ? means + mean : mean;
    return value;
  });
  std::int64_t batches = 0;
  for (std::int64_t first = 0; first < images.images(); first += batch) {
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(std::min(batch, images.images() - first)));
    if (numbers.size() < 2 && batches > 0) break;
    std::iota(numbers.begin(), numbers.end(), first);
    module.forward({image_tensor(subset(images, numbers), normalisation)});
    ++batches;
  }
  module.observe({});
  module.eval();
  std::int64_t count = 0;
  for (const auto& [id, sum] : sums) {
    for (const network::Operator* op : readers.at(id)) {
      // ONNX's order: scale, shift, mean, variance.
      module.weight(op->weights.at(2)).copy_(sum.second / static_cast<double>(batches));
      module.weight(op->weights.at(3)).copy_(sum.first / static_cast<double>(batches));
      count += 2;
    }
  }
  return count;
}

}  // namespace lanewise::accuracy
