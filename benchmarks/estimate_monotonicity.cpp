// SPDX-License-Identifier: Apache-2.0
// Whole networks on engines whose DRAM gets faster step by step: how often the estimated and the simulated latency rise
// where they should fall, and by how much. Prints JSON. Takes the model file of the family ne.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "benchmarks/shipped_networks.hpp"
#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/network/import.hpp"
#include "estimator/estimator.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/estimate.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr const char* kBandwidths[] = {"1.6 GB/s", "2 GB/s",   "2.4 GB/s", "3.2 GB/s", "4 GB/s",
                                       "4.8 GB/s", "6.4 GB/s", "8 GB/s",   "9.6 GB/s", "12.8 GB/s",
                                       "16 GB/s",  "20 GB/s",  "25.6 GB/s"};

struct Steps {
  int steps = 0, rising = 0;
  double worst_percent = 0;

  void add(const std::vector<std::int64_t>& cycles) {
    for (std::size_t i = 1; i < cycles.size(); ++i) {
      ++steps;
      if (cycles[i] <= cycles[i - 1]) continue;
      ++rising;
      worst_percent =
          std::max(worst_percent, 100.0 * (static_cast<double>(cycles[i]) / static_cast<double>(cycles[i - 1]) - 1));
    }
  }
  Json json() const { return {{"steps", steps}, {"rising", rising}, {"worst_percent", worst_percent}}; }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "lanewise: error: estimate_monotonicity takes one argument, the estimator's file\n";
    return 2;
  }
  try {
    const estimator::Estimator estimator = estimator::Estimator::load(argv[1]);
    const std::vector<network::Graph> networks = shipped_networks();
    Steps estimated, simulated;
    for (const char* hwconfig : {"hwconfigs/ne-64.yaml", "hwconfigs/ne-256.yaml", "hwconfigs/ne-1024.yaml"}) {
      for (const network::Graph& graph : networks) {
        std::vector<std::int64_t> guesses, truths;
        for (const char* bandwidth : kBandwidths) {
          const engine::EngineConfig engine = engine::load_engine(hwconfig, {{"dram.bandwidth", bandwidth}}).config;
          guesses.push_back(study::estimate_network(graph, engine, estimator).total.latency_cycles);
          truths.push_back(study::simulate_network(graph, engine).total.latency_cycles);
        }
        estimated.add(guesses);
        simulated.add(truths);
      }
    }
    Json result;
    result["benchmark"] = "estimate_monotonicity";
    result["tool_version"] = version();
    result["unit"] = "steps to a faster DRAM in which a whole network gets slower; percent of its latency";
    result["bandwidths"] = kBandwidths;
    result["networks"] = networks.size();
    result["estimated"] = estimated.json();
    result["simulated"] = simulated.json();
    std::cout << result.dump(2) << "\n";
  } catch (const Error& error) {
    std::cerr << "lanewise: error: " << error.what() << "\n";
    return 1;
  }
}
