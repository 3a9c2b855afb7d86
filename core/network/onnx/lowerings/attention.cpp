// SPDX-License-Identifier: Apache-2.0
// Attention and rotary embeddings of the default domain.
#include "core/network/onnx/lowerings/attend.hpp"
#include "core/network/onnx/lowerings/lowerings.hpp"

namespace lanewise::network::importing {

namespace {

using Tensor = Writer::Tensor;

Tensor heads_of(Writer& w, std::size_t input, const char* count) {
  const Tensor x = w.input(input);
  if (x.shape.size() == 4) return x;
  w.require(x.shape.size() == 3, "inputs of three or four dimensions");
  const std::int64_t heads = integer(w.lowering().proto(), count, 0);
  if (heads < 1) w.lowering().fail(std::string("does not say '") + count + "', which inputs of three dimensions need");
  return to_heads(w, x, heads);
}

// Which scores the fourth output shows: as multiplied, with the mask, with the softcap, or behind the softmax.
Tensor shown_scores(const Attended& made, std::int64_t mode) {
  switch (mode) {
    case 1:
      return made.masked;
    case 2:
      return made.capped;
    case 3:
      return made.weights;
    default:
      return made.product;
  }
}

bool lower_attention(Lowering& l) {
  constexpr std::size_t kMask = 3, kPastKey = 4, kPastValue = 5;
  Writer w(l);
  Attend form;
  form.query = heads_of(w, 0, "q_num_heads");
  const Tensor key = heads_of(w, 1, "kv_num_heads");
  const Tensor value = heads_of(w, 2, "kv_num_heads");
  const bool has_past = l.has(kPastKey) && l.has(kPastValue);
  const Cache keys = append(w, has_past ? std::optional(w.input(kPastKey)) : std::nullopt, key, false, 0);
  const Cache values = append(w, has_past ? std::optional(w.input(kPastValue)) : std::nullopt, value, false, 0);
  form.key = keys.used;
  form.value = values.used;
  form.scale = real(l.proto(), "scale", 0);
  form.softcap = real(l.proto(), "softcap", 0);
  form.causal = integer(l.proto(), "is_causal", 0) != 0;
  // The mask is [new, total] or broadcasts to the scores from the right.
  if (l.has(kMask)) form.masks.push_back(w.input(kMask));
  const Attended made = attend(w, form);
  w.set_result(0, l.shape(0).size() == 4 ? made.result : from_heads(w, made.result));
  w.set_result(1, keys.present);
  w.set_result(2, values.present);
  w.set_result(3, shown_scores(made, integer(l.proto(), "qk_matmul_output_mode", 0)));
  return true;
}

// [batch, heads, tokens, depth] or [batch, tokens, heads * depth], which stays as it lies.
bool lower_rotary(Lowering& l) {
  Writer w(l);
  const Tensor x = w.input(0);
  w.require(x.shape.size() == 3 || x.shape.size() == 4, "an input of three or four dimensions");
  w.set_result(0, rotated(w, x));
  return true;
}

}  // namespace

const std::vector<LoweringRow>& attention_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"", "Attention", lower_attention},
      {"", "RotaryEmbedding", lower_rotary},
      {"com.microsoft", "RotaryEmbedding", lower_rotary},
  };
  return rows;
}

}  // namespace lanewise::network::importing
