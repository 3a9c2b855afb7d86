// SPDX-License-Identifier: Apache-2.0
// What keeping activations on chip is worth: every shipped network on every shipped engine, simulated with and without
// memory.keep_activations. Prints JSON, and fails where keeping breaks one of the rules that its choice promises.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

#include "benchmarks/shipped_networks.hpp"
#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/engine/engine_config.hpp"
#include "study/evaluation/answer.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr double kSlower = 2.0;   // percent of latency that keeping may lose where it saves energy
constexpr double kEqual = 0.005;  // percent: what plans that are as good as each other differ by

// Percent by which keeping is worse, negative where it is better.
double percent(double kept, double through_dram) { return 100.0 * (kept / through_dram - 1.0); }

struct Pair {
  double latency = 0, dram = 0, energy = 0;  // percent
  std::vector<std::string> broken;
  Json row;
};

Pair compare(const network::Graph& graph, const engine::EngineConfig& engine, const engine::EngineConfig& off) {
  const study::NetworkAnswer kept = study::simulate_network(graph, engine);
  const study::NetworkAnswer through = study::simulate_network(graph, off);
  Pair p;
  p.latency =
      percent(static_cast<double>(kept.total.latency_cycles), static_cast<double>(through.total.latency_cycles));
  p.dram = percent(static_cast<double>(kept.total.dram_bytes), static_cast<double>(through.total.dram_bytes));
  p.energy = percent(kept.total.energy_uj, through.total.energy_uj);
  if (p.latency > kSlower) p.broken.push_back("slower by more than 2 %");
  if (p.energy > kEqual) p.broken.push_back("hungrier");
  if (p.latency > kEqual && p.energy >= 0) p.broken.push_back("slower without saving energy");
  p.row = {{"network", graph.name()},
           {"engine", engine.name},
           {"kept_tensors", kept.memory.kept_tensors()},
           {"latency_cycles", kept.total.latency_cycles},
           {"latency_percent", p.latency},
           {"dram_bytes", kept.total.dram_bytes},
           {"dram_percent", p.dram},
           {"energy_uj", kept.total.energy_uj},
           {"energy_percent", p.energy},
           {"saved_dram_bytes", through.total.dram_bytes - kept.total.dram_bytes},
           {"saved_dram_bytes_closed_form", kept.memory.saved.count()}};
  if (!p.broken.empty()) p.row["broken"] = p.broken;
  return p;
}

}  // namespace

// Arguments are overrides of every engine: KEY=VALUE.
int main(int argc, char** argv) {
  std::vector<engine::Override> given;
  for (int i = 1; i < argc; ++i) {
    const std::string text = argv[i];
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      std::cerr << "keep_activations: " << text << " is not KEY=VALUE\n";
      return 2;
    }
    given.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  const std::vector<network::Graph> graphs = shipped_networks();
  std::vector<engine::EngineConfig> keeping;
  Json through_dram = Json::array();  // engines that keep nothing, whatever the network
  for (const std::string& path : shipped_engines()) {
    engine::EngineConfig engine = engine::load_engine(path, given).config;
    if (engine.keeps_activations()) {
      keeping.push_back(std::move(engine));
    } else {
      through_dram.push_back(engine.name);
    }
  }
  std::vector<Pair> pairs;
  Json refused = Json::array();
  for (const engine::EngineConfig& engine : keeping) {
    const engine::EngineConfig off = engine::with_overrides(engine, {{"memory.keep_activations", "false"}});
    for (const network::Graph& graph : graphs) {
      try {
        pairs.push_back(compare(graph, engine, off));
      } catch (const Error& error) {
        refused.push_back({{"network", graph.name()}, {"engine", engine.name}, {"failure", error.what()}});
      }
    }
  }
  const auto worst = [&](double Pair::*what) {
    const auto found =
        std::max_element(pairs.begin(), pairs.end(), [&](const Pair& a, const Pair& b) { return a.*what < b.*what; });
    return Json{{"network", found->row["network"]}, {"engine", found->row["engine"]}, {"percent", (*found).*what}};
  };
  const auto mean = [&](double Pair::*what) {
    double logs = 0;
    for (const Pair& p : pairs) logs += std::log1p(p.*what / 100.0);
    return 100.0 * std::expm1(logs / static_cast<double>(pairs.size()));
  };
  Json result;
  result["benchmark"] = "keep_activations";
  result["tool_version"] = version();
  result["unit"] = "percent by which keeping activations on chip is worse than memory.keep_activations=false";
  for (const engine::Override& change : given) result["given"][change.key] = change.value;
  result["pairs"] = pairs.size();
  result["engines_that_keep_nothing"] = through_dram;
  result["refused"] = refused;
  std::int64_t broken = 0;
  for (const Pair& p : pairs) broken += p.broken.empty() ? 0 : 1;
  result["pairs_that_break_a_rule"] = broken;
  if (!pairs.empty()) {
    result["worst"] = {
        {"latency", worst(&Pair::latency)}, {"dram", worst(&Pair::dram)}, {"energy", worst(&Pair::energy)}};
    result["geometric_mean_percent"] = {
        {"latency", mean(&Pair::latency)}, {"dram", mean(&Pair::dram)}, {"energy", mean(&Pair::energy)}};
  }
  result["rows"] = Json::array();
  for (const Pair& p : pairs) result["rows"].push_back(p.row);
  std::cout << result.dump(2) << "\n";
  return broken > 0 || pairs.empty() ? 1 : 0;
}
