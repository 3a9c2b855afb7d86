// SPDX-License-Identifier: Apache-2.0
// Operators that multiply matrices.
#include <fmt/format.h>

#include <stdexcept>

#include "core/network/onnx/einsum.hpp"
#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

void gemm(Query& query) {
  const Shape& a = query.ranked(0, 2, 2);
  const Shape& b = query.ranked(1, 2, 2);
  const bool turns_a = query.integer("transA", 0) != 0;
  const bool turns_b = query.integer("transB", 0) != 0;
  const std::int64_t depth = a[turns_a ? 0 : 1];
  if (depth != b[turns_b ? 1 : 0]) {
    query.fail(
        fmt::format("[{}] and [{}] are no matrices that can be multiplied", fmt::join(a, ", "), fmt::join(b, ", ")));
  }
  const Shape product{a[turns_a ? 1 : 0], b[turns_b ? 0 : 1]};
  if (query.has(2) && query.opset() >= 7 && query.broadcast(product, query.shape(2)) != product) {
    query.fail(
        fmt::format("its summand [{}] does not fit [{}]", fmt::join(query.shape(2), ", "), fmt::join(product, ", ")));
  }
  query.give(0, product, query.element_type(0));
}

// A vector on the left is a row, one on the right a column, and neither leaves an axis behind.
void matmul(Query& query) {
  Shape a = query.ranked(0, 1, kMany);
  Shape b = query.ranked(1, 1, kMany);
  const bool row = a.size() == 1;
  const bool column = b.size() == 1;
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  if (a.back() != b[b.size() - 2]) {
    query.fail(fmt::format("[{}] and [{}] are no matrices that can be multiplied", fmt::join(query.shape(0), ", "),
                           fmt::join(query.shape(1), ", ")));
  }
  Shape result = query.broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2));
  if (!row) result.push_back(a[a.size() - 2]);
  if (!column) result.push_back(b.back());
  query.give(0, std::move(result), query.element_type(0));
}

void einsum(Query& query) {
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < query.inputs(); ++i) shapes.push_back(query.shape(i));
  Shape result;
  try {
    result = read_einsum(query.text("equation", ""), shapes).output_shape();
  } catch (const std::invalid_argument& error) {
    query.fail(error.what());
  }
  query.give(0, std::move(result), query.element_type(0));
}

void determinant(Query& query) {
  const Shape& shape = query.ranked(0, 2, kMany);
  query.require(shape.back() == shape[shape.size() - 2], "its matrices are not square");
  query.give(0, Shape(shape.begin(), shape.end() - 2), query.element_type(0));
}

// Tensors of heads: [batch, heads, length, width], or [batch, length, heads x width] with the heads as an attribute.
struct Heads {
  std::int64_t batch, heads, length, width;
};

Heads heads_of(const Query& query, std::size_t input, const char* attribute) {
  const Shape& shape = query.ranked(input, 3, 4);
  if (shape.size() == 4) return {shape[0], shape[1], shape[2], shape[3]};
  const std::int64_t heads = query.integer(attribute, 0);
  if (heads < 1 || shape[2] % heads != 0) {
    query.fail(fmt::format("{} is {}, which does not divide the {} channels of its input {}", attribute, heads,
                           shape[2], input));
  }
  return {shape[0], heads, shape[1], shape[2] / heads};
}

void attention(Query& query) {
  const Heads q = heads_of(query, 0, "q_num_heads");
  const Heads k = heads_of(query, 1, "kv_num_heads");
  const Heads v = heads_of(query, 2, "kv_num_heads");
  query.require(q.batch == k.batch && k.batch == v.batch, "its inputs differ in their batch");
  query.require(q.width == k.width, "queries and keys differ in their width");
  query.require(k.heads == v.heads && k.length == v.length, "keys and values differ in heads or length");
  query.require(k.heads > 0 && q.heads % k.heads == 0, "the heads of the keys do not divide those of the queries");
  std::int64_t past = 0;
  if (query.has(4)) past = query.ranked(4, 4, 4)[2];
  const std::int64_t total = query.plus(past, k.length);
  if (query.rank(0) == 4) {
    query.give(0, {q.batch, q.heads, q.length, v.width}, query.element_type(0));
  } else {
    query.give(0, {q.batch, q.length, query.times(q.heads, v.width)}, query.element_type(0));
  }
  query.give(1, {k.batch, k.heads, total, k.width}, query.element_type(1));
  query.give(2, {v.batch, v.heads, total, v.width}, query.element_type(2));
  query.give(3, {q.batch, q.heads, q.length, total}, query.element_type(0));
}

}  // namespace

const std::vector<Rule>& product_rules() {
  static const std::vector<Rule> table = {
      {"Attention", 3, 7, 4, attention, Reach::kProducts},
      {"Det", 1, 1, 1, determinant},
      {"Einsum", 1, kMany, 1, einsum, Reach::kProducts},
      // The third input of a MatMul is a bias that a quantised or vendor's variant brought along.
      {"Gemm", 2, 3, 1, gemm},
      {"MatMul", 2, 3, 1, matmul},
  };
  return table;
}

}  // namespace lanewise::network::importing
