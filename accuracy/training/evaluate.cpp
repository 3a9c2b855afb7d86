// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/evaluate.hpp"

#include <algorithm>
#include <numeric>

#include "accuracy/training/image_tensor.hpp"

namespace lanewise::accuracy {

Measured evaluate(GraphModule& module, const Objective& objective, const Dataset& images, std::int64_t count,
                  std::int64_t batch, const Normalisation& normalisation, const ComputeDevice& compute,
                  const Progress& progress) {
  const torch::NoGradGuard no_gradients;
  const auto evaluation = objective.evaluation();
  Measured out;
  module.eval();
  for (std::int64_t first = 0; first < count; first += batch) {
    progress("measuring", first, count);
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(std::min(batch, count - first)));
    std::iota(numbers.begin(), numbers.end(), first);
    const Dataset part = subset(images, numbers);
    std::vector<torch::Tensor> outputs;
    {
      const MixedPrecision mixed(compute);
      outputs = module.forward({image_tensor(part, normalisation).to(compute.device)});
    }
    for (torch::Tensor& output : outputs) output = output.to(torch::kCPU, torch::kFloat);
    out.loss += objective.loss(outputs, objective.targets(part)).item<double>() * static_cast<double>(numbers.size());
    evaluation->add(outputs, part);
  }
  out.loss /= static_cast<double>(count);
  out.metrics = evaluation->metrics();
  return out;
}

}  // namespace lanewise::accuracy
