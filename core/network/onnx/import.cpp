// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/import.hpp"

#include <filesystem>

#include "core/network/onnx/convert.hpp"
#include "core/network/onnx/file.hpp"
#include "core/network/onnx/inference.hpp"
#include "core/network/onnx/patterns.hpp"
#include "core/network/onnx/shapes.hpp"

namespace lanewise::network::importing {

bool is_onnx(const std::string& first_bytes) {
  constexpr char kIrVersion = 0x08;  // protobuf: field 1, an integer of variable length
  return !first_bytes.empty() && first_bytes[0] == kIrVersion;
}

Graph import_onnx(const std::string& path, const ImportOptions& options) {
  const onnx::ModelProto model = read_file(path);
  const auto is_supported = [](const std::string& type) { return is_converted(type) || is_host_operator(type); };
  Network network = resolve_shapes(model, path, options.batch, is_supported);
  canonicalise(network);
  return Converter(network, std::filesystem::path(path).stem().string(), options).run();
}

}  // namespace lanewise::network::importing
