// SPDX-License-Identifier: Apache-2.0
// `estimate` beside `simulate` for every shipped network on engines that the estimator was never trained on: sizes
// between those that campaigns draw from. Where an engine overlaps passes, the simulated whole is less than its passes
// alone together, by `overlap_percent`; of that an estimate takes off what programming takes alone. Prints JSON. Called
// by benchmarks/estimator_accuracy with the model file.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/version.hpp"
#include "estimator/estimator.hpp"
#include "network/import.hpp"
#include "study/answer.hpp"
#include "study/estimate.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

struct Variation {
  const char* hwconfig;
  std::vector<engine::Override> overrides;
};

// No value of parallelism, lanes or bank count here is one that the family's file lists.
const std::map<std::string, std::vector<Variation>> kEngines = {
    {"ne",
     {{"hwconfigs/ne-64.yaml",
       {{"engine.parallelism_factor", "10"}, {"engine.dot_product_lanes", "12"}, {"memory.activation_banks", "12"}}},
      {"hwconfigs/ne-256.yaml",
       {{"engine.parallelism_factor", "20"}, {"engine.dot_product_lanes", "20"}, {"memory.activation_banks", "20"}}},
      {"hwconfigs/ne-512.yaml",
       {{"engine.parallelism_factor", "28"}, {"engine.dot_product_lanes", "12"}, {"memory.weight_banks", "24"}}},
      {"hwconfigs/ne-1024.yaml",
       {{"engine.parallelism_factor", "40"}, {"engine.dot_product_lanes", "40"}, {"memory.activation_banks", "40"}}},
      {"hwconfigs/ne-2048.yaml",
       {{"engine.parallelism_factor", "56"}, {"engine.dot_product_lanes", "40"}, {"memory.weight_banks", "48"}}},
      {"hwconfigs/ne-4096.yaml",
       {{"engine.parallelism_factor", "60"}, {"engine.dot_product_lanes", "56"}, {"memory.activation_banks", "56"}}}}},
    {"nvdla",
     {{"hwconfigs/nvdla-small.yaml",
       {{"engine.parallelism_factor", "12"}, {"engine.dot_product_lanes", "12"}, {"accumulators.size", "1 KiB"}}},
      {"hwconfigs/nvdla-small-256.yaml",
       {{"engine.parallelism_factor", "12"}, {"engine.dot_product_lanes", "24"}, {"memory.weight_banks", "12"}}},
      {"hwconfigs/nvdla-medium-512.yaml",
       {{"engine.parallelism_factor", "24"}, {"engine.dot_product_lanes", "24"}, {"accumulators.size", "4 KiB"}}},
      {"hwconfigs/nvdla-large.yaml",
       {{"engine.parallelism_factor", "28"}, {"engine.dot_product_lanes", "48"}, {"memory.weight_banks", "12"}}}}}};

double error_percent(double estimated, double simulated) { return 100.0 * (estimated - simulated) / simulated; }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "lanewise: error: network_accuracy takes one argument, the estimator's file\n";
    return 2;
  }
  try {
    const estimator::Estimator estimator = estimator::Estimator::load(argv[1]);
    std::set<std::string> models;
    for (const auto& entry : std::filesystem::directory_iterator("models")) {
      if (entry.path().extension() == ".onnx") models.insert(entry.path().string());
    }
    Json result;
    result["benchmark"] = "network_accuracy";
    result["tool_version"] = version();
    result["family"] = estimator.family();
    result["unit"] = "percent by which the estimated latency (energy) of a whole network differs from the simulated";
    int within = 0, rows = 0, covered = 0, intervals = 0;
    double worst = 0, worst_overlap = 0;
    const auto engines = kEngines.find(estimator.family());
    if (engines == kEngines.end()) throw Error("no engines to try the family '" + estimator.family() + "' on");
    for (const Variation& variation : engines->second) {
      const engine::EngineConfig engine = engine::load_engine(variation.hwconfig, variation.overrides).config;
      for (const std::string& model : models) {
        const network::Graph graph = network::import_network(model);
        const report::NetworkAnswer answer = study::simulate_network(graph, engine);
        const report::Totals& simulated = answer.total;
        const report::NetworkAnswer guess = study::estimate_network(graph, engine, estimator);
        const report::Totals& estimated = guess.total;
        const double latency =
            error_percent(static_cast<double>(estimated.latency_cycles), static_cast<double>(simulated.latency_cycles));
        Json row;
        row["network"] = graph.name();
        row["engine"] = engine.name;
        for (const engine::Override& change : variation.overrides) row["engine_changes"][change.key] = change.value;
        row["simulated_latency_cycles"] = simulated.latency_cycles;
        row["estimated_latency_cycles"] = estimated.latency_cycles;
        row["latency_error_percent"] = latency;
        if (guess.reliability && guess.reliability->interval) {
          const report::LatencyInterval& interval = *guess.reliability->interval;
          const bool holds =
              simulated.latency_cycles >= interval.low_cycles && simulated.latency_cycles <= interval.high_cycles;
          row["interval_low_cycles"] = interval.low_cycles;
          row["interval_high_cycles"] = interval.high_cycles;
          row["in_range"] = guess.reliability->in_range;
          covered += holds ? 1 : 0;
          ++intervals;
        }
        // Passes alone take so much longer together than the network as a whole.
        const std::int64_t passes = simulated.latency_cycles - answer.between.latency_cycles;
        row["overlap_percent"] =
            error_percent(static_cast<double>(passes), static_cast<double>(simulated.latency_cycles));
        row["sum_of_passes_error_percent"] = error_percent(
            static_cast<double>(estimated.latency_cycles - guess.between.latency_cycles), static_cast<double>(passes));
        row["energy_error_percent"] = error_percent(estimated.energy_uj, simulated.energy_uj);
        row["peak_sram_error_percent"] = error_percent(static_cast<double>(estimated.peak_sram_bytes),
                                                       static_cast<double>(simulated.peak_sram_bytes));
        result["rows"].push_back(row);
        ++rows;
        within += std::abs(latency) <= 10.0 ? 1 : 0;
        worst = std::max(worst, std::abs(latency));
        worst_overlap = std::max(worst_overlap, row["overlap_percent"].get<double>());
      }
    }
    result["within_10_percent"] = 100.0 * within / rows;
    result["worst_latency_error_percent"] = worst;
    if (intervals > 0) result["covered_by_90_percent_intervals_percent"] = 100.0 * covered / intervals;
    result["largest_overlap_percent"] = worst_overlap;
    std::cout << result.dump(2) << "\n";
  } catch (const Error& error) {
    std::cerr << "lanewise: error: " << error.what() << "\n";
    return 1;
  }
}
