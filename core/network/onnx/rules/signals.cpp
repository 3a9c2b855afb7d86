// SPDX-License-Identifier: Apache-2.0
// Fourier transforms and text.
#include <fmt/format.h>

#include <algorithm>

#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

// [..., 1 or 2]: real or complex numbers. The axis is an attribute before operator set 20 and an input since.
void fourier(Query& query) {
  Shape result = query.ranked(0, 2, kMany);
  query.give_type(0, query.element_type(0));
  query.require(result.back() == 1 || result.back() == 2, "its last axis does not hold real or complex numbers");
  std::int64_t given = query.integer("axis", query.opset() < 20 ? 1 : -2);
  if (query.has(2)) {
    const auto known = query.number(2);
    if (!known) return;
    given = *known;
  }
  const std::size_t axis = query.axis(given, result.size());
  query.require(axis + 1 < result.size(), "its axis is the one of real and imaginary parts");
  const bool one_sided = query.integer("onesided", 0) != 0;
  query.require(!one_sided || query.integer("inverse", 0) == 0, "is one-sided and inverse at once");
  std::int64_t length = result[axis];
  if (query.has(1)) {
    const auto known = query.number(1);
    if (!known) return;
    length = *known;
  }
  if (length < 1) query.fail(fmt::format("a transform of {} points", length));
  result[axis] = one_sided ? length / 2 + 1 : length;
  result.back() = 2;
  query.give(0, std::move(result), query.element_type(0));
}

// [batch, samples, 1 or 2] in frames that begin a step apart.
void short_time_fourier(Query& query) {
  const Shape& signal = query.ranked(0, 2, 3);
  query.shape(1);
  query.give_type(0, query.element_type(0));
  query.require(signal.size() == 2 || signal[2] == 1 || signal[2] == 2,
                "its last axis does not hold real or complex numbers");
  const auto step = query.number(1);
  std::optional<std::int64_t> length = query.number(3);
  if (query.has(2)) {
    const std::int64_t window = query.ranked(2, 1, 1)[0];
    if (length && *length != window) query.fail(fmt::format("frames of {} and a window of {}", *length, window));
    length = window;
  }
  if (!query.has(2) && !query.has(3)) query.fail("does not say how long a frame is");
  if (!step || !length) return;
  if (*step < 1 || *length < 1 || *length > signal[1]) {
    query.fail(fmt::format("frames of {} samples, {} apart, do not fit {}", *length, *step, signal[1]));
  }
  const std::int64_t frames = (signal[1] - *length) / *step + 1;
  const std::int64_t bins = query.integer("onesided", 1) != 0 ? *length / 2 + 1 : *length;
  query.give(0, {signal[0], frames, bins, 2}, query.element_type(0));
}

void join_texts(Query& query) {
  query.give(0, query.broadcast(query.shape(0), query.shape(1)), onnx::TensorProto::STRING);
}

void split_texts(Query& query) {
  query.shape(0);
  query.give_type(0, onnx::TensorProto::STRING);  // how many parts depends on the text
  query.give(1, query.shape(0), onnx::TensorProto::INT64);
}

void match_texts(Query& query) { query.give(0, query.shape(0), onnx::TensorProto::BOOL); }

// [C] or [1, C]; stop words go.
void normalize_texts(Query& query) {
  const Shape& shape = query.ranked(0, 1, 2);
  query.give_type(0, onnx::TensorProto::STRING);
  if (!query.has_attribute("stopwords")) query.give(0, shape, onnx::TensorProto::STRING);
}

// [C] or [N, C] to counts of the n-grams that the file lists.
void count_ngrams(Query& query) {
  Shape result = query.ranked(0, 1, 2);
  const std::vector<std::int64_t> indexes = query.integers("ngram_indexes");
  query.require(!indexes.empty(), "lists no n-grams");
  const std::int64_t largest = *std::max_element(indexes.begin(), indexes.end());
  query.require(*std::min_element(indexes.begin(), indexes.end()) >= 0, "an n-gram has a negative index");
  result.back() = query.plus(largest, 1);
  query.give(0, std::move(result), onnx::TensorProto::FLOAT);
}

// An encoded picture: its size is in the data.
void decode_image(Query& query) {
  query.ranked(0, 1, 1);
  query.give_type(0, onnx::TensorProto::UINT8);
}

}  // namespace

const std::vector<Rule>& signal_rules() {
  static const std::vector<Rule> table = {
      {"DFT", 1, 3, 1, fourier},
      {"ImageDecoder", 1, 1, 1, decode_image},
      {"RegexFullMatch", 1, 1, 1, match_texts},
      {"STFT", 2, 4, 1, short_time_fourier},
      {"StringConcat", 2, 2, 1, join_texts},
      {"StringNormalizer", 1, 1, 1, normalize_texts},
      {"StringSplit", 1, 1, 2, split_texts},
      {"TfIdfVectorizer", 1, 1, 1, count_ngrams},
  };
  return table;
}

}  // namespace lanewise::network::importing
