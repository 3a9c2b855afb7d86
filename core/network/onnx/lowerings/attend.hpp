// SPDX-License-Identifier: Apache-2.0
// Scaled dot-product attention as plain products: what every attention operator is lowered to.
#pragma once

#include <optional>
#include <vector>

#include "core/network/onnx/lowerings/writer.hpp"

namespace lanewise::network::importing {

// softmax(scale * Q K^T + mask) V with a softcap before the mask. Q is [batch, heads, new, depth], K and V are
// [batch, key heads, total, depth]; the query heads of a group share one of K and V.
struct Attend {
  Writer::Tensor query, key, value;
  double scale = 0;    // 0: 1 / sqrt(depth)
  double softcap = 0;  // 0: none
  bool causal = false;
  std::vector<Writer::Tensor> masks;  // to be added; they broadcast to [batch, heads, new, total]
};

// The result [batch, heads, new, depth of V], and the scores as they are before the softcap, before the mask, before
// the softmax and behind it.
struct Attended {
  Writer::Tensor result;
  Writer::Tensor product, capped, masked, weights;
};

Attended attend(Writer& writer, const Attend& form);

// [batch, tokens, heads * depth] to [batch, heads, tokens, depth], and back.
Writer::Tensor to_heads(Writer& writer, const Writer::Tensor& x, std::int64_t heads);
Writer::Tensor from_heads(Writer& writer, const Writer::Tensor& x);

// Rotates pairs of each head's numbers by the angle of their token: one sweep over x. The sines and cosines were
// computed before the network runs.
Writer::Tensor rotated(Writer& writer, const Writer::Tensor& x);

// A mask of fewer dimensions as it broadcasts to scores: [batch, total] to [batch, 1, 1, total], [batch, new, total] to
// [batch, 1, new, total]. Nothing for other shapes: lengths that say which tokens are padding change no work.
std::optional<Writer::Tensor> as_scores_mask(Writer& writer, const Writer::Tensor& mask, const Shape& scores);

// A key-value cache and what a step appends to it along axis 2.
struct Cache {
  Writer::Tensor present;  // as the network gives it back
  Writer::Tensor used;     // the tokens that are attended to
};
// `past` is empty where the operator has none. `shared` says that `past` is a buffer for `past`'s length of tokens, in
// which the present stands too; `total` tokens of it are used once the step's are written. The present of a buffer that
// is not full is the buffer itself: nothing but the step's tokens is written.
Cache append(Writer& writer, const std::optional<Writer::Tensor>& past, const Writer::Tensor& step, bool shared,
             std::int64_t total);

}  // namespace lanewise::network::importing
