// SPDX-License-Identifier: Apache-2.0
// How good the default estimator of the family ne is: `estimate` beside `simulate` for ResNet-50, ViT-B/16 and
// MobileNetV2 on random engines within the family's ranges, the same by estimators that were made without the asked
// network's family, and how many engines of the simulated Pareto front (latency, energy, area) are on the estimated
// one. The engines come from a seed that nothing was tuned with. Prints JSON. Called by benchmarks/default_estimator.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/network/import.hpp"
#include "estimator/estimator.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/estimate.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr const char* kBase = "hwconfigs/ne-256.yaml";
constexpr const char* kNetworks[] = {"resnet50", "vit_b_16", "mobilenet_v2"};
constexpr std::size_t kNetworkCount = 3;
constexpr std::size_t kEngines = 30;  // whose errors are counted
constexpr std::size_t kSweep = 200;   // of the Pareto fronts, these 30 among them
constexpr std::uint64_t kSeed = 46337;
constexpr int kDraws = 5000;
// A front's engine is as good as found where another on the estimated front is no more than this worse in anything.
constexpr double kAsGood = 1.01;

struct Point {
  double latency = 0, energy = 0, area = 0;
};

Point point_of(const study::NetworkAnswer& answer) {
  return {answer.total.latency_ms, answer.total.energy_uj, answer.total.area_mm2};
}

bool no_worse(const Point& a, const Point& b, double factor) {
  return a.latency <= factor * b.latency && a.energy <= factor * b.energy && a.area <= factor * b.area;
}

bool dominates(const Point& a, const Point& b) {
  return no_worse(a, b, 1) && (a.latency < b.latency || a.energy < b.energy || a.area < b.area);
}

std::vector<std::size_t> front_of(const std::vector<Point>& points) {
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (std::none_of(points.begin(), points.end(), [&](const Point& other) { return dominates(other, points[i]); })) {
      front.push_back(i);
    }
  }
  return front;
}

struct Pair {
  study::NetworkAnswer simulated, estimated;
};

Json errors_json(const std::vector<Pair>& pairs, double (*value)(const study::Totals&)) {
  std::vector<double> percents;
  for (const Pair& pair : pairs) {
    const double simulated = value(pair.simulated.total);
    percents.push_back(100 * (value(pair.estimated.total) - simulated) / simulated);
  }
  const estimator::NetworkErrors errors = estimator::network_errors(percents);
  return {{"rows", errors.networks},
          {"within_5_percent", errors.within_5_percent},
          {"within_10_percent", errors.within_10_percent},
          {"median_error_percent", errors.median_percent},
          {"worst_error_percent", errors.worst_percent}};
}

double latency(const study::Totals& total) { return static_cast<double>(total.latency_cycles); }
double energy(const study::Totals& total) { return total.energy_uj; }
double peak(const study::Totals& total) { return static_cast<double>(total.peak_sram_bytes); }

Json all_errors(const std::vector<Pair>& pairs) {
  std::size_t held = 0;
  for (const Pair& pair : pairs) {
    const study::LatencyInterval& interval = *pair.estimated.reliability->interval;
    held += pair.simulated.total.latency_cycles >= interval.low_cycles &&
                    pair.simulated.total.latency_cycles <= interval.high_cycles
                ? 1
                : 0;
  }
  return {{"latency", errors_json(pairs, latency)},
          {"energy", errors_json(pairs, energy)},
          {"peak_sram", errors_json(pairs, peak)},
          {"latency_intervals_held_percent", 100.0 * static_cast<double>(held) / static_cast<double>(pairs.size())}};
}

