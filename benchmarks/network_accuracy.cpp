// SPDX-License-Identifier: Apache-2.0
// `estimate` beside `simulate` for every shipped network on engines that the estimator was never trained on:
// parallelism, lanes and activation banks between the values that campaigns draw from, all else from the family's
// ranges, drawn from a fixed seed. Where an engine overlaps subgraphs, the simulated whole is less than its subgraphs
// alone together, by `overlap_percent`; of that an estimate takes off what programming takes alone. Prints JSON. Called
// by benchmarks/estimator_accuracy with the model file.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "benchmarks/shipped_networks.hpp"
#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/base/rank_correlation.hpp"
#include "core/base/version.hpp"
#include "core/network/import.hpp"
#include "estimator/estimator.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/estimate.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr std::size_t kEngines = 60;    // so that a share of 90 % of one network is known to about 8 %
constexpr double kIntervalLevel = 0.9;  // that `estimate` answers with unless asked otherwise
constexpr std::uint64_t kSeed = 90473;  // of engines that nothing was tuned with
// A combination that no engine can have, or that cannot run every network, is drawn again.
constexpr int kDraws = 2000;

const std::map<std::string, const char*> kBases = {{"ne", "hwconfigs/ne-256.yaml"},
                                                   {"nvdla", "hwconfigs/nvdla-small.yaml"}};

// Keys whose values lie between the family's.
const std::set<std::string> kBetween = {"engine.parallelism_factor", "engine.dot_product_lanes",
                                        "memory.activation_banks"};

double error_percent(double estimated, double simulated) { return 100.0 * (estimated - simulated) / simulated; }

int whole_number(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw Error("'" + text + "' is no whole number");
  return value;
}

// Even numbers inside one of the gaps between the listed values, each gap as often as the others.
std::string between(const engine::FamilyRange& range, Random& random) {
  std::vector<int> listed;
  for (const std::string& value : range.values) listed.push_back(whole_number(value));
  std::sort(listed.begin(), listed.end());
  std::vector<std::vector<std::string>> gaps;
  for (std::size_t i = 1; i < listed.size(); ++i) {
    std::vector<std::string> inside;
    for (int value = listed[i - 1] / 2 * 2 + 2; value < listed[i]; value += 2) inside.push_back(std::to_string(value));
    if (!inside.empty()) gaps.push_back(inside);
  }
  if (gaps.empty()) throw Error("the family lists no two values of " + range.key + " with another between them");
  return random.pick(random.pick(gaps));
}

std::vector<engine::Override> draw(const engine::Family& family, Random& random) {
  std::vector<engine::Override> changes;
  for (const engine::FamilyRange& range : family.ranges) {
    const bool unlisted = kBetween.count(range.key) > 0;
    changes.push_back({range.key, unlisted ? between(range, random) : random.pick(range.values)});
  }
  return changes;
}

// Errors in percent of what was simulated, of one thing that is estimated.
class Errors {
 public:
  void add(double percent) { sizes_.push_back(std::abs(percent)); }
  Json json() const {
    std::vector<double> sorted = sizes_;
    std::sort(sorted.begin(), sorted.end());
    const auto within = [&](double limit) {
      const auto count = std::count_if(sorted.begin(), sorted.end(), [&](double size) { return size <= limit; });
      return 100.0 * static_cast<double>(count) / static_cast<double>(sorted.size());
    };
    const std::size_t middle = sorted.size() / 2;
    const double median = sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return {{"rows", sorted.size()},
            {"within_5_percent", within(5)},
            {"within_10_percent", within(10)},
            {"median_error_percent", median},
            {"worst_error_percent", sorted.back()}};
  }

 private:
  std::vector<double> sizes_;
};

// How often intervals of latency held what was simulated.
class Coverage {
 public:
  void add(bool holds, double width_percent) {
    covered_ += holds ? 1 : 0;
    widths_.push_back(width_percent);
  }
  std::size_t intervals() const { return widths_.size(); }
  Json json() const {
    std::vector<double> sorted = widths_;
    std::sort(sorted.begin(), sorted.end());
    return {{"level", kIntervalLevel},
            {"rows", sorted.size()},
            {"covered_percent", 100.0 * static_cast<double>(covered_) / static_cast<double>(sorted.size())},
            {"median_width_percent", sorted[sorted.size() / 2]},
            {"median_half_width_percent", sorted[sorted.size() / 2] / 2}};
  }

 private:
  std::size_t covered_ = 0;
  std::vector<double> widths_;
};

struct Summary {
  Errors latency, energy, peak_sram;
  // The estimated subgraphs, and the simulated ones, added up, beside the simulated network.
  Errors estimated_subgraphs, simulated_subgraphs;
  Coverage coverage;

  Json json() const {
    Json out;
    out["latency"] = latency.json();
    out["energy"] = energy.json();
    out["peak_sram"] = peak_sram.json();
    out["latency_before_taking_off_overlap"] = estimated_subgraphs.json();
    out["simulated_passes_beside_network"] = simulated_subgraphs.json();
    if (coverage.intervals() > 0) {
      Json& intervals = out["latency_intervals"];
      intervals = coverage.json();
      intervals["half_width_over_median_error"] =
          intervals["median_half_width_percent"].get<double>() / out["latency"]["median_error_percent"].get<double>();
    }
    return out;
  }
};

struct Compared {
  study::NetworkAnswer simulated, estimated;
};

