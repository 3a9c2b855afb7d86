// SPDX-License-Identifier: Apache-2.0
// What detectors minimise.
#pragma once

#include <torch/torch.h>

namespace lanewise::accuracy {

// The focal loss (Lin et al., 2017) −α(t)·(1 − p(t))^γ·ln p(t) of each score by itself, shaped as `logits`. `targets` are
// 1 where the class is there and 0 elsewhere; α is `alpha` of ones and 1 − `alpha` of zeros.
torch::Tensor focal_loss(const torch::Tensor& logits, const torch::Tensor& targets, double alpha = 0.25,
                         double gamma = 2);
// Generalised IoU of pairs of boxes, [n, 4] each: left, top, right, bottom. Returns [n].
torch::Tensor generalised_iou(const torch::Tensor& a, const torch::Tensor& b);
// Cross-entropy of classes of which the first is the background, summed over all positions with an object and, of every
// image, the hardest of the others: at most `ratio` times as many, or `ratio` where the image has no object (Liu et al.,
// 2016). `logits` [images, positions, 1 + classes]; `labels` [images, positions], -1: nothing, -2: ignored.
torch::Tensor hard_negative_loss(const torch::Tensor& logits, const torch::Tensor& labels, std::int64_t ratio = 3);

}  // namespace lanewise::accuracy
