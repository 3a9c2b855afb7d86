// SPDX-License-Identifier: Apache-2.0
// Networks: imported, and where that goes well simulated and estimated on an engine within bounds.
#include <filesystem>
#include <optional>

#include "core/base/error.hpp"
#include "core/network/file_details.hpp"
#include "core/network/import.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {
namespace {

// Trained here on a handful of rows: it need not be right, only possible.
const estimator::Estimator& some_estimator(const std::string& folder) {
  static const estimator::Estimator loaded = estimator::Estimator::load(folder + "/../grown/estimator/grown.lwm");
  return loaded;
}

void check_graph(const network::Graph& graph) {
  require_sane("macs", static_cast<double>(network::macs(graph)));
  require_sane("parameters", static_cast<double>(network::parameters(graph)));
  for (const network::Tensor& tensor : graph.tensors()) {
    require_sane("elements of a tensor", static_cast<double>(tensor.elements()));
  }
}

}  // namespace

void read_onnx(const std::string& path, const std::string& folder) {
  const network::Graph graph = network::import_network(path);
  check_graph(graph);
  const network::FileDetails details = network::read_file_details(graph, path);
  for (const auto& [name, numbers] : details.numbers) {
    require_sane("numbers of a weight", static_cast<double>(numbers.size()));
  }
  const engine::EngineConfig& engine = shipped_engine("ne-256");
  const std::string refusal = simulate_within_bounds(graph, engine);
  const std::string also = estimate_within_bounds(graph, engine, some_estimator(folder));
  if (!also.empty() && refusal.empty()) throw Nonsense("estimate refuses what simulate runs: " + also);
  if (also.empty() && !refusal.empty()) throw Nonsense("estimate answers what simulate refuses: " + refusal);
  if (!refusal.empty()) throw Error(refusal);
}

}  // namespace lanewise::fuzz
