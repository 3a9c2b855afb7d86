// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/lowerings/attend.hpp"

#include <cmath>

namespace lanewise::network::importing {

namespace {

using Tensor = Writer::Tensor;

// Every head of a group reads the same keys: repeated as networks write it, which moves nothing where the engine reads
// them by view.
Tensor repeated(Writer& w, const Tensor& x, std::int64_t heads) {
  const std::int64_t own = x.shape[1];
  if (own == heads) return x;
  w.require(own > 0 && heads % own == 0, "query heads that its key heads divide");
  const Tensor opened = w.unsqueeze(x, {2});
  const Tensor wide = w.expand(opened, {x.shape[0], own, heads / own, x.shape[2], x.shape[3]});
  return w.reshape(wide, {x.shape[0], heads, x.shape[2], x.shape[3]});
}

}  // namespace

Attended attend(Writer& w, const Attend& form) {
  const Tensor& q = form.query;
  w.require(q.shape.size() == 4 && form.key.shape.size() == 4 && form.value.shape.size() == 4,
            "heads of four dimensions");
  w.require(q.shape[3] > 0 && q.shape[3] == form.key.shape[3], "queries and keys of one depth");
  w.require(form.key.shape[2] == form.value.shape[2] && form.key.shape[1] > 0, "as many keys as values");
  const Tensor key = repeated(w, form.key, q.shape[1]);
  const Tensor value = repeated(w, form.value, q.shape[1]);
  Attended made;
  const double scale = form.scale != 0 ? form.scale : 1 / std::sqrt(static_cast<double>(q.shape[3]));
  made.product = w.scaled(w.matmul(q, w.transpose(key, {0, 1, 3, 2})), scale);
  made.capped = made.product;
  if (form.softcap > 0) {
    made.capped = w.scaled(w.unary("Tanh", w.scaled(made.product, 1 / form.softcap)), form.softcap);
  }
  made.masked = made.capped;
  const Shape scores = made.product.shape;
  // A single new token sees everything before it.
  if (form.causal && scores[2] > 1) made.masked = w.add(made.masked, w.table({scores[2], scores[3]}));
  for (const Tensor& mask : form.masks) made.masked = w.add(made.masked, mask);
  w.require(made.masked.shape == scores, "a mask that fits its scores");
  made.weights = w.unary("Softmax", made.masked, {attribute("axis", std::int64_t{-1})});
  made.result = w.matmul(made.weights, value);
  return made;
}

Tensor to_heads(Writer& w, const Tensor& x, std::int64_t heads) {
  w.require(x.shape.size() == 3 && heads > 0 && x.shape[2] % heads == 0, "channels that its heads divide");
  const Tensor parted = w.reshape(x, {x.shape[0], x.shape[1], heads, x.shape[2] / heads});
  return w.transpose(parted, {0, 2, 1, 3});
}

Tensor from_heads(Writer& w, const Tensor& x) {
  const Tensor turned = w.transpose(x, {0, 2, 1, 3});
  return w.reshape(turned, {x.shape[0], x.shape[2], x.shape[1] * x.shape[3]});
}

Tensor rotated(Writer& w, const Tensor& x) {
  const std::size_t rank = x.shape.size();
  w.require(rank >= 2, "an input of at least two dimensions");
  // Where heads lie side by side they share their angles, which then are one column here.
  const Shape angles{x.shape[rank - 2], rank == 3 ? 1 : x.shape[rank - 1]};
  return w.stated("RotaryEmbedding", {x, w.table(angles), w.table(angles)}, x.shape);
}

std::optional<Tensor> as_scores_mask(Writer& w, const Tensor& mask, const Shape& scores) {
  const std::size_t rank = mask.shape.size();
  if (rank < 2 || mask.shape.back() != scores[3]) return std::nullopt;
  if (rank == 2 && mask.shape[0] == scores[0] && (scores[0] > 1 || scores[2] == 1)) return w.unsqueeze(mask, {1, 2});
  if (rank == 2 && mask.shape[0] == 1) return w.unsqueeze(mask, {1, 2});
  if (rank == 3) return w.unsqueeze(mask, {1});
  return mask;
}

Cache append(Writer& w, const std::optional<Tensor>& past, const Tensor& step, bool shared, std::int64_t total) {
  if (!past || past->shape.size() != 4 || past->shape[2] == 0) return {step, step};
  const std::int64_t length = past->shape[2];
  const std::int64_t fresh = step.shape[2];
  if (!shared) {
    const Tensor present = w.concat({*past, step}, 2);
    return {present, present};
  }
  w.require(fresh <= total && total <= length, "a cache that holds its tokens");
  // The step is written into its place, and the rest of the buffer stays: what leaves the network is the same memory.
  const Tensor used = w.concat({w.slice(*past, 2, 0, total - fresh), step}, 2);
  return {total == length ? used : *past, used};
}

}  // namespace lanewise::network::importing
