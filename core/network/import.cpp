// SPDX-License-Identifier: Apache-2.0
#include "core/network/import.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/network/file_details.hpp"
#include "core/network/formats.hpp"

namespace lanewise::network {
namespace {

// By operator: the numbers of its weight, row-major. A layer whose numbers are not known could only be guessed at.
std::vector<std::vector<float>> numbers_of(const Graph& graph, const std::string& path, const ImportOptions& options) {
  FileDetails details = read_file_details(graph, path, options);
  std::vector<std::vector<float>> numbers(graph.operators().size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const Operator& op = graph.operators()[i];
    if (!has_form(op)) continue;
    const auto found = details.numbers.find(graph.tensor(op.weights[0]).name);
    if (found == details.numbers.end()) {
      throw Error(
          fmt::format("{}: weights cannot be counted: the numbers of '{}' in '{}' are not in the file, or are "
                      "computed by other operators",
                      path, graph.tensor(op.weights[0]).name, op.name));
    }
    numbers[i] = found->second;
  }
  return numbers;
}

}  // namespace

Graph import_network(const std::string& path, const ImportOptions& options) {
  constexpr std::int64_t kLargestBatch = 1 << 20;
  if (options.batch && (*options.batch < 1 || *options.batch > kLargestBatch)) {
    throw Error(fmt::format("{}: a batch of {} was asked for; it must be between 1 and {}", path, *options.batch,
                            kLargestBatch));
  }
  Graph graph = format_of(path).import(path, options);
  if (options.compression.empty()) return graph;
  std::vector<std::vector<float>> numbers;
  if (options.compression.counted) numbers = numbers_of(graph, path, options);
  return with_compression(graph, options.compression, numbers);
}

}  // namespace lanewise::network
