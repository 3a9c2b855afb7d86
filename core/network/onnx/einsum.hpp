// SPDX-License-Identifier: Apache-2.0
// The equation of an Einsum over tensors whose shapes are known.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/network/onnx/constant.hpp"

namespace lanewise::network::importing {

// The axes of each operand and of the output, by name: a letter of the equation; the axes that dots stand for are
// "0", "1" … counted from the right.
struct Einsum {
  std::vector<std::vector<std::string>> operands;
  std::vector<std::string> output;
  std::map<std::string, std::int64_t> sizes;

  Shape output_shape() const;
};

// Throws std::invalid_argument, saying why, where equation and shapes do not fit each other.
Einsum read_einsum(const std::string& equation, const std::vector<Shape>& shapes);

}  // namespace lanewise::network::importing
