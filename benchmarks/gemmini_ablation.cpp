// SPDX-License-Identifier: Apache-2.0
// How far hwconfigs/gemmini.yaml follows the cycles of Gemmini's RTL on layers whose shapes were left out when its keys
// were fitted, and what each mechanism is worth: one after the other is switched off, the remaining keys are fitted
// again on the same folds, and the shapes left out are simulated. Prints JSON, and progress on standard error. Called
// by benchmarks/gemmini_ablation. With an argument it fits the keys once to all rows and prints their values.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/plan_tiles.hpp"
#include "sim/simulate.hpp"
#include "study/validation/row_engines.hpp"
#include "study/validation/validation_rows.hpp"

namespace {

using namespace lanewise;
using engine::EngineConfig;
using Json = nlohmann::ordered_json;

constexpr const char* kRows = "benchmarks/validation/gemmini_rtl.csv";
constexpr const char* kEngine = "hwconfigs/gemmini.yaml";
constexpr std::size_t kFolds = 6;
constexpr double kFarOff = 0.3;  // |ln(simulated / measured)| beyond which a row is an outlier: it counts as this
constexpr std::size_t kMostSteps = 1500;  // of rows that are fitted to, so that it takes minutes; all are simulated
constexpr int kRounds = 2;                // of the search over keys

// A fitted key: how it is read and set, and the smallest step that matters.
struct FittedKey {
  const char* key;
  double (*get)(const EngineConfig&);
  void (*set)(EngineConfig&, double);
  double step, least;
};
#define LANEWISE_FITTED(name, member, step, least)                                                                 \
  {                                                                                                                \
    name, [](const EngineConfig& e) { return e.member; }, [](EngineConfig& e, double value) { e.member = value; }, \
        step, least                                                                                                \
  }
#define LANEWISE_FITTED_COUNT(name, member, step, least)                                           \
  {                                                                                                \
    name, [](const EngineConfig& e) { return as_double(e.member); },                               \
        [](EngineConfig& e, double value) { e.member = Cycles(std::llround(value)); }, step, least \
  }
const FittedKey kKeys[] = {
    LANEWISE_FITTED("engine.shortest_run_cycles", array.shortest_run, 0.5, 0.05),
    LANEWISE_FITTED("engine.run_overhead_cycles", array.run_overhead, 0.2, 0.02),
    LANEWISE_FITTED("dma.load_request_cycles", dma.load_request_time, 0.5, 0.05),
    LANEWISE_FITTED("dma.store_request_cycles", dma.store_request_time, 0.5, 0.05),
    LANEWISE_FITTED("cache.load_miss_cycles", cache.load_miss, 3, 0.25),
    LANEWISE_FITTED("cache.store_miss_cycles", cache.store_miss, 8, 1),
    LANEWISE_FITTED_COUNT("command.cycles_per_tile", command.per_tile, 150, 10),
    LANEWISE_FITTED_COUNT("command.cycles_per_pass", command.per_pass, 300, 20),
    {"dram.latency (ns)", [](const EngineConfig& e) { return e.dram.latency.count() * 1e9; },
     [](EngineConfig& e, double value) { e.dram.latency = Seconds(value * 1e-9); }, 20, 2},
};
#undef LANEWISE_FITTED
#undef LANEWISE_FITTED_COUNT
constexpr std::size_t kKeyCount = std::size(kKeys);
using Values = std::vector<double>;

struct Mechanism {
  const char* name;
  std::vector<engine::Override> off;  // the engine without it
  std::vector<std::size_t> without;   // fitted keys that mean nothing then
};
const std::vector<Mechanism>& mechanisms() {
  static const std::vector<Mechanism> all = {
      {"all of them", {}, {}},
      {"runs that end with a row, and their least cycles",
       {{"engine.run_pixels", "0"}, {"engine.shortest_run_cycles", "0"}, {"engine.run_overhead_cycles", "0"}},
       {0, 1}},
      {"requests of 64 B and less: whole bursts instead",
       {{"dma.load_request", "4096 B"},
        {"dma.store_request", "4096 B"},
        {"dma.load_request_cycles", "0"},
        {"dma.store_request_cycles", "0"}},
       {2, 3}},
      {"cost of a request", {{"dma.load_request_cycles", "0"}, {"dma.store_request_cycles", "0"}}, {2, 3}},
      {"cache: every line is there", {{"cache.load_miss_cycles", "0"}, {"cache.store_miss_cycles", "0"}}, {4, 5}},
      {"what an earlier run left in the cache", {{"cache.warm", "false"}}, {}},
      {"misses of stores", {{"cache.store_miss_cycles", "0"}}, {5}},
      {"scalar core: tiles cost nothing to issue", {{"command.cycles_per_tile", "0"}}, {6}},
      {"shadow loading of weights", {{"engine.weight_load_kernels_per_cycle", "4096"}}, {}},
  };
  return all;
}

// A row of either kind with its plan, whose transfers are kept apart by what fitted keys multiply.
struct Row {
  const study::LayerRow* layer = nullptr;
  EngineConfig engine;
  mapping::TilePlan requests, misses;
  std::size_t fold = 0;
};

mapping::TilePlan plan_at(const Row& row, double request, double miss) {
  EngineConfig e = row.engine;
  e.dma.load_request_time = e.dma.store_request_time = request;
  e.cache.load_miss = e.cache.store_miss = miss;
  if (miss == 0) e.cache.size = Bytes(0);  // which of them miss does not matter
  return mapping::plan_tiles(row.layer->subgraph.subgraph, e);
}

class Rows {
 public:
  Rows(const study::ValidationRows& file, const std::vector<engine::Override>& off) {
    const EngineConfig base = engine::load_engine(kEngine, off).config;
    std::map<std::string, std::size_t> shapes;
    for (const study::LayerRow& layer : file.layers) {
      Row row;
      row.layer = &layer;
      row.engine = study::row_engine(base, layer.subgraph, kRows);
      row.requests = plan_at(row, 1, 0);
      row.misses = plan_at(row, 0, 1);
      const auto shape = shapes.try_emplace(mapping::shape_key(layer.subgraph.subgraph.shape), shapes.size()).first;
      row.fold = shape->second % kFolds;
      rows.push_back(std::move(row));
    }
  }

