// SPDX-License-Identifier: Apache-2.0
// How operators are timed that are not known (--custom), given to a network that has such operators.
#include "cli/custom_file.hpp"
#include "core/network/import.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {

void read_custom(const std::string& path, const std::string&) {
  network::ImportOptions options;
  options.custom = cli::read_custom_operators(path);
  const network::Graph graph =
      network::import_network(source_folder() + "/tests/core/network/cases/custom_operators.onnx", options);
  require_sane("macs", static_cast<double>(network::macs(graph)));
  simulate_within_bounds(graph, shipped_engine("ne-256"));
}

}  // namespace lanewise::fuzz
