// SPDX-License-Identifier: Apache-2.0
// Whether an estimate refuses what a simulation refuses, and nothing else: the shipped networks on random engines of
// all families with little memory. Prints JSON; exit code 1 where the two disagree once.
//   refusals [ENGINES [SEED [SUBGRAPHS]]]    2000 engines, seed 1, 6 subgraphs of each network planned
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "benchmarks/random_layers.hpp"
#include "benchmarks/shipped_networks.hpp"
#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/engine/cross_rules.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/partition.hpp"
#include "core/mapping/plan_tiles.hpp"
#include "estimator/estimator.hpp"
#include "sim/simulate.hpp"
#include "study/evaluation/estimate.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

// Where a subgraph is estimated to take fewer cycles, it is simulated and not only planned.
constexpr std::int64_t kShort = 60000;
// No estimate of a shipped network's subgraph is longer; what overflowed is.
constexpr std::int64_t kLongest = 1000000000000000;

const char* const kFamilies[][3] = {{"ne-64", "ne-256", "ne-1024"},
                                    {"nvdla-small", "nvdla-small-256", "nvdla-large"},
                                    {"neureka", "neureka-4x4", "neureka"}};

// Little memory, down to banks of 256 B, which no file may ask for. Everything else as in the family, or turned on and
// off. It may break a rule between keys.
engine::EngineConfig drawn_engine(std::size_t family, Random& random) {
  const std::string base = kFamilies[family][random.below(3)];
  engine::EngineConfig e = engine::load_engine("hwconfigs/" + base + ".yaml").config;
  e.memory.bank_size = Bytes(random.pick<std::int64_t>({256, 512, 1024, 2048, 4096, 16384}));
  e.memory.activation_banks = random.pick<std::int64_t>({1, 1, 2, 3, 4, 8, 16});
  e.memory.weight_banks = random.pick<std::int64_t>({1, 1, 2, 3, 4, 8, 16});
  e.memory.keep_activations = random.chance(0.7);
  // Wide ports, so that few banks keep up with DRAM; and room for a few pixels' sums at least.
  e.memory.bank_bandwidth = BytesPerCycle(1024);
  const std::int64_t pixels =
      std::max<std::int64_t>(1, e.patch_pixels()) * random.pick<std::int64_t>({1, 2, 3, 16, 64});
  e.accumulators.size = Bytes(e.array.parallelism_factor * pixels * e.accumulators.bits / 8);
  e.mapping.cascade = !e.streams() && random.chance(0.3);
  e.mapping.effort = 0;  // what fits does not depend on how long is searched
  e.array.depthwise = random.chance(0.5) ? engine::DepthwiseMapping::kNative : engine::DepthwiseMapping::kDenseGroups;
  e.dma.prefetch_input = random.chance(0.5);
  e.dma.load_channels = random.between(1, 3);
  e.array.precision_rate[static_cast<std::size_t>(Precision::kInt16)] = random.chance(0.9) ? 0.25 : 0.0;
  e.array.precision_rate[static_cast<std::size_t>(Precision::kFp16)] = random.chance(0.9) ? 0.5 : 0.0;
  return e;
}

// The same, but such as with_overrides would let pass.
engine::EngineConfig small_engine(std::size_t family, Random& random) {
  for (;;) {
    engine::EngineConfig engine = drawn_engine(family, random);
    if (!engine::broken_rule(engine)) return engine;
  }
}

// One estimator per family, of a few layers: whether it is right is not asked here.
estimator::Estimator small_estimator(std::size_t family) {
  const engine::EngineConfig engine =
      engine::load_engine(std::string("hwconfigs/") + kFamilies[family][0] + ".yaml").config;
  std::vector<estimator::Sample> samples;
  for (std::uint64_t number = 0; samples.size() < 40; ++number) {
    estimator::Sample sample;
    sample.subgraph = random_layer(number);
    sample.engine = &engine;
    if (sample.subgraph.shape.macs() > 2000000) continue;
    try {
      sample.measurement = sim::simulate(sample.subgraph, engine);
    } catch (const Error&) {
      continue;
    }
    samples.push_back(std::move(sample));
  }
  estimator::TrainOptions options;
  options.trees = 20;
  options.folds = 0;
  return estimator::Estimator::train(samples, options);
}

// The shipped networks by name, batch and precision.
class Networks {
 public:
  const network::Graph& pick(Random& random) {
    const std::string& path = random.pick(paths_);
    network::ImportOptions options;
    options.batch = random.pick<std::int64_t>({1, 1, 2, 4});
    const Precision precision = random.pick<Precision>(
        {Precision::kInt8, Precision::kInt8, Precision::kInt16, Precision::kFp16, Precision::kInt4});
    options.precision = options.weight_precision = precision;
    const auto key = std::make_tuple(path, options.batch, precision);
    const auto known = graphs_.find(key);
    if (known != graphs_.end()) return known->second;
    try {
      return graphs_.emplace(key, network::import_network(path, options)).first->second;
    } catch (const Error&) {  // some files fix their batch
      options.batch = 1;
      return graphs_.emplace(key, network::import_network(path, options)).first->second;
    }
  }

 private:
  std::vector<std::string> paths_ = shipped_files("models", ".onnx");
  std::map<std::tuple<std::string, std::int64_t, Precision>, network::Graph> graphs_;
};

struct Counts {
  std::int64_t engines = 0, refused = 0, answered = 0, no_engine = 0;
  std::int64_t planned = 0, simulated = 0;  // subgraphs of networks that were not refused
  std::int64_t disagreements = 0;
};

