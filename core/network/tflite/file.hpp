// SPDX-License-Identifier: Apache-2.0
// A TensorFlow Lite file: read, checked, and taken apart into subgraphs, tensors and the bytes of their numbers.
#pragma once

#include <flatbuffers/lanewise/schema_generated.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/network/onnx/constant.hpp"

namespace lanewise::network::tflite {

using importing::Shape;

// Bytes of a file that stay where they are.
struct ByteRange {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
};

class File {
 public:
  // Throws Error naming the file: it cannot be read, is empty, truncated, of another format or version, or refers to
  // tables that it does not have.
  explicit File(const std::string& path);

  const std::string& path() const { return path_; }
  std::size_t subgraph_count() const { return model().subgraphs()->size(); }
  // Fails where there is none of that number. `asker` is who wants it: "operator 3 (WHILE)".
  const schema::SubGraph& subgraph(std::int64_t number, const std::string& asker) const;
  const schema::OperatorCode& code(const schema::Operator& op) const;
  // The numbers that the file holds for a tensor; empty where they come from elsewhere.
  ByteRange numbers(const schema::Tensor& tensor) const;
  [[noreturn]] void fail(const std::string& message) const;

 private:
  std::string path_;
  std::vector<std::uint8_t> bytes_;

  const schema::Model& model() const { return *schema::GetModel(bytes_.data()); }
  void check_subgraph(std::size_t number) const;
  void check_indices(const flatbuffers::Vector<std::int32_t>* indices, std::size_t tensors,
                     const std::string& of) const;
};

// The built-in operator's code: what newer files say, or else what older ones do.
int code_of(const schema::OperatorCode& code);
// The tensor's shape. Fails where a dimension is negative or the elements are too many.
Shape shape_of(const File& file, const schema::Tensor& tensor);
// Whether numbers of this type stand for real ones by a scale.
bool is_quantised(const schema::Tensor& tensor);
// The bits of one element; 0 for types that hold no numbers.
int bits_of(schema::TensorType type);

}  // namespace lanewise::network::tflite
