// SPDX-License-Identifier: Apache-2.0
#include "accuracy/compression/prune.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/base/error.hpp"

namespace lanewise::accuracy {

namespace {

// The magnitudes in row-major order of the shape, whatever the order in memory.
torch::Tensor magnitudes(const torch::Tensor& weights) {
  return weights.detach().to(torch::kCPU, torch::kFloat).contiguous(at::MemoryFormat::Contiguous).abs();
}

// Marks the `kept` largest of the given places.
void keep_largest(const float* values, std::vector<std::int64_t>& places, std::int64_t kept, float* mask) {
  std::stable_sort(places.begin(), places.end(), [&](std::int64_t a, std::int64_t b) { return values[a] > values[b]; });
  const auto count = std::min<std::int64_t>(kept, static_cast<std::int64_t>(places.size()));
  for (std::int64_t i = 0; i < count; ++i) mask[places[static_cast<std::size_t>(i)]] = 1;
}

}  // namespace

torch::Tensor magnitude_mask(const torch::Tensor& weights, double density) {
  if (!(density > 0 && density <= 1)) throw InternalError("a density lies above 0 and is at most 1");
  const torch::NoGradGuard no_gradients;
  const torch::Tensor values = magnitudes(weights);
  torch::Tensor mask = torch::zeros_like(values);
  std::vector<std::int64_t> places(static_cast<std::size_t>(values.numel()));
  std::iota(places.begin(), places.end(), std::int64_t{0});
  const auto kept = std::max<std::int64_t>(1, std::llround(density * static_cast<double>(values.numel())));
  keep_largest(values.data_ptr<float>(), places, kept, mask.data_ptr<float>());
  return mask.to(weights.device());
}

torch::Tensor structure_mask(const torch::Tensor& weights, std::int64_t kept, std::int64_t of, std::int64_t axis) {
  if (kept < 1 || kept > of || axis < 0 || axis >= weights.dim()) throw InternalError("no such structure of weights");
  const torch::NoGradGuard no_gradients;
  const torch::Tensor values = magnitudes(weights);
  torch::Tensor mask = torch::zeros_like(values);
  const std::int64_t length = values.size(axis), stride = values.stride(axis);
  const std::int64_t outer = values.numel() / (length * stride);
  std::vector<std::int64_t> places;
  for (std::int64_t before = 0; before < outer; ++before) {
    for (std::int64_t behind = 0; behind < stride; ++behind) {
      for (std::int64_t first = 0; first < length; first += of) {
        places.clear();
        for (std::int64_t i = first; i < std::min(first + of, length); ++i) {
          places.push_back((before * length + i) * stride + behind);
        }
        keep_largest(values.data_ptr<float>(), places, kept, mask.data_ptr<float>());
      }
    }
  }
  return mask.to(weights.device());
}

}  // namespace lanewise::accuracy
