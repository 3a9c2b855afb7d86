// SPDX-License-Identifier: Apache-2.0
// Small TensorFlow Lite files for tests.
#pragma once

#include <flatbuffers/lanewise/schema_generated.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/network/import.hpp"

namespace lanewise::network::testing {

namespace schema = tflite::schema;
using Sizes = std::vector<int>;

class TfliteFile {
 public:
  TfliteFile() { buffers_.push_back(schema::CreateBuffer(builder_)); }

  flatbuffers::FlatBufferBuilder& builder() { return builder_; }

  // A tensor that an operator writes, or an input; its number. `open`: its first dimension is left open.
  int tensor(const std::string& name, const Sizes& shape, schema::TensorType type = schema::TensorType::FLOAT32,
             bool open = false) {
    Sizes signature = shape;
    if (open) signature[0] = -1;
    return add(name, shape, type, 0, open ? &signature : nullptr, {}, 0, false);
  }
  // The same in whole numbers that stand for real ones.
  int quantised(const std::string& name, const Sizes& shape, schema::TensorType type) {
    return add(name, shape, type, 0, nullptr, {0.5F}, 0, false);
  }
  int variable(const std::string& name, const Sizes& shape) {
    return add(name, shape, schema::TensorType::FLOAT32, 0, nullptr, {}, 0, true);
  }
  template <class Number>
  int constant(const std::string& name, const Sizes& shape, schema::TensorType type, const std::vector<Number>& numbers,
               const std::vector<float>& scales = {}, int axis = 0) {
    std::vector<std::uint8_t> bytes(numbers.size() * sizeof(Number));
    std::memcpy(bytes.data(), numbers.data(), bytes.size());
    buffers_.push_back(schema::CreateBufferDirect(builder_, &bytes));
    return add(name, shape, type, static_cast<std::uint32_t>(buffers_.size() - 1), nullptr, scales, axis, false);
  }
  int weight(const std::string& name, const Sizes& shape) {
    std::vector<float> numbers;
    int count = 1;
    for (const int size : shape) count *= size;
    for (int i = 0; i < count; ++i) numbers.push_back(static_cast<float>(i));
    return constant(name, shape, schema::TensorType::FLOAT32, numbers);
  }
  int integers(const std::string& name, const std::vector<std::int32_t>& numbers) {
    return constant(name, {static_cast<int>(numbers.size())}, schema::TensorType::INT32, numbers);
  }

  // A matrix of which only the numbers that are listed are stored: `segments` and `columns` row by row.
  int sparse_matrix(const std::string& name, const Sizes& shape, const std::vector<float>& numbers,
                    const std::vector<std::uint8_t>& segments, const std::vector<std::uint8_t>& columns) {
    std::vector<std::uint8_t> bytes(numbers.size() * sizeof(float));
    std::memcpy(bytes.data(), numbers.data(), bytes.size());
    buffers_.push_back(schema::CreateBufferDirect(builder_, &bytes));
    const auto rows = schema::CreateDimensionIndices(builder_, 0, shape[0]);
    const auto kind = schema::IndexVector::Indices8;
    const auto first = schema::CreateIndices8Direct(builder_, &segments).Union();
    const auto second = schema::CreateIndices8Direct(builder_, &columns).Union();
    const std::vector<flatbuffers::Offset<schema::DimensionIndices>> dimensions = {
        rows, schema::CreateDimensionIndices(builder_, 1, 0, kind, first, kind, second)};
    const std::vector<int> order = {0, 1};
    const auto sparsity = schema::CreateSparsityDirect(builder_, &order, nullptr, &dimensions);
    tensors_.push_back(schema::CreateTensorDirect(builder_, &shape, schema::TensorType::FLOAT32,
                                                  static_cast<std::uint32_t>(buffers_.size() - 1), name.c_str(), 0,
                                                  false, sparsity));
    return static_cast<int>(tensors_.size()) - 1;
  }

  void op(int code, const std::vector<int>& inputs, const std::vector<int>& outputs,
          schema::Options type = schema::Options::NONE, flatbuffers::Offset<void> options = 0,
          const std::string& custom = "", const std::vector<std::uint8_t>& bytes = {}) {
    constexpr int kOldest = 127;
    codes_.push_back(schema::CreateOperatorCodeDirect(builder_, static_cast<std::int8_t>(std::min(code, kOldest)),
                                                      custom.empty() ? nullptr : custom.c_str(), code));
    operators_.push_back(schema::CreateOperatorDirect(builder_, static_cast<std::uint32_t>(codes_.size() - 1), &inputs,
                                                      &outputs, type, options, bytes.empty() ? nullptr : &bytes));
  }
  template <class Options>
  void op(int code, const std::vector<int>& inputs, const std::vector<int>& outputs,
          flatbuffers::Offset<Options> options) {
    op(code, inputs, outputs, schema::OptionsTraits<Options>::enum_value, options.Union());
  }

  // What was added since the last call is a subgraph.
  void end_subgraph(const std::vector<int>& inputs, const std::vector<int>& outputs, const std::string& name = "main") {
    subgraphs_.push_back(
        schema::CreateSubGraphDirect(builder_, &tensors_, &inputs, &outputs, &operators_, name.c_str()));
    tensors_.clear();
    operators_.clear();
  }
  std::string bytes() {
    schema::FinishModelBuffer(builder_, schema::CreateModelDirect(builder_, 3, &codes_, &subgraphs_, &buffers_));
    return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
  }
  std::string write(const std::string& name = "network") {
    const std::string path = ::testing::TempDir() + "lanewise_" + name + ".tflite";
    std::ofstream(path, std::ios::binary) << bytes();
    return path;
  }
  std::string write(const std::vector<int>& inputs, const std::vector<int>& outputs) {
    end_subgraph(inputs, outputs);
    return write();
  }

 private:
  flatbuffers::FlatBufferBuilder builder_;
  std::vector<flatbuffers::Offset<schema::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<schema::OperatorCode>> codes_;
  std::vector<flatbuffers::Offset<schema::Tensor>> tensors_;
  std::vector<flatbuffers::Offset<schema::Operator>> operators_;
  std::vector<flatbuffers::Offset<schema::SubGraph>> subgraphs_;

  int add(const std::string& name, const Sizes& shape, schema::TensorType type, std::uint32_t buffer,
          const Sizes* signature, const std::vector<float>& scales, int axis, bool variable) {
    const std::vector<std::int64_t> zeros(scales.size(), 0);
    flatbuffers::Offset<schema::Quantization> quantization = 0;
    if (!scales.empty()) quantization = schema::CreateQuantizationDirect(builder_, &scales, &zeros, axis);
    tensors_.push_back(
        schema::CreateTensorDirect(builder_, &shape, type, buffer, name.c_str(), quantization, variable, 0, signature));
    return static_cast<int>(tensors_.size()) - 1;
  }
};

// The message of the error that importing the file ends with, behind the file's name; "" where it is read.
inline std::string refusal(const std::string& path, const ImportOptions& options = {}) {
  try {
    import_network(path, options);
  } catch (const Error& error) {
    const std::string message = error.what();
    return message.rfind(path + ": ", 0) == 0 ? message.substr(path.size() + 2) : message;
  }
  return "";
}

}  // namespace lanewise::network::testing
