// SPDX-License-Identifier: Apache-2.0
// The numbers of constants: from the order of the file to that of its reader.
#include <fmt/format.h>

#include <cstring>

#include "core/base/error.hpp"
#include "core/network/tflite/sparse.hpp"
#include "core/network/tflite/translator.hpp"

namespace lanewise::network::tflite {

namespace {

// The position in the file of each element, in the order in which they are read.
std::vector<std::size_t> positions(const Shape& shape, const Axes& order) {
  std::vector<std::size_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i > 1; --i) {
    strides[i - 2] = strides[i - 1] * static_cast<std::size_t>(shape[i - 1]);
  }
  const auto count = static_cast<std::size_t>(importing::element_count(shape).value_or(0));
  std::vector<std::size_t> result;
  result.reserve(count);
  Shape index(shape.size(), 0);
  std::size_t at = 0;
  for (std::size_t done = 0; done < count; ++done) {
    result.push_back(at);
    for (std::size_t i = order.size(); i-- > 0;) {
      const auto axis = static_cast<std::size_t>(order[i]);
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * static_cast<std::size_t>(shape[axis]);
      index[axis] = 0;
    }
  }
  return result;
}

std::int64_t whole_at(const ByteRange& bytes, schema::TensorType type, std::size_t at) {
  const auto read = [&](auto zero) {
    std::memcpy(&zero, bytes.data + at * sizeof zero, sizeof zero);
    return static_cast<std::int64_t>(zero);
  };
  switch (type) {
    case schema::TensorType::INT4: {  // two in a byte, the lower half first
      const int half = (bytes.data[at / 2] >> (at % 2 * 4)) & 15;
      return half > 7 ? half - 16 : half;
    }
    case schema::TensorType::BOOL:
    case schema::TensorType::UINT8:
      return read(std::uint8_t{0});
    case schema::TensorType::INT8:
      return read(std::int8_t{0});
    case schema::TensorType::INT16:
      return read(std::int16_t{0});
    case schema::TensorType::UINT16:
      return read(std::uint16_t{0});
    case schema::TensorType::INT32:
      return read(std::int32_t{0});
    case schema::TensorType::UINT32:
      return read(std::uint32_t{0});
    default:
      return read(std::int64_t{0});
  }
}

bool is_real_type(schema::TensorType type) {
  return type == schema::TensorType::FLOAT32 || type == schema::TensorType::FLOAT16 ||
         type == schema::TensorType::FLOAT64 || type == schema::TensorType::BFLOAT16;
}

int stored_type(schema::TensorType type, bool quantised) {
  using onnx::TensorProto;
  switch (type) {
    case schema::TensorType::FLOAT16:
      return TensorProto::FLOAT16;
    case schema::TensorType::BFLOAT16:
      return TensorProto::BFLOAT16;
    case schema::TensorType::FLOAT64:
      return TensorProto::DOUBLE;
    case schema::TensorType::INT8:
      return quantised ? TensorProto::INT8 : TensorProto::INT64;
    case schema::TensorType::UINT8:
      return quantised ? TensorProto::UINT8 : TensorProto::INT64;
    case schema::TensorType::INT32:
      return quantised ? TensorProto::INT32 : TensorProto::INT64;
    case schema::TensorType::FLOAT32:
      return TensorProto::FLOAT;
    case schema::TensorType::BOOL:
      return TensorProto::BOOL;
    default:
      return quantised ? TensorProto::FLOAT : TensorProto::INT64;
  }
}

// What the file's whole number stands for, by the scale of its place along the quantised axis.
class Scale {
 public:
  Scale(const File& file, const schema::Tensor& tensor, const Shape& shape) : scale_(*tensor.quantization()->scale()) {
    zero_ = tensor.quantization()->zero_point();
    const std::int64_t axis = scale_.size() > 1 ? tensor.quantization()->axis() : 0;
    const bool fits = axis >= 0 && axis < static_cast<std::int64_t>(shape.size());
    if (scale_.size() > 1 &&
        (!fits || shape[static_cast<std::size_t>(axis)] != static_cast<std::int64_t>(scale_.size()))) {
      file.fail(fmt::format("tensor '{}' has {} scales along axis {} of [{}]",
                            tensor.name() == nullptr ? "" : tensor.name()->str(), scale_.size(), axis,
                            fmt::join(shape, ", ")));
    }
    for (std::size_t i = static_cast<std::size_t>(axis) + 1; i < shape.size(); ++i) {
      inner_ *= static_cast<std::size_t>(shape[i]);
    }
  }
  float operator()(std::int64_t number, std::size_t place) const {
    const auto at = static_cast<flatbuffers::uoffset_t>(place / inner_ % scale_.size());
    const std::int64_t zero = zero_ == nullptr || at >= zero_->size() ? 0 : zero_->Get(at);
    return scale_.Get(at) * static_cast<float>(number - zero);
  }