  // Simulated over measured cycles, as a logarithm.
  double error(const Row& row, const std::vector<std::size_t>& keys, const Values& values) const {
    EngineConfig e = row.engine;
    for (std::size_t i = 0; i < keys.size(); ++i) kKeys[keys[i]].set(e, values[i]);
    mapping::TilePlan plan = row.requests;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      const mapping::TileStep &request = row.requests.steps[i], &miss = row.misses.steps[i];
      mapping::TileStep& step = plan.steps[i];
      const auto add = [](mapping::Transfer& to, const mapping::Transfer& requests, double each,
                          const mapping::Transfer& misses, double line) {
        to.request_cycles = each * requests.request_cycles + line * misses.request_cycles;
      };
      add(step.input_load, request.input_load, e.dma.load_request_time, miss.input_load, e.cache.load_miss);
      add(step.weight_load, request.weight_load, e.dma.load_request_time, miss.weight_load, e.cache.load_miss);
      add(step.store, request.store, e.dma.store_request_time, miss.store, e.cache.store_miss);
    }
    const double cycles = as_double(sim::simulate(plan, row.layer->subgraph.subgraph, e).latency);
    return std::log(cycles / static_cast<double>(row.layer->cycles));
  }

  std::vector<Row> rows;
};

bool is_given(const Row& row) { return row.layer->subgraph.subgraph.tiles.has_value(); }

