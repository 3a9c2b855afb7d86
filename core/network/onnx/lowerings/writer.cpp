// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/lowerings/writer.hpp"

#include <algorithm>

namespace lanewise::network::importing {

namespace {

constexpr int kWrittenFor = 17;

}  // namespace

Writer::Writer(Lowering& lowering) : lowering_(lowering) { lowering_.use_opset(kWrittenFor); }

void Writer::require(bool condition, const char* what) const {
  if (!condition) lowering_.fail(std::string("does not have ") + what);
}

Writer::Tensor Writer::reshape(const Tensor& x, const Shape& shape) {
  require(element_count(x.shape).has_value() && element_count(x.shape) == element_count(shape),
          "tensors whose sizes fit each other");
  if (x.shape == shape) return x;
  return {lowering_.emit("Reshape", {x.name, lowering_.integers(shape)}), shape};
}

Writer::Tensor Writer::transpose(const Tensor& x, const std::vector<std::int64_t>& permutation) {
  require(x.shape.size() == permutation.size(), "inputs of the dimensions that it takes");
  Shape shape;
  for (const std::int64_t axis : permutation) shape.push_back(x.shape.at(static_cast<std::size_t>(axis)));
  return {lowering_.emit("Transpose", {x.name}, {attribute("perm", permutation)}), shape};
}

Writer::Tensor Writer::unsqueeze(const Tensor& x, const std::vector<std::int64_t>& axes) {
  Shape shape = x.shape;
  for (const std::int64_t axis : axes) shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), 1);
  return {lowering_.emit("Unsqueeze", {x.name, lowering_.integers(axes)}), shape};
}

Writer::Tensor Writer::slice(const Tensor& x, std::size_t axis, std::int64_t from, std::int64_t to) {
  require(axis < x.shape.size() && from >= 0 && from <= to && to <= x.shape[axis], "sizes within those of its inputs");
  if (from == 0 && to == x.shape[axis]) return x;
  Shape shape = x.shape;
  shape[axis] = to - from;
  return {lowering_.emit("Slice", {x.name, lowering_.integers({from}), lowering_.integers({to}),
                                   lowering_.integers({static_cast<std::int64_t>(axis)})}),
          shape};
}

std::vector<Writer::Tensor> Writer::split(const Tensor& x, std::size_t axis, const std::vector<std::int64_t>& sizes) {
  std::int64_t left = axis < x.shape.size() ? x.shape[axis] : 0;
  for (const std::int64_t size : sizes) {
    require(size > 0 && size <= left, "parts whose sizes fit its input");
    left -= size;
  }
  require(left == 0, "parts whose sizes fit its input");
  if (sizes.size() == 1) return {x};
  const Lowering::Names names = lowering_.emit_many("Split", {x.name, lowering_.integers(sizes)}, sizes.size(),
                                                    {attribute("axis", static_cast<std::int64_t>(axis))});
  std::vector<Tensor> parts;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    parts.push_back({names[i], x.shape});
    parts.back().shape[axis] = sizes[i];
  }
  return parts;
}

Writer::Tensor Writer::concat(const std::vector<Tensor>& parts, std::size_t axis) {
  std::vector<Tensor> filled;
  std::copy_if(parts.begin(), parts.end(), std::back_inserter(filled),
               [&](const Tensor& part) { return axis >= part.shape.size() || part.shape[axis] > 0; });
  require(!filled.empty(), "a tensor that is not empty");
  if (filled.size() == 1) return filled[0];
  Shape shape = filled[0].shape;
  require(axis < shape.size(), "tensors of one size to join");
  shape[axis] = 0;
  Lowering::Names names;
  for (const Tensor& part : filled) {
    Shape other = part.shape;
    require(other.size() == shape.size(), "tensors of one size to join");
    shape[axis] += other[axis];
    names.push_back(part.name);
    other[axis] = shape[axis];
    require(other == shape, "tensors of one size to join");
  }
  return {lowering_.emit("Concat", names, {attribute("axis", static_cast<std::int64_t>(axis))}), shape};
}

Writer::Tensor Writer::expand(const Tensor& x, const Shape& shape) {
  if (x.shape == shape) return x;
  return {lowering_.emit("Expand", {x.name, lowering_.integers(shape)}), shape};
}

Writer::Tensor Writer::matmul(const Tensor& a, const Tensor& b) {
  require(a.shape.size() >= 2 && b.shape.size() >= 2 && a.shape.back() == b.shape[b.shape.size() - 2],
          "matrices that fit each other");
  Shape shape = a.shape.size() >= b.shape.size() ? a.shape : b.shape;
  shape[shape.size() - 2] = a.shape[a.shape.size() - 2];
  shape.back() = b.shape.back();
  return {lowering_.emit("MatMul", {a.name, b.name}), shape};
}

Writer::Tensor Writer::binary(const char* type, const Tensor& a, const Tensor& b) {
  Shape shape = a.shape.size() >= b.shape.size() ? a.shape : b.shape;
  const Shape& other = a.shape.size() >= b.shape.size() ? b.shape : a.shape;
  const std::size_t ahead = shape.size() - other.size();
  for (std::size_t i = 0; i < other.size(); ++i) {
    std::int64_t& size = shape[ahead + i];
    require(size == other[i] || size == 1 || other[i] == 1, "tensors that fit each other");
    if (size == 1) size = other[i];
  }
  return {lowering_.emit(type, {a.name, b.name}), shape};
}

Writer::Tensor Writer::scaled(const Tensor& x, double factor) {
  if (factor == 1) return x;
  return {lowering_.emit("Mul", {x.name, lowering_.number(factor)}), x.shape};
}

Writer::Tensor Writer::unary(const char* type, const Tensor& x, const Lowering::Attributes& attributes) {
  return {lowering_.emit(type, {x.name}, attributes), x.shape};
}

Writer::Tensor Writer::stated(const char* type, const std::vector<Tensor>& inputs, const Shape& shape,
                              const Lowering::Attributes& attributes) {
  Lowering::Names names;
  for (const Tensor& input : inputs) names.push_back(input.name);
  return {lowering_.emit_stated(type, names, shape, attributes), shape};
}

Writer::Tensor Writer::weight(std::size_t input, const Shape& shape, std::optional<Precision> precision) {
  return {lowering_.weight(input, shape, precision), shape};
}

Precision Writer::packed_precision(std::int64_t bits) const {
  require(bits >= 2 && bits <= 8, "weights of 2 to 8 bits");
  for (const Precision precision : {Precision::kInt2, Precision::kInt4, Precision::kInt6}) {
    if (lanewise::bits(precision) >= bits) return precision;
  }
  return Precision::kInt8;
}

Writer::Tensor Writer::table(const Shape& shape) { return {lowering_.table(shape), shape}; }

}  // namespace lanewise::network::importing
