// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/detection_loss.hpp"

#include <limits>

namespace lanewise::accuracy {

using torch::Tensor;
using torch::indexing::Slice;

Tensor focal_loss(const Tensor& logits, const Tensor& targets, double alpha, double gamma) {
  // With p the probability of what is true, −ln p is a softplus of the logit turned towards it.
  const Tensor towards = logits * (targets * 2 - 1);
  const Tensor loss = torch::nn::functional::softplus(-towards);
  const Tensor missing = gamma == 2 ? torch::sigmoid(-towards).square() : torch::sigmoid(-towards).pow(gamma);
  return loss * missing * (targets * (2 * alpha - 1) + (1 - alpha));
}

Tensor generalised_iou(const Tensor& a, const Tensor& b) {
  const auto area = [](const Tensor& low, const Tensor& high) {
    const Tensor size = (high - low).clamp_min(0);
    return size.select(1, 0) * size.select(1, 1);
  };
  const auto low = [](const Tensor& box) { return box.index({Slice(), Slice(0, 2)}); };
  const auto high = [](const Tensor& box) { return box.index({Slice(), Slice(2, 4)}); };
  constexpr double kLeast = 1e-7;  // square pixels, so that empty boxes divide nothing by nothing
  const Tensor common = area(torch::max(low(a), low(b)), torch::min(high(a), high(b)));
  const Tensor all = area(low(a), high(a)) + area(low(b), high(b)) - common;
  const Tensor around = area(torch::min(low(a), low(b)), torch::max(high(a), high(b)));
  return common / all.clamp_min(kLeast) - (around - all) / around.clamp_min(kLeast);
}

Tensor hard_negative_loss(const Tensor& logits, const Tensor& labels, std::int64_t ratio) {
  const std::int64_t values = logits.size(2);
  const Tensor loss = torch::nn::functional::cross_entropy(
                          logits.reshape({-1, values}), (labels + 1).clamp_min(0).reshape({-1}),
                          torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kNone))
                          .view(labels.sizes());
  const Tensor positive = labels >= 0, negative = labels == -1;
  // The rank of each negative by its loss within its image; equal losses keep the order of positions.
  const Tensor hardness =
      torch::where(negative, loss.detach(), torch::full_like(loss, -std::numeric_limits<float>::infinity()));
  const Tensor order = std::get<1>(hardness.sort(/*stable=*/true, /*dim=*/1, /*descending=*/true));
  const Tensor ranks = std::get<1>(order.sort(/*stable=*/true, /*dim=*/1, /*descending=*/false));
  const Tensor most = positive.sum(1, /*keepdim=*/true).clamp_min(1) * ratio;
  const Tensor counted = positive | (negative & (ranks < most));
  return (loss * counted).sum();
}

}  // namespace lanewise::accuracy
