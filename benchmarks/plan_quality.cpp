// SPDX-License-Identifier: Apache-2.0
// How good the plans are: latency, DRAM bytes and energy of random layers and of the shipped networks on every shipped
// engine, beside those of a recorded run. Prints JSON.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "benchmarks/random_layers.hpp"
#include "benchmarks/shipped_networks.hpp"
#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/engine/engine_config.hpp"
#include "sim/simulate.hpp"
#include "study/evaluation/answer.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kLayersOfMainEngine = 5000, kLayers = 2000;

// Sums over layers or networks, and sums of logarithms for the geometric mean.
struct Sums {
  std::uint64_t count = 0;
  double cycles = 0, dram_bytes = 0, energy_uj = 0;
  double log_cycles = 0, log_dram_bytes = 0, log_energy = 0;

  void add(double c, double bytes, double energy) {
    ++count;
    cycles += c;
    dram_bytes += bytes;
    energy_uj += energy;
    log_cycles += std::log(c);
    log_dram_bytes += std::log(std::max(1.0, bytes));
    log_energy += std::log(energy);
  }
  Json json() const {
    const auto n = static_cast<double>(std::max<std::uint64_t>(1, count));
    return {{"count", count},
            {"mean_cycles", cycles / n},
            {"mean_dram_bytes", dram_bytes / n},
            {"mean_energy_uj", energy_uj / n},
            {"geometric_mean_cycles", std::exp(log_cycles / n)},
            {"geometric_mean_dram_bytes", std::exp(log_dram_bytes / n)},
            {"geometric_mean_energy_uj", std::exp(log_energy / n)}};
  }
};

// What a recorded run could not plan is left out of the comparison, and what is refused now is counted.
Json layers_on(const engine::EngineConfig& engine, const Json* before) {
  std::vector<std::uint64_t> refused;
  std::vector<std::uint64_t> left_out;
  if (before != nullptr) left_out = before->at("refused").get<std::vector<std::uint64_t>>();
  const std::uint64_t count = engine.name == "ne-256" ? kLayersOfMainEngine : kLayers;
  Sums sums;
  for (std::uint64_t number = 0; number < count; ++number) {
    const bool compared = !std::binary_search(left_out.begin(), left_out.end(), number);
    try {
      const record::Measurement m = sim::simulate(random_layer(number), engine);
      if (compared) {
        sums.add(static_cast<double>(m.latency.count()), static_cast<double>(m.dram_bytes().count()),
                 m.energy.count() * 1e-6);
      }
    } catch (const Error&) {
      refused.push_back(number);
    }
  }
  Json out = sums.json();
  out["refused"] = refused;
  return out;
}

Json networks_on(const engine::EngineConfig& engine, const std::vector<network::Graph>& graphs) {
  Json out = Json::array();
  for (const network::Graph& graph : graphs) {
    Json row{{"network", graph.name()}};
    try {
      const study::NetworkAnswer answer = study::simulate_network(graph, engine);
      row["cycles"] = answer.total.latency_cycles;
      row["dram_bytes"] = answer.total.dram_bytes;
      row["energy_uj"] = answer.total.energy_uj;
    } catch (const Error& error) {
      row["refused"] = error.what();
    }
    out.push_back(row);
  }
  return out;
}

Json gain(const Json& before, const Json& after, const char* key) {
  return 100.0 * (after.at(key).get<double>() / before.at(key).get<double>() - 1.0);
}

}  // namespace

int main(int argc, char** argv) {
  Json recorded;
  if (argc > 1) {
    std::ifstream file(argv[1]);
    recorded = Json::parse(file);
  }
  Json result;
  result["benchmark"] = "plan_quality";
  result["tool_version"] = version();
  result["unit"] = "cycles, bytes and microjoules, simulated; percent of the recorded run";
  const std::vector<network::Graph> graphs = shipped_networks();
  for (const std::string& path : shipped_engines()) {
    // The recorded run knew no cost of the interface to DRAM.
    const engine::EngineConfig engine = engine::load_engine(path, {{"energy.dram_interface_per_gb_s", "0 mW"},
                                                                   {"area.dram_interface_per_gb_s", "0 mm2"}})
                                            .config;
    const Json* before = recorded.contains("engines") ? &recorded["engines"][engine.name] : nullptr;
    Json& row = result["engines"][engine.name];
    row["layers"] = layers_on(engine, before == nullptr ? nullptr : &before->at("layers"));
    row["networks"] = networks_on(engine, graphs);
    if (before == nullptr) continue;
    for (const char* key : {"mean_cycles", "mean_dram_bytes", "mean_energy_uj", "geometric_mean_cycles",
                            "geometric_mean_dram_bytes", "geometric_mean_energy_uj"}) {
      row["layers_percent"][key] = gain(before->at("layers"), row["layers"], key);
    }
    for (const char* key : {"cycles", "dram_bytes", "energy_uj"}) {
      double logs = 0, sum_before = 0, sum_after = 0;
      int counted = 0;
      for (std::size_t i = 0; i < row["networks"].size(); ++i) {
        const Json& a = before->at("networks")[i];
        const Json& b = row["networks"][i];
        if (a.contains("refused") || b.contains("refused")) continue;
        const double was = a.at(key).get<double>(), is = b.at(key).get<double>();
        logs += std::log(is / was);
        sum_before += was;
        sum_after += is;
        ++counted;
      }
      row["networks_percent"][std::string("mean_") + key] = 100.0 * (sum_after / sum_before - 1.0);
      row["networks_percent"][std::string("geometric_mean_") + key] = 100.0 * (std::exp(logs / counted) - 1.0);
    }
  }
  std::cout << result.dump(2) << "\n";
}
