// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/answers.hpp"

#include <map>

#include "core/base/error.hpp"
#include "core/mapping/partition.hpp"
#include "core/mapping/refusal.hpp"
#include "core/network/import.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/estimate.hpp"

namespace lanewise::fuzz {
namespace {

constexpr double kFewMacs = 2e8;
constexpr double kFewElements = 2e7;
constexpr std::size_t kFewOperators = 60;

bool is_small(const network::Graph& graph) {
  if (graph.operators().size() > kFewOperators) return false;
  double elements = 0;
  for (const network::Tensor& tensor : graph.tensors()) {
    elements += static_cast<double>(tensor.elements());
  }
  return elements <= kFewElements && static_cast<double>(network::macs(graph)) <= kFewMacs;
}

void check(const study::NetworkAnswer& answer) {
  const study::Totals& t = answer.total;
  require_sane("total.latency_cycles", static_cast<double>(t.latency_cycles));
  require_sane("total.latency_ms", t.latency_ms);
  require_sane("total.inferences_per_second", t.inferences_per_second);
  require_sane("total.macs", static_cast<double>(t.macs));
  require_sane("total.parameters", static_cast<double>(t.parameters));
  require_sane("total.parameter_bytes", static_cast<double>(t.parameter_bytes));
  require_sane("total.utilization", t.utilization, 64);  // of int8 MACs; narrower ones are faster
  require_sane("total.energy_uj", t.energy_uj);
  require_sane("total.average_power_mw", t.average_power_mw);
  require_sane("total.area_mm2", t.area_mm2);
  require_sane("total.dram_bytes", static_cast<double>(t.dram_bytes));
  require_sane("total.peak_sram_bytes", static_cast<double>(t.peak_sram_bytes));
  require_sane("total.peak_activation_bytes", static_cast<double>(t.peak_activation_bytes));
  for (const study::SubgraphAnswer& s : answer.subgraphs) {
    require_sane("latency_cycles of a subgraph", static_cast<double>(s.latency_cycles));
    require_sane("macs of a subgraph", static_cast<double>(s.macs));
    require_sane("energy_uj of a subgraph", s.energy_uj);
    require_sane("dram_bytes of a subgraph", static_cast<double>(s.dram_bytes));
    if (!s.reliability || !s.reliability->interval) continue;
    require_sane("low_cycles", static_cast<double>(s.reliability->interval->low_cycles));
    require_sane("high_cycles", static_cast<double>(s.reliability->interval->high_cycles));
  }
}

}  // namespace

const engine::EngineConfig& shipped_engine(const std::string& name) {
  static std::map<std::string, engine::EngineConfig> loaded;
  const auto found = loaded.find(name);
  if (found != loaded.end()) return found->second;
  return loaded.emplace(name, engine::load_engine(source_folder() + "/hwconfigs/" + name + ".yaml").config)
      .first->second;
}

const network::Graph& small_network() {
  static const network::Graph graph =
      network::import_network(source_folder() + "/tests/fuzz/corpus/onnx/good_small.onnx");
  return graph;
}

std::string simulate_within_bounds(const network::Graph& graph, const engine::EngineConfig& engine) {
  try {
    if (!is_small(graph)) {
      for (const mapping::Subgraph& subgraph : mapping::partition_with_memory(graph, engine).subgraphs) {
        const std::string refusal = mapping::refusal_of(subgraph, engine);
        if (!refusal.empty()) return refusal;
      }
      return "";
    }
    check(study::simulate_network(graph, engine));
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

std::string estimate_within_bounds(const network::Graph& graph, const engine::EngineConfig& engine,
                                   const estimator::Estimator& estimator) {
  try {
    check(study::estimate_network(graph, engine, estimator));
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace lanewise::fuzz
