// SPDX-License-Identifier: Apache-2.0
// Emitting nodes whose shapes are known while they are written.
#pragma once

#include <string>
#include <vector>

#include "core/network/onnx/lowering.hpp"

namespace lanewise::network::importing {

class Writer {
 public:
  struct Tensor {
    std::string name;
    Shape shape;
  };

  // Emitted nodes are written for operator set 17 from here on.
  explicit Writer(Lowering& lowering);

  Tensor input(std::size_t i) const { return {lowering_.input(i), lowering_.shape(i)}; }
  // Fails at the node, saying what it does not have, unless the condition holds.
  void require(bool condition, const char* what) const;

  Tensor reshape(const Tensor& x, const Shape& shape);
  Tensor transpose(const Tensor& x, const std::vector<std::int64_t>& permutation);
  Tensor unsqueeze(const Tensor& x, const std::vector<std::int64_t>& axes);  // ascending, of the result
  Tensor slice(const Tensor& x, std::size_t axis, std::int64_t from, std::int64_t to);
  std::vector<Tensor> split(const Tensor& x, std::size_t axis, const std::vector<std::int64_t>& sizes);
  // Parts of no size are left out.
  Tensor concat(const std::vector<Tensor>& parts, std::size_t axis);
  // Dimensions of 1 repeat.
  Tensor expand(const Tensor& x, const Shape& shape);
  Tensor matmul(const Tensor& a, const Tensor& b);
  Tensor binary(const char* type, const Tensor& a, const Tensor& b);  // broadcasts as ONNX does
  Tensor add(const Tensor& a, const Tensor& b) { return binary("Add", a, b); }
  Tensor scaled(const Tensor& x, double factor);  // the tensor itself where the factor is 1
  // An operator of one tensor that keeps its shape.
  Tensor unary(const char* type, const Tensor& x, const Lowering::Attributes& attributes = {});
  // The same for what only the converter knows. Operands that are empty are absent.
  Tensor stated(const char* type, const std::vector<Tensor>& inputs, const Shape& shape,
                const Lowering::Attributes& attributes = {});
  Tensor weight(std::size_t input, const Shape& shape, std::optional<Precision> precision = std::nullopt);
  Tensor table(const Shape& shape);
  // The precision in which packed numbers of so many bits are held: the next one that is as wide. Fails outside 2 to 8.
  Precision packed_precision(std::int64_t bits) const;

  void set_result(std::size_t output, const Tensor& x) { lowering_.set_result(output, x.name); }
  Lowering& lowering() { return lowering_; }

 private:
  Lowering& lowering_;
};

}  // namespace lanewise::network::importing