// Engines of the family that can run all networks, each key drawn from the family's values.
std::vector<engine::EngineConfig> draw_engines(const std::vector<network::Graph>& graphs) {
  const engine::EngineConfig around = engine::load_engine(kBase).config;
  const engine::Family family = engine::load_family(kBase);
  Random random(kSeed);
  std::vector<engine::EngineConfig> engines;
  for (int draws = 0; engines.size() < kSweep; ++draws) {
    if (draws == kDraws) throw Error("the ranges of the family hold too few engines that can run every network");
    std::vector<engine::Override> changes;
    for (const engine::FamilyRange& range : family.ranges) changes.push_back({range.key, random.pick(range.values)});
    try {
      engine::EngineConfig engine = engine::with_overrides(around, changes);
      for (const network::Graph& graph : graphs) study::simulate_network(graph, engine);
      engines.push_back(std::move(engine));
    } catch (const Error&) {
      continue;
    }
  }
  return engines;
}

Json pareto(const std::vector<Pair>& pairs) {
  std::vector<Point> simulated, estimated;
  for (const Pair& pair : pairs) {
    simulated.push_back(point_of(pair.simulated));
    estimated.push_back(point_of(pair.estimated));
  }
  const std::vector<std::size_t> truth = front_of(simulated), found = front_of(estimated);
  std::size_t same = 0, as_good = 0;
  for (const std::size_t point : truth) {
    same += std::binary_search(found.begin(), found.end(), point) ? 1 : 0;
    as_good += std::any_of(found.begin(), found.end(),
                           [&](std::size_t other) { return no_worse(simulated[other], simulated[point], kAsGood); })
                   ? 1
                   : 0;
  }
  const auto share = [&](std::size_t count) {
    return 100.0 * static_cast<double>(count) / static_cast<double>(truth.size());
  };
  return {{"engines", pairs.size()},
          {"simulated_front", truth.size()},
          {"estimated_front", found.size()},
          {"found_percent", share(same)},
          {"found_or_as_good_percent", share(as_good)}};
}

Json benchmark(const std::vector<estimator::Estimator>& models, double seconds) {
  std::vector<network::Graph> graphs;
  for (const char* name : kNetworks) {
    graphs.push_back(network::import_network("models/" + std::string(name) + ".onnx"));
  }
  const std::vector<engine::EngineConfig> engines = draw_engines(graphs);
  Json result;
  result["benchmark"] = "default_estimator";
  result["tool_version"] = version();
  result["training_rows"] = models.front().training_rows();
  result["training_engines"] = models.front().training_engines();
  result["cpu_seconds_to_make"] = seconds;
  std::vector<Pair> all, all_left_out;
  for (std::size_t n = 0; n < kNetworkCount; ++n) {
    std::vector<Pair> pairs, left_out;
    for (std::size_t e = 0; e < kSweep; ++e) {
      const study::NetworkAnswer simulated = study::simulate_network(graphs[n], engines[e]);
      pairs.push_back({simulated, study::estimate_network(graphs[n], engines[e], models.front())});
      if (e < kEngines) left_out.push_back({simulated, study::estimate_network(graphs[n], engines[e], models[1 + n])});
    }
    const std::vector<Pair> counted(pairs.begin(), pairs.begin() + kEngines);
    Json one = all_errors(counted);
    one["whole_sweep"] = all_errors(pairs);
    one["pareto"] = pareto(pairs);
    one["family_left_out"] = all_errors(left_out);
    result["networks"][kNetworks[n]] = one;
    all.insert(all.end(), counted.begin(), counted.end());
    all_left_out.insert(all_left_out.end(), left_out.begin(), left_out.end());
  }
  result["overall"] = all_errors(all);
  result["family_left_out"] = all_errors(all_left_out);
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr
        << "lanewise: error: default_estimator takes five arguments: the estimator's file, those made without the "
           "families of resnet50, vit_b_16 and mobilenet_v2, and the CPU seconds that the first took\n";
    return 2;
  }
  try {
    std::vector<estimator::Estimator> models;
    for (int i = 1; i <= 4; ++i) models.push_back(estimator::Estimator::load(argv[i]));
    std::cout << benchmark(models, std::atof(argv[5])).dump(2) << "\n";
  } catch (const Error& error) {
    std::cerr << "lanewise: error: " << error.what() << "\n";
    return 1;
  }
}
