// SPDX-License-Identifier: Apache-2.0
// Matrix products of a vendor's domain: fused with what stands around them, or with weights that are packed.
#include <algorithm>

#include "core/network/onnx/lowerings/fused_activation.hpp"
#include "core/network/onnx/lowerings/lowerings.hpp"
#include "core/network/onnx/lowerings/writer.hpp"

namespace lanewise::network::importing {

namespace {

using Tensor = Writer::Tensor;

constexpr std::size_t kNoBias = 0;

// The last two axes swapped; a weight's way of lying is settled before the network runs.
Tensor turned(Writer& w, const Tensor& x) {
  std::vector<std::int64_t> permutation;
  for (std::size_t i = 0; i < x.shape.size(); ++i) permutation.push_back(static_cast<std::int64_t>(i));
  if (permutation.size() >= 2) std::swap(permutation[permutation.size() - 2], permutation.back());
  return permutation.size() < 2 ? x : w.transpose(x, permutation);
}

// The first axis moves behind the batch's others: [b0, b1, …, m, n] is stored as [b1, …, m, b0, n].
Tensor batch_turned(Writer& w, const Tensor& x) {
  const auto rank = static_cast<std::int64_t>(x.shape.size());
  if (rank < 3) return x;
  std::vector<std::int64_t> permutation{rank - 2};
  for (std::int64_t i = 0; i < rank - 2; ++i) permutation.push_back(i);
  permutation.push_back(rank - 1);
  return w.transpose(x, permutation);
}

Tensor product_operand(Writer& w, std::size_t input, const char* turn, const char* batch_turn) {
  const onnx::NodeProto& node = w.lowering().proto();
  Tensor x = w.input(input);
  if (integer(node, batch_turn, 0) != 0) x = batch_turned(w, x);
  return integer(node, turn, 0) != 0 ? turned(w, x) : x;
}

// A vector is a matrix of one row on the left, of one column on the right, as MatMul has it.
Tensor plain_product(Writer& w, const Tensor& a, const Tensor& b) {
  if (a.shape.size() >= 2 && b.shape.size() >= 2) return w.matmul(a, b);
  w.require(!a.shape.empty() && !b.shape.empty(), "vectors or matrices");
  Shape shape = a.shape.size() >= 2 ? a.shape : b.shape;
  if (a.shape.size() >= 2) {
    w.require(a.shape.back() == b.shape[0], "a vector and a matrix that fit each other");
    shape.pop_back();
  } else if (b.shape.size() >= 2) {
    w.require(b.shape[b.shape.size() - 2] == a.shape[0], "a vector and a matrix that fit each other");
    shape.erase(shape.end() - 2);
  } else {
    w.require(a.shape == b.shape, "vectors that fit each other");
    shape.clear();
  }
  return {w.lowering().emit("MatMul", {a.name, b.name}), shape};
}

// alpha * A * B, either turned.
bool lower_fused_matmul(Lowering& l) {
  Writer w(l);
  const Tensor a = product_operand(w, 0, "transA", "transBatchA");
  const Tensor b = product_operand(w, 1, "transB", "transBatchB");
  Tensor product = w.scaled(plain_product(w, a, b), real(l.proto(), "alpha", 1));
  const std::string activation = text(l.proto(), "activation", "");
  w.set_result(0, activation.empty() ? product : fused_activation(w, product, activation));
  return true;
}

// activation(alpha * A * B + beta * C).
bool lower_fused_gemm(Lowering& l) {
  Writer w(l);
  const Tensor a = w.input(0);
  const Tensor b = w.input(1);
  const bool turn_a = integer(l.proto(), "transA", 0) != 0;
  const bool turn_b = integer(l.proto(), "transB", 0) != 0;
  w.require(a.shape.size() == 2 && b.shape.size() == 2, "operands that are matrices");
  Lowering::Names names{a.name, b.name};
  if (l.has(2)) names.push_back(l.input(2));
  const Shape shape{a.shape[turn_a ? 1 : 0], b.shape[turn_b ? 0 : 1]};
  Lowering::Attributes attributes;
  for (const onnx::AttributeProto& given : l.proto().attribute()) {
    if (given.name().rfind("activation", 0) != 0) attributes.push_back(given);
  }
  const Tensor product{l.emit("Gemm", names, attributes), shape};
  w.set_result(0, fused_activation(w, product, text(l.proto(), "activation", "Relu")));
  return true;
}

bool lower_gemm_fast_gelu(Lowering& l) {
  Writer w(l);
  Tensor product = plain_product(w, w.input(0), w.input(1));
  if (l.has(2)) product = w.add(product, w.input(2));
  w.set_result(0, w.stated("Gelu", {product}, product.shape));
  return true;
}

// Input 1 holds the weight's K x N numbers packed, column by column, in blocks with a scale each.
bool lower_packed_product(Lowering& l, std::int64_t bits, std::size_t bias) {
  constexpr std::int64_t kMost = std::int64_t{1} << 32;
  Writer w(l);
  const std::int64_t depth = integer(l.proto(), "K", 0);
  const std::int64_t columns = integer(l.proto(), "N", 0);
  const Tensor x = w.input(0);
  w.require(l.is_weight(1), "a constant weight");
  w.require(depth > 0 && columns > 0 && depth < kMost && columns < kMost, "sizes K and N");
  w.require(!x.shape.empty() && x.shape.back() == depth, "an input of K channels");
  const std::optional<std::int64_t> stored = element_count(l.shape(1));
  const std::int64_t stored_bits = l.element_type(1) == onnx::TensorProto::INT32 ? 32 : 8;
  const Precision precision = w.packed_precision(bits);
  w.require(stored && *stored * stored_bits / bits / columns >= depth, "a packed weight that holds K x N numbers");
  Tensor product = plain_product(w, x, w.weight(1, {depth, columns}, precision));
  if (bias != kNoBias && l.has(bias)) product = w.add(product, w.input(bias));
  w.set_result(0, product);
  return true;
}

bool lower_matmul_nbits(Lowering& l) {
  constexpr std::size_t kBias = 5;
  return lower_packed_product(l, integer(l.proto(), "bits", 4), kBias);
}

// Four bits a number, in a floating format or as a block with a scale.
bool lower_matmul_four_bits(Lowering& l) { return lower_packed_product(l, 4, kNoBias); }

// The products of whole numbers whose scales are applied at once: inputs A and B, and a bias.
bool lower_scaled_product(Lowering& l, std::size_t bias) {
  Writer w(l);
  Tensor product = plain_product(w, w.input(0), w.input(1));
  if (l.has(bias)) product = w.add(product, w.input(bias));
  w.set_result(0, product);
  return true;
}
bool lower_dynamic_quantize_matmul(Lowering& l) { return lower_scaled_product(l, 4); }
bool lower_matmul_integer_to_float(Lowering& l) { return lower_scaled_product(l, 6); }

}  // namespace

const std::vector<LoweringRow>& product_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {kMicrosoft, "DynamicQuantizeMatMul", lower_dynamic_quantize_matmul},
      {kMicrosoft, "FusedGemm", lower_fused_gemm},
      {kMicrosoft, "FusedMatMul", lower_fused_matmul},
      {kMicrosoft, "FusedMatMulActivation", lower_fused_matmul},
      {kMicrosoft, "GemmFastGelu", lower_gemm_fast_gelu},
      {kMicrosoft, "MatMulBnb4", lower_matmul_four_bits},
      {kMicrosoft, "MatMulFpQ4", lower_matmul_four_bits},
      {kMicrosoft, "MatMulIntegerToFloat", lower_matmul_integer_to_float},
      {kMicrosoft, "MatMulNBits", lower_matmul_nbits},
      {kMicrosoft, "TransposeMatMul", lower_fused_matmul},
  };
  return rows;
}

}  // namespace lanewise::network::importing