std::vector<Compared> compare(const std::vector<network::Graph>& graphs, const engine::EngineConfig& engine,
                              const estimator::Estimator& estimator) {
  std::vector<Compared> answers;
  for (const network::Graph& graph : graphs) {
    answers.push_back({study::simulate_network(graph, engine), study::estimate_network(graph, engine, estimator)});
  }
  return answers;
}

Json row_of(const Compared& answer, Summary& family, Summary& all) {
  const study::Totals& simulated = answer.simulated.total;
  const study::Totals& estimated = answer.estimated.total;
  const auto cycles = static_cast<double>(simulated.latency_cycles);
  const double latency = error_percent(static_cast<double>(estimated.latency_cycles), cycles);
  const double energy = error_percent(estimated.energy_uj, simulated.energy_uj);
  const double peak =
      error_percent(static_cast<double>(estimated.peak_sram_bytes), static_cast<double>(simulated.peak_sram_bytes));
  // Subgraphs alone take so much longer together than the network as a whole.
  const auto subgraphs = static_cast<double>(simulated.latency_cycles - answer.simulated.between.latency_cycles);
  const auto estimated_subgraphs =
      static_cast<double>(estimated.latency_cycles - answer.estimated.between.latency_cycles);
  for (Summary* summary : {&family, &all}) {
    summary->latency.add(latency);
    summary->energy.add(energy);
    summary->peak_sram.add(peak);
    summary->estimated_subgraphs.add(error_percent(estimated_subgraphs, cycles));
    summary->simulated_subgraphs.add(error_percent(subgraphs, cycles));
  }
  if (answer.estimated.reliability && answer.estimated.reliability->interval) {
    const study::LatencyInterval& interval = *answer.estimated.reliability->interval;
    const bool holds =
        simulated.latency_cycles >= interval.low_cycles && simulated.latency_cycles <= interval.high_cycles;
    const double width = 100.0 * static_cast<double>(interval.high_cycles - interval.low_cycles) /
                         static_cast<double>(estimated.latency_cycles);
    for (Summary* summary : {&family, &all}) summary->coverage.add(holds, width);
  }
  return {{"network", answer.simulated.network},
          {"simulated_latency_cycles", simulated.latency_cycles},
          {"estimated_latency_cycles", estimated.latency_cycles},
          {"latency_error_percent", latency},
          {"overlap_percent", error_percent(subgraphs, cycles)},
          {"sum_of_passes_error_percent", error_percent(estimated_subgraphs, subgraphs)},
          {"energy_error_percent", energy},
          {"peak_sram_error_percent", peak}};
}

double rank_correlation(const std::vector<Compared>& answers) {
  std::vector<double> simulated, estimated;
  for (const Compared& answer : answers) {
    simulated.push_back(static_cast<double>(answer.simulated.total.latency_cycles));
    estimated.push_back(static_cast<double>(answer.estimated.total.latency_cycles));
  }
  return spearman(estimated, simulated);
}

// As the estimator itself groups networks (docs/estimator.md); a network that is like none is a family of its own.
std::string family_of(const Compared& answer) {
  const auto& like = answer.estimated.networks_like_this;
  return like && like->known ? like->family : answer.simulated.network;
}

Json benchmark(const estimator::Estimator& estimator) {
  const auto base = kBases.find(estimator.family());
  if (base == kBases.end()) throw Error("no engine to vary for the family '" + estimator.family() + "'");
  const engine::EngineConfig around = engine::load_engine(base->second).config;
  const engine::Family family = engine::load_family(base->second);
  const std::vector<network::Graph> graphs = shipped_networks();

  Random random(kSeed);
  Summary all;
  std::map<std::string, Summary> families;
  std::vector<double> correlations;
  Json engines = Json::array();
  int refused = 0;
  for (int draws = 0; engines.size() < kEngines; ++draws) {
    if (draws == kDraws) throw Error("the ranges of the family hold too few engines that can run every network");
    const std::vector<engine::Override> changes = draw(family, random);
    std::vector<Compared> answers;
    try {
      answers = compare(graphs, engine::with_overrides(around, changes), estimator);
    } catch (const Error&) {
      ++refused;
      continue;
    }
    Json one;
    for (const engine::Override& change : changes) one["values"][change.key] = change.value;
    correlations.push_back(rank_correlation(answers));
    one["spearman"] = correlations.back();
    for (const Compared& answer : answers) {
      one["networks"].push_back(row_of(answer, families[family_of(answer)], all));
    }
    engines.push_back(one);
  }

  std::sort(correlations.begin(), correlations.end());
  Json result;
  result["benchmark"] = "network_accuracy";
  result["tool_version"] = version();
  result["family"] = estimator.family();
  result["unit"] = "percent by which the estimated latency (energy) of a whole network differs from the simulated";
  result["engines_drawn"] = kEngines;
  result["engines_refused"] = refused;
  result["network_families"] = families.size();
  result["overall"] = all.json();
  result["spearman_over_networks"] = {{"least", correlations.front()},
                                      {"median", (correlations[(kEngines - 1) / 2] + correlations[kEngines / 2]) / 2}};
  for (const auto& [name, summary] : families) result["by_network_family"][name] = summary.json();
  result["engines"] = engines;
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "lanewise: error: network_accuracy takes one argument, the estimator's file\n";
    return 2;
  }
  try {
    std::cout << benchmark(estimator::Estimator::load(argv[1])).dump(2) << "\n";
  } catch (const Error& error) {
    std::cerr << "lanewise: error: " << error.what() << "\n";
    return 1;
  }
}
