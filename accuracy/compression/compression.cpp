// SPDX-License-Identifier: Apache-2.0
#include "accuracy/compression/compression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "accuracy/compression/cluster.hpp"
#include "accuracy/compression/prune.hpp"

namespace lanewise::accuracy {

using network::TensorId;

namespace {

bool is_integer(Precision precision) { return precision != Precision::kFp32 && precision != Precision::kFp16; }

// The ends of one batch's values.
ActivationRange range_of(const torch::Tensor& value, double percentile) {
  const torch::Tensor flat = value.detach().to(torch::kCPU, torch::kFloat).flatten();
  const std::int64_t count = flat.numel();
  const auto above = static_cast<std::int64_t>(std::floor((1 - percentile / 100) * static_cast<double>(count)));
  if (above == 0) return {flat.min().item<double>(), flat.max().item<double>()};
  std::vector<float> values(flat.data_ptr<float>(), flat.data_ptr<float>() + count);
  const auto at = [&](std::int64_t place) {
    std::nth_element(values.begin(), values.begin() + place, values.end());
    return static_cast<double>(values[static_cast<std::size_t>(place)]);
  };
  return {at(above), at(count - 1 - above)};
}

}  // namespace

Compression::Compression(const network::Graph& graph, CompressionPlan plan, Calibration calibration)
    : plan_(std::move(plan)), calibration_(std::move(calibration)), texts_(plan_texts(graph, plan_)) {
  texts_.emplace_back("calibration", fmt::format("{} at {}", calibration_.identity, calibration_.percentile));
}

Checkpoint::Texts Compression::identity() const { return texts_; }

Compression::Held Compression::choose(const WeightPlan& plan, torch::Tensor weight) const {
  const torch::NoGradGuard no_gradients;
  Held held;
  const network::WeightForm& form = plan.form;
  if (form.structured()) {
    held.mask = structure_mask(weight, form.kept, form.of, plan.input_axis);
  } else if (form.density < 1) {
    held.mask = magnitude_mask(weight, form.density);
  }
  if (held.mask.defined()) weight.mul_(held.mask);
  if (form.clusters == 0) return held;
  const torch::Tensor flat = weight.detach().to(torch::kCPU).contiguous(at::MemoryFormat::Contiguous).flatten();
  const float* numbers = flat.data_ptr<float>();
  // Zero is a value of the palette where weights were pruned.
  const bool has_zero = held.mask.defined();
  std::vector<float> values;
  for (std::int64_t i = 0; i < flat.numel(); ++i) {
    if (!has_zero || numbers[i] != 0) values.push_back(numbers[i]);
  }
  if (values.empty()) return held;
  const Clusters clusters = cluster_values(values, form.clusters - (has_zero ? 1 : 0));
  std::vector<std::int64_t> assigned;
  std::vector<float> shared, counts(clusters.centres.size() + 1, 0);
  std::size_t next = 0;
  for (std::int64_t i = 0; i < flat.numel(); ++i) {
    const bool is_zero = has_zero && numbers[i] == 0;
    const std::int64_t cluster = is_zero ? 0 : clusters.assigned[next++] + 1;
    assigned.push_back(cluster);
    shared.push_back(is_zero ? 0.0F : static_cast<float>(clusters.centres[static_cast<std::size_t>(cluster - 1)]));
    counts[static_cast<std::size_t>(cluster)] += 1;
  }
  weight.copy_(torch::tensor(shared).view(weight.sizes()));
  held.assigned = torch::tensor(assigned, torch::kLong).to(weight.device());
  held.counts = torch::tensor(counts).clamp_min(1).to(weight.device());
  return held;
}

torch::Tensor Compression::viewed(TensorId id, const torch::Tensor& weight) const {
  const auto planned = plan_.weights.find(id);
  if (planned == plan_.weights.end()) return weight;
  const Held& held = held_.at(id);
  torch::Tensor value = weight;
  if (held.mask.defined()) value = value * held.mask.to(value.device());
  if (held.assigned.defined()) {
    // In double precision the mean of equal numbers is that number.
    const torch::Tensor assigned = held.assigned.to(value.device()), counts = held.counts.to(value.device());
    const torch::Tensor sums = torch::zeros(counts.sizes(), counts.options().dtype(torch::kDouble))
                                   .index_add(0, assigned, value.to(torch::kDouble).flatten());
    value = (sums / counts).index_select(0, assigned).to(torch::kFloat).view(weight.sizes());
  }
  const Precision precision = planned->second.precision;
  if (precision == Precision::kFp16) return straight_through(value, value.detach().to(torch::kHalf).to(torch::kFloat));
  if (!is_integer(precision)) return value;
  // A palette's entries are rounded, and stay as many, only where all channels share a step.
  const std::int64_t axis = held.assigned.defined() ? -1 : planned->second.output_axis;
  return straight_through(value, quantised_weights(value, bits(precision), axis));
}

torch::Tensor Compression::rounded(TensorId id, torch::Tensor value) const {
  const auto grid = grids_.find(id);
  if (grid != grids_.end()) return quantised_activations(value, grid->second);
  const auto planned = plan_.activations.find(id);
  if (planned == plan_.activations.end() || planned->second != Precision::kFp16) return value;
  return straight_through(value, value.detach().to(torch::kHalf).to(torch::kFloat));
}

void Compression::attach(GraphModule& module, const ComputeDevice& compute) {
  held_.clear();
  for (const auto& [id, plan] : plan_.weights) held_[id] = choose(plan, module.weight(id));
  module.view_weights([this](TensorId id, const torch::Tensor& value) { return viewed(id, value); });
  calibrate(module, compute);
  if (plan_.activations.empty()) return;
  module.view_inputs([this](TensorId id, torch::Tensor value) { return rounded(id, std::move(value)); });
  module.observe(
      [this](const network::Operator&, TensorId id, torch::Tensor value) { return rounded(id, std::move(value)); });
}

void Compression::calibrate(GraphModule& module, const ComputeDevice& compute) {
  ranges_.clear();
  grids_.clear();
  const bool any = std::any_of(plan_.activations.begin(), plan_.activations.end(),
                               [](const auto& planned) { return is_integer(planned.second); });
  if (!any) return;
  const torch::NoGradGuard no_gradients;
  module.eval();
  std::int64_t batches = 0;
  const auto see = [&](TensorId id, const torch::Tensor& value, double percentile) {
    const auto planned = plan_.activations.find(id);
    if (planned == plan_.activations.end() || !is_integer(planned->second)) return;
    const ActivationRange here = range_of(value, percentile);
    if (batches == 0) {
      ranges_[id] = here;
      return;
    }
    ActivationRange& known = ranges_.at(id);
    if (percentile >= 100) {
      known = {std::min(known.low, here.low), std::max(known.high, here.high)};
    } else {
      const double share = 1 / static_cast<double>(batches + 1);
      known.low += (here.low - known.low) * share;
      known.high += (here.high - known.high) * share;
    }
  };
  constexpr double kAll = 100;
  module.view_inputs([&](TensorId id, torch::Tensor value) {
    see(id, value, kAll);
    return value;
  });
  module.observe([&](const network::Operator&, TensorId id, torch::Tensor value) {
    see(id, value, calibration_.percentile);
    return value;
  });
  for (std::int64_t first = 0; first < calibration_.images.size(0); first += calibration_.batch) {
    const std::int64_t last = std::min(first + calibration_.batch, calibration_.images.size(0));
    module.forward({calibration_.images.slice(0, first, last).to(compute.device)});
    ++batches;
  }
  module.observe({});
  module.view_inputs({});
  for (const auto& [id, range] : ranges_) {
    grids_.emplace(id, ActivationGrid(range, bits(plan_.activations.at(id))));
  }
}

}  // namespace lanewise::accuracy
