// SPDX-License-Identifier: Apache-2.0
// The numbers of a file's weights, as the graph shapes them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/network/onnx/export_source.hpp"

namespace lanewise::network::importing {

class WeightNumbers {
 public:
  explicit WeightNumbers(exporting::Source& source) : source_(source) {}

  struct Read {
    std::vector<float> numbers;        // row-major, in the order of the graph's shape
    std::vector<std::int64_t> places;  // in what is stored, for each element; empty where numbers were computed
    std::vector<std::string> stored;   // what they were made from
  };
  // Nothing where the file has no numbers for the weight, or makes them by other operators than those that move and
  // dequantise. `is_matrix`: it is read by fully connected layers alone.
  std::optional<Read> read(const Tensor& weight, bool is_matrix);

 private:
  struct Array {
    Shape shape;
    std::vector<float> numbers;
    std::vector<std::int64_t> places;
  };
  exporting::Source& source_;
  std::map<std::string, Array> arrays_;  // by the file's names

  std::optional<Array> compute(const onnx::NodeProto& node) const;
  std::optional<Array> dequantised(const Array& x, const std::string& scale, const std::string& zero,
                                   std::int64_t axis) const;
};

}  // namespace lanewise::network::importing
