// SPDX-License-Identifier: Apache-2.0
// Attention of a vendor's domain: packed projections, caches that grow or are buffers, grouped queries.
#include <algorithm>
#include <numeric>

#include "core/network/onnx/lowerings/attend.hpp"
#include "core/network/onnx/lowerings/lowerings.hpp"

namespace lanewise::network::importing {

namespace {

using Tensor = Writer::Tensor;

constexpr std::size_t kNoInput = 1000;  // an input that the operator does not have

std::int64_t head_count(const Writer& w, const Lowering& l, const char* name) {
  const std::int64_t heads = integer(l.proto(), name, 0);
  constexpr std::int64_t kMost = 1 << 20;
  if (heads < 1 || heads > kMost) w.require(false, name);
  return heads;
}

std::optional<Tensor> optional_input(Writer& w, std::size_t i) {
  return w.lowering().has(i) ? std::optional(w.input(i)) : std::nullopt;
}

// A number that the file holds, however it is stored.
std::optional<std::int64_t> number_of(const Lowering& l, std::size_t input) {
  const Constant* constant = l.constant(input);
  if (constant == nullptr || constant->size() < 1) return std::nullopt;
  std::int64_t most = constant->as_whole(0);
  for (std::size_t i = 1; i < constant->size(); ++i) most = std::max(most, constant->as_whole(i));
  constexpr std::int64_t kMost = std::int64_t{1} << 40;  // no tensor has more elements
  return std::clamp<std::int64_t>(most, -1, kMost);
}

// Where the cache is a buffer and how much of it is used. The file says so by the shape of what it gives back; without
// one, by a number of tokens that fits into the buffer.
struct Fill {
  bool shared = false;
  std::int64_t total = 0;
};

Fill filled(const Lowering& l, const std::optional<Tensor>& past, std::int64_t fresh, std::size_t present,
            std::optional<std::int64_t> total) {
  if (!past || past->shape.size() != 4) return {false, fresh};
  const std::int64_t length = past->shape[2];
  const std::optional<Shape>& declared = l.declared(present);
  Fill fill;
  if (declared && declared->size() == 4) {
    fill.shared = (*declared)[2] == length && fresh <= length;
  } else {
    fill.shared = total && *total >= fresh && *total <= length;
  }
  const bool is_known = total && *total >= fresh && *total <= length;
  fill.total = fill.shared ? (is_known ? *total : length) : length + fresh;
  return fill;
}

// Query, key and value joined along the last axis: [batch, tokens, (heads + 2 key heads) * depth].
struct Projected {
  Tensor query, key, value;
};

Projected unpacked(Writer& w, const Tensor& packed, std::int64_t heads, std::int64_t key_heads) {
  const std::int64_t all = heads + 2 * key_heads;
  w.require(packed.shape.size() == 3 && packed.shape[2] % all == 0, "packed queries, keys and values of one depth");
  const std::int64_t depth = packed.shape[2] / all;
  const std::vector<Tensor> parts = w.split(packed, 2, {heads * depth, key_heads * depth, key_heads * depth});
  return {parts[0], parts[1], parts[2]};
}

bool lower_grouped_query(Lowering& l) {
  constexpr std::size_t kPastKey = 3, kPastValue = 4, kLengths = 5, kTotal = 6, kBias = 10;
  Writer w(l);
  const std::int64_t heads = head_count(w, l, "num_heads");
  const std::int64_t key_heads = head_count(w, l, "kv_num_heads");
  Projected x;
  if (l.has(1)) {
    x = {w.input(0), w.input(1), w.input(2)};
  } else {
    x = unpacked(w, w.input(0), heads, key_heads);
  }
  Attend form;
  form.query = to_heads(w, x.query, heads);
  // Keys that lie in heads already come from elsewhere.
  Tensor key = x.key.shape.size() == 4 ? x.key : to_heads(w, x.key, key_heads);
  const Tensor value = x.value.shape.size() == 4 ? x.value : to_heads(w, x.value, key_heads);
  if (integer(l.proto(), "do_rotary", 0) != 0) {
    form.query = rotated(w, form.query);
    key = rotated(w, key);
  }
  // The lengths are those of the keys less one, for each sequence.
  std::optional<std::int64_t> total = number_of(l, kTotal);
  if (!total && number_of(l, kLengths)) total = *number_of(l, kLengths) + 1;
  const std::int64_t fresh = key.shape[2];
  const std::optional<Tensor> past_key = optional_input(w, kPastKey);
  const Fill fill = filled(l, past_key, fresh, 1, total);
  const Cache keys = append(w, past_key, key, fill.shared, fill.total);
  const Cache values = append(w, optional_input(w, kPastValue), value, fill.shared, fill.total);
  form.key = keys.used;
  form.value = values.used;
  // A window: the new tokens together see the last ones alone.
  const std::int64_t window = integer(l.proto(), "local_window_size", -1);
  const std::int64_t seen = form.key.shape[2];
  const bool windowed = window > 0 && window < seen && window + fresh - 1 < seen;
  if (windowed) {
    form.key = w.slice(form.key, 2, seen - window - fresh + 1, seen);
    form.value = w.slice(form.value, 2, seen - window - fresh + 1, seen);
  }
  form.scale = real(l.proto(), "scale", 0);
  form.softcap = real(l.proto(), "softcap", 0);
  form.causal = true;
  if (l.has(kBias)) {
    Tensor bias = w.input(kBias);
    if (windowed && bias.shape.size() == 4 && bias.shape[3] == seen) {
      bias = w.slice(bias, 3, seen - window - fresh + 1, seen);
    }
    form.masks.push_back(bias);
  }
  w.set_result(0, from_heads(w, attend(w, form).result));
  w.set_result(1, keys.present);
  w.set_result(2, values.present);
  return true;
}

// A bias for queries, keys and values together, cut along its only axis.
void add_bias(Writer& w, Projected& x, std::size_t bias) {
  if (!w.lowering().has(bias)) return;
  w.require(!x.query.shape.empty() && !x.key.shape.empty() && !x.value.shape.empty(), "inputs with channels");
  const std::int64_t q = x.query.shape.back();
  const std::int64_t k = x.key.shape.back();
  const std::vector<Tensor> parts = w.split(w.input(bias), 0, {q, k, x.value.shape.back()});
  if (x.query.shape.size() == 3) x.query = w.add(x.query, parts[0]);
  if (x.key.shape.size() == 3) x.key = w.add(x.key, parts[1]);
  if (x.value.shape.size() == 3) x.value = w.add(x.value, parts[2]);
}

// [batch, tokens, heads, n, depth] as n tensors [batch, tokens, heads * depth].
std::vector<Tensor> unstacked(Writer& w, const Tensor& x) {
  const std::int64_t count = x.shape[3];
  std::vector<Tensor> parts;
  for (const Tensor& part : w.split(x, 3, std::vector<std::int64_t>(static_cast<std::size_t>(count), 1))) {
    parts.push_back(w.reshape(part, {x.shape[0], x.shape[1], x.shape[2] * x.shape[4]}));
  }
  return parts;
}

Projected projected_inputs(Writer& w) {
  const Lowering& l = w.lowering();
  const Tensor query = w.input(0);
  if (!l.has(1)) {
    w.require(query.shape.size() == 5 && query.shape[3] == 3, "keys, or queries with keys and values packed in");
    const std::vector<Tensor> parts = unstacked(w, query);
    return {parts[0], parts[1], parts[2]};
  }
  const Tensor key = w.input(1);
  if (!l.has(2)) {
    w.require(key.shape.size() == 5 && key.shape[3] == 2, "values, or keys with values packed in");
    const std::vector<Tensor> parts = unstacked(w, key);
    return {query, parts[0], parts[1]};
  }
  return {query, key, w.input(2)};
}

Tensor in_heads(Writer& w, const Tensor& x, std::int64_t heads) {
  return x.shape.size() == 4 ? x : to_heads(w, x, heads);
}

// Masks and what is added to the scores, where they are tensors that broadcast to them.
void add_masks(Writer& w, Attend& form, std::size_t mask, std::size_t bias) {
  const Lowering& l = w.lowering();
  const Shape scores{form.query.shape[0], form.query.shape[1], form.query.shape[2], form.key.shape[2]};
  if (l.has(mask)) {
    if (const auto fitted = as_scores_mask(w, w.input(mask), scores)) form.masks.push_back(*fitted);
  }
  if (bias > 0 && l.has(bias)) form.masks.push_back(w.input(bias));
}

bool lower_multi_head(Lowering& l) {
  constexpr std::size_t kBias = 3, kMask = 4, kScoreBias = 5, kPastKey = 6, kPastValue = 7, kPastLength = 8;
  Writer w(l);
  const std::int64_t heads = head_count(w, l, "num_heads");
  Projected x = projected_inputs(w);
  add_bias(w, x, kBias);
  Attend form;
  form.query = in_heads(w, x.query, heads);
  const Tensor key = in_heads(w, x.key, heads);
  const Tensor value = in_heads(w, x.value, heads);
  const std::optional<Tensor> past_key = optional_input(w, kPastKey);
  const std::optional<std::int64_t> length = number_of(l, kPastLength);
  const std::int64_t fresh = key.shape.at(2);
  const Fill fill = filled(l, past_key, fresh, 1, length ? std::optional(*length + fresh) : std::nullopt);
  const Cache keys = append(w, past_key, key, fill.shared, fill.total);
  const Cache values = append(w, optional_input(w, kPastValue), value, fill.shared, fill.total);
  form.key = keys.used;
  form.value = values.used;
  form.scale = real(l.proto(), "scale", 0);
  form.causal = integer(l.proto(), "unidirectional", 0) != 0;
  add_masks(w, form, kMask, kScoreBias);
  const Attended made = attend(w, form);
  w.set_result(0, from_heads(w, made.result));
  w.set_result(1, keys.present);
  w.set_result(2, values.present);
  w.set_result(3, made.product);
  return true;
}

// One new token, whose cache is a buffer.
bool lower_decoder_masked(Lowering& l) {
  constexpr std::size_t kMask = 3, kScoreBias = 4, kPastKey = 5, kPastValue = 6, kPastLength = 7, kBias = 10;
  Writer w(l);
  const std::int64_t heads = head_count(w, l, "num_heads");
  Projected x = projected_inputs(w);
  add_bias(w, x, kBias);
  Attend form;
  form.query = in_heads(w, x.query, heads);
  const Tensor key = in_heads(w, x.key, heads);
  const Tensor value = in_heads(w, x.value, heads);
  const std::optional<Tensor> past_key = optional_input(w, kPastKey);
  const std::optional<std::int64_t> length = number_of(l, kPastLength);
  const std::int64_t fresh = key.shape.at(2);
  Fill fill = filled(l, past_key, fresh, 1, length ? std::optional(*length + fresh) : std::nullopt);
  if (past_key && past_key->shape.size() == 4 && integer(l.proto(), "past_present_share_buffer", 0) != 0) {
    fill.shared = fresh <= past_key->shape[2];
    if (fill.total > past_key->shape[2]) fill.total = past_key->shape[2];
  }
  const Cache keys = append(w, past_key, key, fill.shared, fill.total);
  const Cache values = append(w, optional_input(w, kPastValue), value, fill.shared, fill.total);
  form.key = keys.used;
  form.value = values.used;
  form.scale = real(l.proto(), "scale", 0);
  add_masks(w, form, kMask, kScoreBias);
  const Attended made = attend(w, form);
  w.set_result(0, from_heads(w, made.result));
  w.set_result(1, keys.present);
  w.set_result(2, values.present);
  w.set_result(3, made.product);
  return true;
}

// Positions of the inputs of Attention, and of its quantised form.
struct PackedForm {
  std::size_t bias = 2, mask = 3, past = 4, score_bias = 5, past_length = 6;
};

// The input times one weight for queries, keys and values, [channels, sum of their sizes].
Projected project(Writer& w, std::size_t bias) {
  const Lowering& l = w.lowering();
  const Tensor x = w.input(0);
  const Tensor weight = w.input(1);
  w.require(x.shape.size() == 3 && weight.shape.size() == 2 && weight.shape[0] == x.shape[2],
            "an input [batch, tokens, channels] and a weight of its channels");
  Tensor all = w.matmul(x, weight);
  if (l.has(bias)) all = w.add(all, w.input(bias));
  std::vector<std::int64_t> sizes = integers(l.proto(), "qkv_hidden_sizes");
  if (sizes.empty()) {
    w.require(weight.shape[1] % 3 == 0, "a weight of three equal parts");
    sizes.assign(3, weight.shape[1] / 3);
  }
  w.require(sizes.size() == 3, "sizes of queries, keys and values");
  const std::vector<Tensor> parts = w.split(all, 2, sizes);
  return {parts[0], parts[1], parts[2]};
}

bool lower_packed_attention(Lowering& l, const PackedForm& at) {
  Writer w(l);
  const std::int64_t heads = head_count(w, l, "num_heads");
  const Projected x = project(w, at.bias);
  Attend form;
  form.query = to_heads(w, x.query, heads);
  Tensor key = to_heads(w, x.key, heads);
  const Tensor value = to_heads(w, x.value, heads);
  if (integer(l.proto(), "do_rotary", 0) != 0) {
    form.query = rotated(w, form.query);
    key = rotated(w, key);
  }
  // The past is [2, batch, heads, tokens, depth].
  std::optional<Tensor> past_key, past_value;
  if (l.has(at.past)) {
    const Tensor past = w.input(at.past);
    w.require(past.shape.size() == 5 && past.shape[0] == 2, "a past of five dimensions");
    if (past.shape[3] > 0) {
      const Shape one(past.shape.begin() + 1, past.shape.end());
      past_key = w.reshape(w.slice(past, 0, 0, 1), one);
      past_value = w.reshape(w.slice(past, 0, 1, 2), one);
    }
  }
  const std::int64_t fresh = key.shape[2];
  const std::optional<std::int64_t> length = number_of(l, at.past_length);
  const bool shared = past_key && integer(l.proto(), "past_present_share_buffer", 0) != 0;
  std::int64_t total = past_key ? past_key->shape[2] : 0;
  if (shared && length && *length >= 0 && *length + fresh <= total) total = *length + fresh;
  const Cache keys = append(w, past_key, key, shared, total);
  const Cache values = append(w, past_value, value, shared, total);
  form.key = keys.used;
  form.value = values.used;
  form.scale = real(l.proto(), "scale", 0);
  form.causal = integer(l.proto(), "unidirectional", 0) != 0;
  add_masks(w, form, at.mask, at.score_bias);
  w.set_result(0, from_heads(w, attend(w, form).result));
  if (l.wants(1)) w.set_result(1, w.concat({w.unsqueeze(keys.present, {0}), w.unsqueeze(values.present, {0})}, 0));
  return true;
}

bool lower_microsoft_attention(Lowering& l) { return lower_packed_attention(l, {}); }

// Input, weight, bias, their scales, a mask, their zero points, the past.
bool lower_quantized_attention(Lowering& l) { return lower_packed_attention(l, {2, 5, 8, 0, kNoInput}); }

}  // namespace

const std::vector<LoweringRow>& microsoft_attention_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {kMicrosoft, "Attention", lower_microsoft_attention},
      {kMicrosoft, "DecoderMaskedMultiHeadAttention", lower_decoder_masked},
      {kMicrosoft, "DecoderMaskedSelfAttention", lower_microsoft_attention},
      {kMicrosoft, "GroupQueryAttention", lower_grouped_query},
      {kMicrosoft, "MultiHeadAttention", lower_multi_head},
      {kMicrosoft, "QAttention", lower_quantized_attention},
  };
  return rows;
}

}  // namespace lanewise::network::importing
