// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/file.hpp"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include <filesystem>
#include <fstream>

#include "core/base/error.hpp"

namespace lanewise::network::importing {

namespace {

constexpr int kOldestOpset = 9;
constexpr int kNewestOpset = 23;

bool is_default_domain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

}  // namespace

int checked_opset(std::int64_t version) {
  constexpr int kBeyondAll = 1000;
  return version < 0 || version > kBeyondAll ? kBeyondAll : static_cast<int>(version);
}

int opset(const onnx::ModelProto& model) {
  int version = 0;
  for (const onnx::OperatorSetIdProto& import : model.opset_import()) {
    if (!is_default_domain(import.domain())) continue;
    version = checked_opset(import.version());
  }
  return version;
}

bool has_stripped_weights(const onnx::ModelProto& model) {
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    if (entry.key() == "weights" && entry.value() == "stripped:inputs") return true;
  }
  return false;
}

onnx::ModelProto read_file(const std::string& path) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) throw Error(path + ": is a folder, not an ONNX file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(path + ": cannot be opened for reading");
  if (file.peek() == std::ifstream::traits_type::eof()) throw Error(path + ": is empty");

  onnx::ModelProto model;
  // protobuf reports malformed input on stderr, where our own line is to stand alone.
  const google::protobuf::LogSilencer silence;
  if (!model.ParseFromIstream(&file) || !model.has_graph()) {
    throw Error(path + ": is not a complete ONNX model (truncated, or another format)");
  }
  const int version = opset(model);
  if (version == 0) throw Error(path + ": imports no version of the ONNX operator set; 9 to 17 are supported");
  if (version < kOldestOpset || version > kNewestOpset) {
    throw Error(
        fmt::format("{}: operator set {} is not supported; {} to {} are", path, version, kOldestOpset, kNewestOpset));
  }
  if (model.graph().node_size() == 0) throw Error(path + ": has no operators");
  if (model.graph().output_size() == 0) throw Error(path + ": has no outputs");
  return model;
}

}  // namespace lanewise::network::importing
