// SPDX-License-Identifier: Apache-2.0
#include "core/network/import.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "core/base/error.hpp"
#include "core/network/onnx/convert.hpp"
#include "core/network/onnx/file.hpp"
#include "core/network/onnx/inference.hpp"
#include "core/network/onnx/patterns.hpp"
#include "core/network/onnx/shapes.hpp"

namespace lanewise::network {

Graph import_network(const std::string& path, const ImportOptions& options) {
  constexpr std::int64_t kLargestBatch = 1 << 20;
  if (options.batch < 1 || options.batch > kLargestBatch) {
    throw Error(fmt::format("{}: a batch of {} was asked for; it must be between 1 and {}", path, options.batch,
                            kLargestBatch));
  }
  const onnx::ModelProto model = importing::read_file(path);
  const auto is_supported = [](const std::string& type) {
    return importing::is_converted(type) || importing::is_host_operator(type);
  };
  importing::Network network = importing::resolve_shapes(model, path, options.batch, is_supported);
  importing::canonicalise(network);
  const std::string name = std::filesystem::path(path).stem().string();
  return importing::Converter(network, name, options).run();
}

}  // namespace lanewise::network