std::string planner_says(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine, bool simulate) {
  try {
    if (simulate) {
      sim::simulate(subgraph, engine);
    } else {
      mapping::plan_tiles(subgraph, engine);
    }
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

// Of a refusal what stands behind the name of the subgraph.
std::string without_name(const std::string& refusal) {
  const std::size_t behind = refusal.find("' (");
  return behind == std::string::npos ? refusal : refusal.substr(behind);
}

class Comparison {
 public:
  Comparison(std::uint64_t seed, std::int64_t checked) : random_(seed), checked_(checked) {
    for (std::size_t family = 0; family < 3; ++family) estimators_.push_back(small_estimator(family));
  }

  // One engine and one network.
  void compare(std::int64_t number) {
    const std::size_t family = static_cast<std::size_t>(number % 3);
    count_ = &counts_[family];
    ++count_->engines;
    number_ = number;
    engine_ = small_engine(family, random_);
    graph_ = &networks_.pick(random_);
    mapping::Partition partition;
    try {
      partition = mapping::partition_with_memory(*graph_, engine_);
    } catch (const Error&) {
      ++count_->no_engine;  // neither gets as far as a subgraph
      return;
    }
    std::vector<study::SubgraphQuery> queries;
    for (const mapping::Subgraph& subgraph : partition.subgraphs) queries.push_back({&subgraph, &engine_});
    const std::vector<record::SubgraphResult> estimates = study::make_estimated(estimators_[family])->measure(queries);
    std::vector<std::size_t> runs;
    for (std::size_t i = 0; i < estimates.size(); ++i) {
      if (estimates[i].failure.empty()) {
        runs.push_back(i);
        const std::int64_t cycles = estimates[i].measurement.latency.count();
        if (cycles < 1 || cycles > kLongest) disagree(partition.subgraphs[i].name, std::to_string(cycles), "a latency");
        continue;
      }
      // What the estimate refuses, the simulator must refuse in the same words. Equal subgraphs share an answer, and
      // so the name of the first of them.
      const std::string simulation = planner_says(partition.subgraphs[i], engine_, true);
      if (without_name(simulation) != without_name(estimates[i].failure))
        disagree(partition.subgraphs[i].name, estimates[i].failure, simulation);
    }
    const bool refused = runs.size() < estimates.size();
    ++(refused ? count_->refused : count_->answered);
    // What the estimate does not refuse must be planned; of networks of which nothing was refused more of it.
    random_.shuffle(runs);
    runs.resize(std::min(runs.size(), static_cast<std::size_t>(refused ? checked_ / 3 + 1 : checked_)));
    for (const std::size_t i : runs) {
      const bool simulate = estimates[i].measurement.latency.count() < kShort;
      const std::string simulation = planner_says(partition.subgraphs[i], engine_, simulate);
      ++(simulate ? count_->simulated : count_->planned);
      if (!simulation.empty()) disagree(partition.subgraphs[i].name, "not refused", simulation);
    }
  }

  Json json() const {
    const char* const names[] = {"ne", "nvdla", "neureka"};
    Json result;
    std::int64_t compared = 0, refused = 0;
    for (std::size_t family = 0; family < 3; ++family) {
      const Counts& c = counts_[family];
      result["families"][names[family]] = {{"engines", c.engines},
                                           {"networks_refused_by_both", c.refused},
                                           {"networks_answered_by_both", c.answered},
                                           {"not_partitioned", c.no_engine},
                                           {"subgraphs_planned", c.planned},
                                           {"subgraphs_simulated", c.simulated},
                                           {"disagreements", c.disagreements}};
      compared += c.engines;
      refused += c.refused;
    }
    result["networks_compared"] = compared;
    result["networks_refused"] = refused;
    result["agreement_percent"] =
        100.0 * (1.0 - static_cast<double>(wrong()) / static_cast<double>(std::max<std::int64_t>(1, compared)));
    result["disagreements"] = disagreements_;
    return result;
  }

  std::int64_t wrong() const { return counts_[0].disagreements + counts_[1].disagreements + counts_[2].disagreements; }

 private:
  void disagree(const std::string& subgraph, const std::string& estimate, const std::string& simulation) {
    constexpr std::size_t kShown = 20;
    ++count_->disagreements;
    if (disagreements_.size() >= kShown) return;
    disagreements_.push_back({{"engine", number_},
                              {"base", engine_.name},
                              {"network", graph_->name()},
                              {"subgraph", subgraph},
                              {"estimate", estimate},
                              {"simulation", simulation}});
  }

  Random random_;
  const std::int64_t checked_;
  Networks networks_;
  std::vector<estimator::Estimator> estimators_;
  Counts counts_[3];
  Counts* count_ = nullptr;  // of the family that is being compared
  std::int64_t number_ = 0;
  engine::EngineConfig engine_;
  const network::Graph* graph_ = nullptr;
  Json disagreements_ = Json::array();
};

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t engines = argc > 1 ? std::stoll(argv[1]) : 2000;
  const std::uint64_t seed = argc > 2 ? std::stoull(argv[2]) : 1;
  const std::int64_t checked = argc > 3 ? std::stoll(argv[3]) : 6;
  Comparison comparison(seed, checked);
  for (std::int64_t number = 0; number < engines; ++number) {
    comparison.compare(number);
    if (number % 100 == 99) std::cerr << number + 1 << " of " << engines << " engines\n";
  }
  Json result = {{"benchmark", "refusals"}, {"tool_version", version()}, {"engines", engines}, {"seed", seed}};
  result.update(comparison.json());
  std::cout << result.dump(2) << "\n";
  return comparison.wrong() == 0 ? 0 : 1;
}