 private:
  const flatbuffers::Vector<float>& scale_;
  const flatbuffers::Vector<std::int64_t>* zero_ = nullptr;
  std::size_t inner_ = 1;
};

}  // namespace

std::optional<onnx::TensorProto> stored(const File& file, const schema::Tensor& tensor, const Axes& order) {
  const Shape shape = shape_of(file, tensor);
  const int bits = bits_of(tensor.type());
  if (bits == 0) return std::nullopt;
  const auto count = static_cast<std::size_t>(importing::element_count(shape).value_or(0));
  std::vector<std::uint8_t> dense;
  ByteRange bytes = file.numbers(tensor);
  if (tensor.sparsity() != nullptr) {
    if (!spread_sparse(tensor, shape, bytes, dense)) return std::nullopt;
    bytes = {dense.data(), dense.size()};
  }
  const std::size_t needed = (count * static_cast<std::size_t>(bits) + 7) / 8;
  if (bytes.size < needed) {
    file.fail(fmt::format("tensor '{}' has {} bytes of numbers, where its shape [{}] needs {}",
                          tensor.name() == nullptr ? "" : tensor.name()->str(), bytes.size, fmt::join(shape, ", "),
                          needed));
  }
  const bool quantised = is_quantised(tensor);
  onnx::TensorProto result;
  for (const std::int64_t axis : order) result.add_dims(shape[static_cast<std::size_t>(axis)]);
  const int type = stored_type(tensor.type(), quantised);
  result.set_data_type(type);
  const std::vector<std::size_t> places = positions(shape, order);
  std::string& raw = *result.mutable_raw_data();
  const auto append = [&raw](auto number) { raw.append(reinterpret_cast<const char*>(&number), sizeof number); };
  const bool as_is =
      is_real_type(tensor.type()) || (quantised && type != onnx::TensorProto::FLOAT) || type == onnx::TensorProto::BOOL;
  if (as_is) {
    const std::size_t width = static_cast<std::size_t>(bits) / 8;
    raw.reserve(needed);
    for (const std::size_t at : places) raw.append(reinterpret_cast<const char*>(bytes.data + at * width), width);
  } else if (quantised) {
    const Scale scale(file, tensor, shape);
    for (const std::size_t at : places) append(scale(whole_at(bytes, tensor.type(), at), at));
  } else {
    for (const std::size_t at : places) append(whole_at(bytes, tensor.type(), at));
  }
  return result;
}

std::optional<std::vector<std::int64_t>> whole_numbers(const File& file, const schema::Tensor& tensor) {
  const int bits = bits_of(tensor.type());
  if (bits == 0 || is_real_type(tensor.type()) || tensor.sparsity() != nullptr) return std::nullopt;
  const auto count = static_cast<std::size_t>(importing::element_count(shape_of(file, tensor)).value_or(0));
  const ByteRange bytes = file.numbers(tensor);
  if (bytes.size < (count * static_cast<std::size_t>(bits) + 7) / 8) return std::nullopt;
  std::vector<std::int64_t> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = whole_at(bytes, tensor.type(), i);
  return numbers;
}

int element_type(schema::TensorType type) {
  switch (type) {
    case schema::TensorType::BOOL:
      return onnx::TensorProto::BOOL;
    case schema::TensorType::INT32:
    case schema::TensorType::INT64:
    case schema::TensorType::UINT32:
    case schema::TensorType::UINT64:
      return onnx::TensorProto::INT64;
    default:
      return onnx::TensorProto::FLOAT;
  }
}

}  // namespace lanewise::network::tflite
