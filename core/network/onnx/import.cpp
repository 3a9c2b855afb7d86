// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/import.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "core/base/error.hpp"
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

namespace {

Graph convert(const onnx::ModelProto& model, const std::string& path, const ImportOptions& options) {
  const auto is_supported = [](const std::string& type) { return is_converted(type) || is_host_operator(type); };
  Network network = resolve_shapes(model, path, options, is_supported);
  canonicalise(network);
  return Converter(network, std::filesystem::path(path).stem().string(), options).run();
}

// A shape of the old batch that was left somewhere would make numbers that nobody could trust.
void check_batch(const Graph& before, const Graph& after, std::int64_t own, const std::string& path,
                 std::int64_t wanted) {
  const double expected = static_cast<double>(macs(before)) / static_cast<double>(own) * static_cast<double>(wanted);
  if (static_cast<double>(macs(after)) == expected && parameters(after) == parameters(before)) return;
  throw Error(fmt::format("{}: a batch of {} cannot be set: the file fixes {}, and shapes in it do not change with it",
                          path, wanted, own));
}

}  // namespace

Graph import_onnx(const std::string& path, const ImportOptions& options) {
  const onnx::ModelProto model = read_file(path);
  Graph graph = convert(model, path, options);
  if (const std::optional<std::int64_t> own = replaced_batch(model, path, options)) {
    ImportOptions as_it_is = options;
    as_it_is.batch.reset();
    check_batch(convert(model, path, as_it_is), graph, *own, path, *options.batch);
  }
  return graph;
}

}  // namespace lanewise::network::importing
