// SPDX-License-Identifier: Apache-2.0
// Embeddings, operators of a vendor's domain that are plain ones under another name, and those that go to the host.
#include "core/network/onnx/lowerings/lowerings.hpp"
#include "core/network/onnx/lowerings/writer.hpp"

namespace lanewise::network::importing {

namespace {

using Tensor = Writer::Tensor;

// The rows of a table [rows, width] that integers name.
Tensor rows_of(Writer& w, const Tensor& table, const Tensor& indices) {
  w.require(table.shape.size() == 2, "a table of two dimensions");
  Shape shape = indices.shape;
  shape.push_back(table.shape[1]);
  return {w.lowering().emit("Gather", {table.name, indices.name}), shape};
}

// Rows of words, positions and segments, summed and normalized. Positions count up where they are not given.
bool lower_embed_layer_normalization(Lowering& l) {
  constexpr std::size_t kSegmentIds = 1, kWords = 2, kPositions = 3, kSegments = 4, kScale = 5, kShift = 6, kMask = 7,
                        kPositionIds = 8;
  Writer w(l);
  const Tensor ids = w.input(0);
  w.require(ids.shape.size() == 2, "words [batch, tokens]");
  const Tensor positions = w.input(kPositions);
  Tensor sum = rows_of(w, w.input(kWords), ids);
  if (l.has(kPositionIds)) {
    sum = w.add(sum, rows_of(w, positions, w.input(kPositionIds)));
  } else {
    sum = w.add(sum, w.slice(positions, 0, 0, ids.shape[1]));
  }
  if (l.has(kSegments) && l.has(kSegmentIds)) sum = w.add(sum, rows_of(w, w.input(kSegments), w.input(kSegmentIds)));
  const std::int64_t last = static_cast<std::int64_t>(sum.shape.size()) - 1;
  w.set_result(
      0, w.stated("LayerNormalization", {sum, w.input(kScale), w.input(kShift)}, sum.shape, {attribute("axis", last)}));
  // How many tokens of each sequence are no padding.
  if (l.wants(1)) {
    w.set_result(1, w.stated("MaskLengths", {l.has(kMask) ? w.input(kMask) : ids}, {ids.shape[0]}));
  }
  w.set_result(2, sum);
  return true;
}

// Rows of a table whose numbers are packed, `bits` each, in blocks with a scale.
bool lower_gather_quantized(Lowering& l) {
  Writer w(l);
  Tensor table = w.input(0);
  w.require(l.is_weight(0) && !table.shape.empty(), "a constant table");
  w.require(integer(l.proto(), "gather_axis", 0) == 0, "rows to gather along the first axis");
  const std::int64_t bits = integer(l.proto(), "bits", 4);
  const Precision precision = w.packed_precision(bits);
  Shape shape = table.shape;
  // Bytes hold several numbers; a four-bit type is counted by its numbers.
  if (l.element_type(0) == onnx::TensorProto::UINT8 && shape.back() < (std::int64_t{1} << 40)) {
    shape.back() *= 8 / bits;
  }
  const Tensor numbers = w.weight(0, shape, precision);
  Shape out = l.shape(1);
  out.insert(out.end(), shape.begin() + 1, shape.end());
  w.set_result(0, {l.emit("Gather", {numbers.name, l.input(1)}, {attribute("axis", std::int64_t{0})}), out});
  return true;
}

// The same operator of the default domain, with the attributes that it has there.
bool as_plain(Lowering& l, const char* type) {
  Writer w(l);
  Lowering::Names names;
  for (int i = 0; i < l.proto().input_size(); ++i) names.push_back(l.proto().input(i));
  const Lowering::Attributes attributes(l.proto().attribute().begin(), l.proto().attribute().end());
  const auto outputs = static_cast<std::size_t>(l.proto().output_size());
  const Lowering::Names results = l.emit_many(type, names, outputs, attributes);
  for (std::size_t i = 0; i < outputs; ++i) l.set_result(i, results[i]);
  return true;
}

bool lower_expand_dims(Lowering& l) { return as_plain(l, "Unsqueeze"); }
bool lower_pad(Lowering& l) { return as_plain(l, "Pad"); }
bool lower_trilu(Lowering& l) { return as_plain(l, "Trilu"); }
bool lower_unique(Lowering& l) { return as_plain(l, "Unique"); }
bool lower_range(Lowering& l) { return as_plain(l, "Range"); }
bool lower_gather_nd(Lowering& l) { return as_plain(l, "GatherND"); }
bool lower_grid_sample(Lowering& l) { return as_plain(l, "GridSample"); }

// On the host; the first output is as large as input `like`.
bool to_host(Lowering& l, const char* type, std::size_t like) {
  Writer w(l);
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < static_cast<std::size_t>(l.proto().input_size()); ++i) {
    if (l.has(i)) inputs.push_back(w.input(i));
  }
  w.set_result(0, w.stated(type, inputs, l.shape(like)));
  return true;
}

// Banned words: scores [batch, words] behind the words so far.
bool lower_ngram_repeat(Lowering& l) { return to_host(l, "NGramRepeatBlock", 1); }
bool lower_inverse(Lowering& l) { return to_host(l, "Inverse", 0); }

}  // namespace

const std::vector<LoweringRow>& embedding_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {kMicrosoft, "EmbedLayerNormalization", lower_embed_layer_normalization},
      {kMicrosoft, "ExpandDims", lower_expand_dims},
      {kMicrosoft, "GatherBlockQuantized", lower_gather_quantized},
      {kMicrosoft, "GatherND", lower_gather_nd},
      {kMicrosoft, "GridSample", lower_grid_sample},
      {kMicrosoft, "Inverse", lower_inverse},
      {kMicrosoft, "NGramRepeatBlock", lower_ngram_repeat},
      {kMicrosoft, "Pad", lower_pad},
      {kMicrosoft, "Range", lower_range},
      {kMicrosoft, "Trilu", lower_trilu},
      {kMicrosoft, "Unique", lower_unique},
  };
  return rows;
}

}  // namespace lanewise::network::importing
