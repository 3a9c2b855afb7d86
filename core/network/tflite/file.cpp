// SPDX-License-Identifier: Apache-2.0
#include "core/network/tflite/file.hpp"

#include <fmt/format.h>

#include <fstream>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"

namespace lanewise::network::tflite {

namespace {

constexpr std::uint32_t kVersion = 3;  // of the format, the only one that files of its public time have

std::vector<std::uint8_t> read_bytes(const std::string& path) {
  require_input(path, kLargestNetwork, "a TensorFlow Lite file");
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw Error(path + ": cannot be opened for reading");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(file.tellg()));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file) throw Error(path + ": cannot be read to its end");
  return bytes;
}

}  // namespace

File::File(const std::string& path) : path_(path), bytes_(read_bytes(path)) {
  if (bytes_.empty()) fail("is empty");
  constexpr std::size_t kHeader = 8;  // the root's place and the identifier
  if (bytes_.size() < kHeader || !schema::ModelBufferHasIdentifier(bytes_.data())) {
    fail("is no TensorFlow Lite file: its bytes 4 to 7 are not TFL3");
  }
  constexpr flatbuffers::uoffset_t kDeepest = 64, kMostTables = 4'000'000;
  flatbuffers::Verifier verifier(bytes_.data(), bytes_.size(), kDeepest, kMostTables);
  if (!schema::VerifyModelBuffer(verifier)) {
    fail("is not a complete TensorFlow Lite model (truncated, or damaged)");
  }
  if (model().version() != kVersion)
    fail(fmt::format("is of version {} of the format; {} is read", model().version(), kVersion));
  if (model().subgraphs() == nullptr || model().subgraphs()->size() == 0) fail("has no subgraphs");
  for (std::size_t i = 0; i < subgraph_count(); ++i) check_subgraph(i);
}

void File::fail(const std::string& message) const { throw Error(path_ + ": " + message); }

void File::check_indices(const flatbuffers::Vector<std::int32_t>* indices, std::size_t tensors,
                         const std::string& of) const {
  if (indices == nullptr) return;
  for (const std::int32_t index : *indices) {
    if (index >= -1 && index < static_cast<std::int64_t>(tensors)) continue;
    fail(fmt::format("{} names tensor {}; its subgraph has {}", of, index, tensors));
  }
}

// Every number of a table that another one is looked up by lies within that table.
void File::check_subgraph(std::size_t number) const {
  const schema::SubGraph& graph = *model().subgraphs()->Get(static_cast<flatbuffers::uoffset_t>(number));
  const std::size_t tensors = graph.tensors() == nullptr ? 0 : graph.tensors()->size();
  const std::string name = fmt::format("subgraph {}", number);
  check_indices(graph.inputs(), tensors, "the input list of " + name);
  check_indices(graph.outputs(), tensors, "the output list of " + name);
  for (std::size_t i = 0; i < tensors; ++i) {
    const schema::Tensor& tensor = *graph.tensors()->Get(static_cast<flatbuffers::uoffset_t>(i));
    const std::size_t buffers = model().buffers() == nullptr ? 0 : model().buffers()->size();
    if (tensor.buffer() != 0 && tensor.buffer() >= buffers) {
      fail(fmt::format("tensor {} of {} names buffer {}; the file has {}", i, name, tensor.buffer(), buffers));
    }
  }
  if (graph.operators() == nullptr) return;
  const std::size_t codes = model().codes() == nullptr ? 0 : model().codes()->size();
  int at = 0;
  for (const schema::Operator* op : *graph.operators()) {
    const std::string of = fmt::format("operator {} of {}", at++, name);
    if (op->code() >= codes) fail(fmt::format("{} names operator code {}; the file has {}", of, op->code(), codes));
    check_indices(op->inputs(), tensors, of);
    check_indices(op->outputs(), tensors, of);
  }
}

const schema::SubGraph& File::subgraph(std::int64_t number, const std::string& asker) const {
  if (number < 0 || number >= static_cast<std::int64_t>(subgraph_count())) {
    fail(fmt::format("{} names subgraph {}; the file has {}", asker, number, subgraph_count()));
  }
  return *model().subgraphs()->Get(static_cast<flatbuffers::uoffset_t>(number));
}

const schema::OperatorCode& File::code(const schema::Operator& op) const { return *model().codes()->Get(op.code()); }

ByteRange File::numbers(const schema::Tensor& tensor) const {
  if (model().buffers() == nullptr || tensor.buffer() >= model().buffers()->size()) return {};
  const schema::Buffer& buffer = *model().buffers()->Get(tensor.buffer());
  if (buffer.data() != nullptr && buffer.data()->size() > 0) return {buffer.data()->data(), buffer.data()->size()};
  // Large files hold the numbers behind the tables.
  if (buffer.offset() <= 1 || buffer.size() == 0) return {};
  if (buffer.offset() > bytes_.size() || buffer.size() > bytes_.size() - buffer.offset()) {
    fail(fmt::format("buffer {} lies at byte {} with {} bytes, behind the file's {}", tensor.buffer(), buffer.offset(),
                     buffer.size(), bytes_.size()));
  }
  return {bytes_.data() + buffer.offset(), static_cast<std::size_t>(buffer.size())};
}

int code_of(const schema::OperatorCode& code) {
  return std::max(static_cast<int>(code.old_code()), static_cast<int>(code.code()));
}

Shape shape_of(const File& file, const schema::Tensor& tensor) {
  Shape shape;
  if (tensor.shape() != nullptr) shape.assign(tensor.shape()->begin(), tensor.shape()->end());
  if (!importing::element_count(shape) || shape.size() > importing::kMostDimensions) {
    file.fail(fmt::format("tensor '{}' has the impossible shape [{}]",
                          tensor.name() == nullptr ? "" : tensor.name()->str(), fmt::join(shape, ", ")));
  }
  return shape;
}

bool is_quantised(const schema::Tensor& tensor) {
  const schema::Quantization* quantization = tensor.quantization();
  return quantization != nullptr && quantization->scale() != nullptr && quantization->scale()->size() > 0;
}

int bits_of(schema::TensorType type) {
  switch (type) {
    case schema::TensorType::INT4:
      return 4;
    case schema::TensorType::UINT8:
    case schema::TensorType::INT8:
    case schema::TensorType::BOOL:
      return 8;
    case schema::TensorType::FLOAT16:
    case schema::TensorType::BFLOAT16:
    case schema::TensorType::INT16:
    case schema::TensorType::UINT16:
      return 16;
    case schema::TensorType::FLOAT32:
    case schema::TensorType::INT32:
    case schema::TensorType::UINT32:
      return 32;
    case schema::TensorType::INT64:
    case schema::TensorType::UINT64:
    case schema::TensorType::FLOAT64:
      return 64;
    default:
      return 0;
  }
}

}  // namespace lanewise::network::tflite
