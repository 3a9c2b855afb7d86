// SPDX-License-Identifier: Apache-2.0
// Every network below models/ on every engine of the family ne, simulated without and with depth-first cascades: DRAM
// bytes, latency, energy, on-chip peak and the most bytes of activations that exist at once. Prints JSON.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/import.hpp"
#include "study/evaluation/answer.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

std::vector<std::string> files_in(const std::string& folder, const std::string& begin, const std::string& end) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind(begin, 0) == 0 && entry.path().extension() == end) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

double rounded(double value, double digits) {
  const double scale = std::pow(10.0, digits);
  return std::round(value * scale) / scale;
}

Json figures(const network::Graph& graph, const engine::EngineConfig& engine, study::MeasurementSource& simulator) {
  const study::NetworkAnswer answer = study::answer_one(graph, engine, simulator);
  const mapping::Partition partition = mapping::partition_with_memory(graph, engine);
  Json out = {{"dram_bytes", answer.total.dram_bytes},
              {"latency_cycles", answer.total.latency_cycles},
              {"latency_ms", rounded(answer.total.latency_ms, 4)},
              {"energy_uj", rounded(answer.total.energy_uj, 2)},
              {"peak_sram_bytes", answer.total.peak_sram_bytes},
              {"live_activation_bytes", answer.memory.peak_activations().count()},
              {"spilled_tensors", answer.memory.spilled_tensors()}};
  if (engine.mapping.cascade) {
    out["cascades"] = partition.cascades.size();
    out["striped_tensors"] = answer.memory.striped_tensors();
    out["with_kept_halo"] = std::count_if(partition.cascades.begin(), partition.cascades.end(),
                                          [](const mapping::Cascade& c) { return c.halo == mapping::Halo::kKept; });
  }
  return out;
}

double change_percent(const Json& without, const Json& with, const char* key) {
  const double before = without.at(key).get<double>(), after = with.at(key).get<double>();
  return before > 0 ? rounded(100.0 * (after / before - 1.0), 2) : 0;
}

}  // namespace

int main() {
  const auto simulator = study::make_simulator();
  Json result;
  result["benchmark"] = "cascade";
  result["tool_version"] = version();
  result["unit"] = "without and with mapping.cascade, simulated; change in percent";
  result["rows"] = Json::array();
  for (const std::string& model : files_in("models", "", ".onnx")) {
    const network::Graph graph = network::import_network(model);
    for (const std::string& path : files_in("hwconfigs", "ne-", ".yaml")) {
      const engine::EngineConfig plain = engine::load_engine(path).config;
      const engine::EngineConfig cascading = engine::with_overrides(plain, {{"mapping.cascade", "true"}});
      Json row = {{"network", graph.name()}, {"engine", plain.name}};
      try {
        row["without"] = figures(graph, plain, *simulator);
        row["with"] = figures(graph, cascading, *simulator);
        for (const char* key :
             {"dram_bytes", "latency_cycles", "energy_uj", "peak_sram_bytes", "live_activation_bytes"}) {
          row["change_percent"][key] = change_percent(row["without"], row["with"], key);
        }
      } catch (const Error& error) {
        row["failure"] = error.what();
      }
      result["rows"].push_back(row);
    }
  }
  std::cout << result.dump(2) << "\n";
}
