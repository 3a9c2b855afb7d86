// SPDX-License-Identifier: Apache-2.0
// CPU time of reading, partitioning, planning and simulating networks, and how it grows with network size, tile count
// and on-chip memory. Prints JSON.
//   build/release/benchmarks/simulator_speed > benchmarks/results/simulator_speed.json
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "benchmarks/shipped_networks.hpp"
#include "core/base/version.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/partition.hpp"
#include "core/mapping/plan_tiles.hpp"
#include "core/network/import.hpp"
#include "sim/simulate.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

// Median CPU milliseconds of `runs` calls.
double cpu_ms(int runs, const std::function<void()>& work) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    timespec from{}, to{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    work();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    times.push_back(static_cast<double>(to.tv_sec - from.tv_sec) * 1e3 +
                    static_cast<double>(to.tv_nsec - from.tv_nsec) * 1e-6);
  }
  std::nth_element(times.begin(), times.begin() + runs / 2, times.end());
  return times[static_cast<std::size_t>(runs / 2)];
}

double rounded(double value) { return static_cast<double>(static_cast<long long>(value * 1000 + 0.5)) / 1000; }

// The subgraphs that differ, each once: what `simulate` plans and runs.
std::vector<mapping::Subgraph> distinct_subgraphs(const network::Graph& graph, const engine::EngineConfig& engine) {
  std::map<std::string, mapping::Subgraph> subgraphs;
  for (mapping::Subgraph& s : mapping::partition(graph, engine))
    subgraphs.emplace(mapping::subgraph_key(s), std::move(s));
  std::vector<mapping::Subgraph> list;
  for (auto& [key, subgraph] : subgraphs) list.push_back(std::move(subgraph));
  return list;
}

Json measure(const std::string& model, const std::string& hwconfig, const std::vector<engine::Override>& overrides) {
  const engine::EngineConfig engine = engine::load_engine(hwconfig, overrides).config;
  const std::string path = "models/" + model + ".onnx";
  const network::Graph graph = network::import_network(path);
  const std::vector<mapping::Subgraph> subgraphs = distinct_subgraphs(graph, engine);
  std::size_t tiles = 0;
  std::int64_t cycles = 0;
  const std::vector<mapping::Subgraph> network = mapping::partition(graph, engine);
  std::vector<mapping::TilePlan> plans;
  const auto plan = [&] {
    plans.clear();
    for (const mapping::Subgraph& s : subgraphs) plans.push_back(mapping::plan_tiles(s, engine));
  };
  const auto simulate = [&] {
    cycles = 0;
    for (std::size_t i = 0; i < subgraphs.size(); ++i)
      cycles += sim::simulate(plans[i], subgraphs[i], engine).latency.count();
  };
  const double cold = cpu_ms(1, [&] {
    plan();
    simulate();
  });
  const double planning = cpu_ms(7, plan);
  const double simulating = cpu_ms(7, simulate);
  for (const mapping::TilePlan& p : plans) tiles += p.steps.size();
  const std::uint64_t before = sim::kernel_deltas();
  simulate();
  const std::uint64_t deltas = sim::kernel_deltas() - before;
  std::vector<mapping::TilePlan> network_plans;
  std::vector<sim::PlannedSubgraph> sequence;
  const double whole_planning = cpu_ms(5, [&] {
    network_plans.clear();
    sequence.clear();
    network_plans.reserve(network.size());
    for (const mapping::Subgraph& s : network) {
      network_plans.push_back(mapping::plan_tiles(s, engine));
      sequence.push_back({&network_plans.back(), &s});
    }
  });
  const double whole = cpu_ms(5, [&] { sim::simulate_sequence(sequence, engine); });
  double bound = 0;
  const double closed_form = cpu_ms(7, [&] {
    for (const mapping::Subgraph& s : subgraphs) bound += mapping::bounds(s, engine).roofline_cycles;
  });
  Json row;
  row["network"] = model;
  row["engine"] = engine.name;
  row["onchip_kib"] = engine.onchip_capacity().count() / 1024;
  row["mmacs"] = rounded(static_cast<double>(network::macs(graph)) * 1e-6);
  row["distinct_passes"] = subgraphs.size();
  row["tiles"] = tiles;
  row["import_cpu_ms"] = rounded(cpu_ms(3, [&] { network::import_network(path); }));
  row["partition_cpu_ms"] = rounded(cpu_ms(7, [&] { mapping::partition(graph, engine); }));
  row["planning_cpu_ms"] = rounded(planning);
  row["simulating_cpu_ms"] = rounded(simulating);
  row["first_time_planning_and_simulating_cpu_ms"] = rounded(cold);
  row["whole_network_planning_cpu_ms"] = rounded(whole_planning);
  row["whole_network_simulating_cpu_ms"] = rounded(whole);
  row["kernel_deltas_per_tile"] = rounded(static_cast<double>(deltas) / static_cast<double>(tiles));
  row["closed_form_cpu_ms"] = rounded(closed_form);
  row["passes_per_cpu_second"] =
      static_cast<long long>(static_cast<double>(subgraphs.size()) * 1e3 / (planning + simulating));
  return row;
}

// Distinct subgraphs of all shipped networks planned and simulated, once each.
Json throughput(const std::string& hwconfig) {
  const engine::EngineConfig engine = engine::load_engine(hwconfig).config;
  std::map<std::string, mapping::Subgraph> subgraphs;
  for (const network::Graph& graph : shipped_networks()) {
    for (mapping::Subgraph& s : mapping::partition(graph, engine)) {
      subgraphs.emplace(mapping::subgraph_key(s), std::move(s));
    }
  }
  std::int64_t cycles = 0;
  const double ms = cpu_ms(3, [&] {
    for (const auto& [key, subgraph] : subgraphs) cycles += sim::simulate(subgraph, engine).latency.count();
  });
  Json row;
  row["engine"] = engine.name;
  row["distinct_passes"] = subgraphs.size();
  row["planning_and_simulating_cpu_ms"] = rounded(ms);
  row["passes_per_cpu_second"] = static_cast<long long>(static_cast<double>(subgraphs.size()) * 1e3 / ms);
  return row;
}

}  // namespace

int main() {
  Json result;
  result["benchmark"] = "simulator_speed";
  result["tool_version"] = version();
  result["unit"] =
      "CPU milliseconds, median of 7, distinct passes of one network; first time: once, with the kernel's elaboration";
  for (const char* engine : {"nvdla-small", "nvdla-large", "ne-64", "ne-256", "ne-1024", "ne-4096"}) {
    for (const char* model : {"mobilenet_v2", "resnet50"}) {
      result["networks"].push_back(measure(model, "hwconfigs/" + std::string(engine) + ".yaml", {}));
    }
  }
  for (const char* engine : {"nvdla-small", "nvdla-large", "ne-64", "ne-256", "ne-1024", "ne-4096"}) {
    result["all_shipped_networks"].push_back(throughput("hwconfigs/" + std::string(engine) + ".yaml"));
  }
  for (const char* model : {"squeezenet1_1", "resnet18", "efficientnet_b0", "ssdlite320_mobilenet_v3_large",
                            "deeplabv3_mobilenet_v3_large"}) {
    result["growth_with_network"].push_back(measure(model, "hwconfigs/ne-256.yaml", {}));
  }
  for (const char* bank : {"2 KiB", "4 KiB", "8 KiB", "16 KiB", "32 KiB", "64 KiB"}) {
    result["growth_with_onchip_memory"].push_back(
        measure("resnet50", "hwconfigs/ne-256.yaml", {{"memory.bank_size", bank}}));
  }
  std::cout << result.dump(2) << "\n";
}
