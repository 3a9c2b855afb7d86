// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/constant.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>

#include "core/base/error.hpp"

namespace lanewise::network::importing {

namespace {

constexpr std::int64_t kMostElements = std::int64_t{1} << 40;

double half_to_real(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f;
  const double fraction = bits & 0x3ff;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  if (exponent == 31) return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : std::nan("");
  return sign * std::ldexp(1024.0 + fraction, exponent - 25);
}

double bfloat_to_real(std::uint16_t bits) {
  const std::uint32_t wide = static_cast<std::uint32_t>(bits) << 16;
  float value = 0;
  std::memcpy(&value, &wide, sizeof value);
  return static_cast<double>(value);
}

class Decoder {
 public:
  Decoder(const onnx::TensorProto& tensor, std::size_t count) : tensor_(tensor), count_(count) {}

  // Fills `result`; false when the tensor holds no values at all.
  bool decode(Constant& result) const {
    using Type = onnx::TensorProto;
    switch (static_cast<int>(tensor_.data_type())) {
      case Type::FLOAT:
        return real<float>(tensor_.float_data(), result);
      case Type::DOUBLE:
        return real<double>(tensor_.double_data(), result);
      case Type::FLOAT16:
        return halves(half_to_real, result);
      case Type::BFLOAT16:
        return halves(bfloat_to_real, result);
      case Type::INT64:
        return whole<std::int64_t>(tensor_.int64_data(), result);
      case Type::INT32:
        return whole<std::int32_t>(tensor_.int32_data(), result);
      case Type::INT16:
        return whole<std::int16_t>(tensor_.int32_data(), result);
      case Type::INT8:
        return whole<std::int8_t>(tensor_.int32_data(), result);
      case Type::UINT8:
      case Type::BOOL:
        return whole<std::uint8_t>(tensor_.int32_data(), result);
      case Type::UINT16:
        return whole<std::uint16_t>(tensor_.int32_data(), result);
      case Type::UINT32:
        return whole<std::uint32_t>(tensor_.uint64_data(), result);
      case Type::UINT64:
        return whole<std::uint64_t>(tensor_.uint64_data(), result);
      case kUint4:
        return packed(4, false, result);
      case kInt4:
        return packed(4, true, result);
      case kUint2:
        return packed(2, false, result);
      case kInt2:
        return packed(2, true, result);
      default:
        return false;
    }
  }

 private:
  const onnx::TensorProto& tensor_;
  std::size_t count_;

  template <class Stored, class Field, class Take>
  bool each(const Field& field, Take take) const {
    const std::string& raw = tensor_.raw_data();
    if (!raw.empty()) {
      check(raw.size() == count_ * sizeof(Stored), raw.size(), "bytes");
      for (std::size_t i = 0; i < count_; ++i) {
        Stored value;
        std::memcpy(&value, raw.data() + i * sizeof(Stored), sizeof value);
        take(value);
      }
      return true;
    }
    if (field.empty()) return count_ == 0;
    check(static_cast<std::size_t>(field.size()) == count_, static_cast<std::size_t>(field.size()), "values");
    for (const auto value : field) take(static_cast<Stored>(value));
    return true;
  }

  void check(bool fits, std::size_t present, const char* what) const {
    if (!fits) {
      throw Error(fmt::format("tensor '{}' holds {} {}, which does not fit its {} elements", tensor_.name(), present,
                              what, count_));
    }
  }

  template <class Stored, class Field>
  bool real(const Field& field, Constant& result) const {
    result.is_real = true;
    return each<Stored>(field, [&](Stored value) { result.real.push_back(static_cast<double>(value)); });
  }

  template <class Stored, class Field>
  bool whole(const Field& field, Constant& result) const {
    return each<Stored>(field, [&](Stored value) { result.whole.push_back(static_cast<std::int64_t>(value)); });
  }

  // Several numbers in a byte, the first in its lowest bits; the last byte may be part empty.
  bool packed(unsigned bits, bool is_signed, Constant& result) const {
    const std::size_t in_byte = 8 / bits;
    const std::size_t bytes = (count_ + in_byte - 1) / in_byte;
    const std::string& raw = tensor_.raw_data();
    const auto stored = static_cast<std::size_t>(tensor_.int32_data_size());
    if (raw.empty() && stored == 0) return count_ == 0;
    check(raw.empty() ? stored == bytes : raw.size() == bytes, raw.empty() ? stored : raw.size(), "bytes");
    for (std::size_t i = 0; i < count_; ++i) {
      const std::size_t at = i / in_byte;
      const auto byte = static_cast<unsigned>(raw.empty() ? tensor_.int32_data(static_cast<int>(at))
                                                          : static_cast<unsigned char>(raw[at]));
      const unsigned field = (byte >> (i % in_byte * bits)) & ((1U << bits) - 1);
      const bool negative = is_signed && (field >> (bits - 1)) != 0;
      result.whole.push_back(static_cast<std::int64_t>(field) - (negative ? std::int64_t{1} << bits : 0));
    }
    return true;
  }

  bool halves(double (*convert)(std::uint16_t), Constant& result) const {
    result.is_real = true;
    return each<std::uint16_t>(tensor_.int32_data(),
                               [&](std::uint16_t value) { result.real.push_back(convert(value)); });
  }
};

}  // namespace

std::int64_t Constant::as_whole(std::size_t i) const {
  if (!is_real) return whole[i];
  constexpr double kLimit = 9.2e18;
  const double value = real[i];
  if (std::isnan(value)) return 0;
  return static_cast<std::int64_t>(value > kLimit ? kLimit : value < -kLimit ? -kLimit : value);
}

std::vector<std::int64_t> Constant::all_whole() const {
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < size(); ++i) values.push_back(as_whole(i));
  return values;
}

Constant Constant::of_whole(std::vector<std::int64_t> values) {
  Constant result;
  result.shape = {static_cast<std::int64_t>(values.size())};
  result.whole = std::move(values);
  return result;
}

Constant Constant::scalar(std::int64_t value) {
  Constant result;
  result.whole = {value};
  return result;
}

std::optional<std::int64_t> element_count(const Shape& shape) {
  std::int64_t count = 1;
  bool empty = false;
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) return std::nullopt;
    if (dimension == 0) {
      empty = true;
    } else if (count > kMostElements / dimension) {
      return std::nullopt;
    } else {
      count *= dimension;
    }
  }
  return empty ? 0 : count;
}

std::optional<Constant> decode(const onnx::TensorProto& tensor) {
  Constant result;
  result.shape.assign(tensor.dims().begin(), tensor.dims().end());
  const std::optional<std::int64_t> count = element_count(result.shape);
  if (!count || *count > kLargestConstant || tensor.data_location() == onnx::TensorProto::EXTERNAL) return std::nullopt;
  if (!Decoder(tensor, static_cast<std::size_t>(*count)).decode(result)) return std::nullopt;
  return result;
}

std::optional<std::vector<float>> decode_numbers(const onnx::TensorProto& tensor) {
  const std::optional<std::int64_t> count = element_count(Shape(tensor.dims().begin(), tensor.dims().end()));
  if (!count || tensor.data_location() == onnx::TensorProto::EXTERNAL) return std::nullopt;
  Constant read;
  if (!Decoder(tensor, static_cast<std::size_t>(*count)).decode(read)) return std::nullopt;
  std::vector<float> numbers(read.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(read.as_real(i));
  return numbers;
}

Shape without_ones(const Shape& shape) {
  Shape result;
  std::copy_if(shape.begin(), shape.end(), std::back_inserter(result), [](std::int64_t size) { return size != 1; });
  return result;
}

}  // namespace lanewise::network::importing
