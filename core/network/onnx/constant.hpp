// SPDX-License-Identifier: Apache-2.0
// Small constants of a network file: what shape arithmetic is made of.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lanewise::network::importing {

using Shape = std::vector<std::int64_t>;

// Element types that came to the format after Debian's description of it (TensorProto.DataType).
inline constexpr int kFloat8E4M3Fn = 17, kFloat8E4M3Fnuz = 18, kFloat8E5M2 = 19, kFloat8E5M2Fnuz = 20, kUint4 = 21,
                     kInt4 = 22, kFloat4E2M1 = 23, kFloat8E8M0 = 24, kUint2 = 25, kInt2 = 26;

// The domain of ONNX Runtime's own operators.
inline constexpr const char* kMicrosoft = "com.microsoft";

// Constants above this many elements are weights and nothing else: nothing reads their values.
inline constexpr std::int64_t kLargestConstant = 65536;

inline constexpr std::size_t kMostDimensions = 64;  // of a tensor

// The dimensions other than 1, in order.
Shape without_ones(const Shape& shape);

// A tensor's values, row-major: whole numbers (and booleans as 0 and 1) in `whole`, others in `real`.
struct Constant {
  Shape shape;
  bool is_real = false;
  std::vector<std::int64_t> whole;
  std::vector<double> real;

  std::size_t size() const { return is_real ? real.size() : whole.size(); }
  double as_real(std::size_t i) const { return is_real ? real[i] : static_cast<double>(whole[i]); }
  // A real number is cut towards zero and held within the range of 64 bits.
  std::int64_t as_whole(std::size_t i) const;
  std::vector<std::int64_t> all_whole() const;

  static Constant of_whole(std::vector<std::int64_t> values);  // one dimension
  static Constant scalar(std::int64_t value);
};

// Product of the dimensions; nothing for a negative dimension or more than 2^40 elements.
std::optional<std::int64_t> element_count(const Shape& shape);

// Values of a stored tensor; nothing when they lie outside the file, were stripped, are no numbers or too many.
// Throws Error when the bytes present do not fit the shape.
std::optional<Constant> decode(const onnx::TensorProto& tensor);
// The same in single precision and of any size, row-major; whole numbers too. Numbers outside the file are not loaded.
std::optional<std::vector<float>> decode_numbers(const onnx::TensorProto& tensor);

}  // namespace lanewise::network::importing