// Fits to rows with given tiles for which `use` holds: which tiles a library chose is less sure.
Values fit(const Rows& rows, const std::vector<std::size_t>& keys, const std::function<bool(const Row&)>& use,
           Values start) {
  const auto cost = [&](const Values& values) {
    double sum = 0;
    int count = 0;
    for (const Row& row : rows.rows) {
      if (!is_given(row) || row.requests.steps.size() > kMostSteps || !use(row)) continue;
      sum += std::min(kFarOff, std::abs(rows.error(row, keys, values)));
      ++count;
    }
    return sum / std::max(1, count);
  };
  double best = cost(start);
  std::vector<double> steps;
  for (const std::size_t key : keys) steps.push_back(kKeys[key].step);
  // Key by key, up and down, with steps that halve where neither helps.
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      bool helped = false;
      for (const double sign : {1.0, -1.0}) {
        for (int tries = 0; tries < 3; ++tries) {
          Values tried = start;
          tried[i] = std::max(0.0, tried[i] + sign * steps[i]);
          if (tried[i] == start[i]) break;
          const double now = cost(tried);
          if (now >= best) break;
          best = now;
          start = tried;
          helped = true;
        }
        if (helped) break;
      }
      if (!helped) steps[i] = std::max(kKeys[keys[i]].least, steps[i] / 2);
    }
    std::fprintf(stderr, "  round %d: %.4f\n", round + 1, best);
  }
  return start;
}

Json statistics(std::vector<double> errors) {
  std::sort(errors.begin(), errors.end());
  double sum = 0;
  std::size_t within = 0;
  for (const double error : errors) {
    sum += error;
    if (error <= 10) ++within;
  }
  const double count = static_cast<double>(errors.size());
  return {{"rows", errors.size()},
          {"mape_percent", sum / count},
          {"median_percent", errors[errors.size() / 2]},
          {"worst_percent", errors.back()},
          {"within_10_percent", 100.0 * static_cast<double>(within) / count}};
}

Json left_out(const study::ValidationRows& file, const Mechanism& mechanism) {
  const Rows rows(file, mechanism.off);
  std::vector<std::size_t> keys;
  Values start;
  for (std::size_t key = 0; key < kKeyCount; ++key) {
    if (std::find(mechanism.without.begin(), mechanism.without.end(), key) != mechanism.without.end()) continue;
    keys.push_back(key);
    start.push_back(kKeys[key].get(rows.rows.front().engine));
  }
  std::vector<double> own, given, own_shipped, given_shipped;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::fprintf(stderr, "%s, fold %zu\n", mechanism.name, fold + 1);
    const Values values = fit(
        rows, keys, [&](const Row& row) { return row.fold != fold; }, start);
    for (const Row& row : rows.rows) {
      if (row.fold != fold) continue;
      const auto percent = [&](const Values& at) { return 100 * std::abs(std::expm1(rows.error(row, keys, at))); };
      (is_given(row) ? given : own).push_back(percent(values));
      (is_given(row) ? given_shipped : own_shipped).push_back(percent(start));
    }
  }
  return {{"mechanism", mechanism.name},
          {"fitted_keys", keys.size()},
          {"left_out", {{"this_mapping", statistics(given)}, {"own_tiling", statistics(own)}}},
          {"as_shipped", {{"this_mapping", statistics(given_shipped)}, {"own_tiling", statistics(own_shipped)}}}};
}

}  // namespace

int main(int argc, char**) {
  try {
    const study::ValidationRows file = study::read_validation_rows(kRows);
    if (argc > 1) {
      const Rows rows(file, {});
      std::vector<std::size_t> keys;
      Values start;
      for (std::size_t key = 0; key < kKeyCount; ++key) {
        keys.push_back(key);
        start.push_back(kKeys[key].get(rows.rows.front().engine));
      }
      const Values values = fit(
          rows, keys, [](const Row&) { return true; }, start);
      for (std::size_t i = 0; i < keys.size(); ++i) std::printf("%s %.6g\n", kKeys[i].key, values[i]);
      return 0;
    }
    Json out{{"tool_version", version()}, {"engine", kEngine}, {"rows", kRows}, {"folds_by_shape", kFolds}};
    out["mechanisms"] = Json::array();
    for (const Mechanism& mechanism : mechanisms()) {
      out["mechanisms"].push_back(left_out(file, mechanism));
      std::fprintf(stderr, "%s\n", out["mechanisms"].back().dump().c_str());
    }
    std::cout << out.dump(2) << "\n";
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gemmini_ablation: %s\n", error.what());
    return 1;
  }
}
