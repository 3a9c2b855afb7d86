// SPDX-License-Identifier: Apache-2.0
// Random layers on every shipped engine and on the same engine with twice or half of one resource, each planned for its
// own engine: how often more of a resource makes a layer slower, or less of it faster, and by how much. Prints JSON.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "benchmarks/random_layers.hpp"
#include "benchmarks/shipped_networks.hpp"
#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "sim/simulate.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kLayersOfMainEngine = 5000, kLayers = 2000;
constexpr double kListed = 2.0;          // percent
constexpr std::size_t kMostListed = 20;  // of a resource, the worst first

// Keys that change together; those of `less` are better where they are smaller.
struct Resource {
  std::string name;
  std::vector<std::string> more, less;
};

const std::vector<Resource> kOfTiles = {
    {"DRAM bandwidth", {"dram.bandwidth"}, {}},
    {"DRAM latency", {}, {"dram.latency"}},
    {"outstanding requests", {"dram.outstanding_requests"}, {}},
    {"transfer set-up", {}, {"dma.setup_cycles"}},
    {"transfers in flight", {"dma.transfers_in_flight"}, {}},
    {"dot-product lanes", {"engine.dot_product_lanes"}, {}},
    {"weight loading", {"engine.weight_load_kernels_per_cycle"}, {}},
    {"pipeline latency", {}, {"engine.pipeline_latency_cycles"}},
    {"activation banks", {"memory.activation_banks"}, {}},
    {"weight banks", {"memory.weight_banks"}, {}},
    {"bank size", {"memory.bank_size"}, {}},
    {"bank bandwidth", {"memory.bank_bandwidth"}, {}},
    {"accumulators", {"accumulators.size"}, {}},
    {"post-processor", {"post_processing.width"}, {}},
    {"tile commands", {}, {"command.cycles_per_tile"}},
    // Dot products alone make each weight load and each drained atom longer.
    {"dot products",
     {"engine.parallelism_factor", "engine.weight_load_kernels_per_cycle", "post_processing.width",
      "accumulators.size"},
     {}},
};
const std::vector<Resource> kOfStreams = {
    {"read interval", {}, {"dram.read_interval_cycles"}},
    {"write interval", {}, {"dram.write_interval_cycles"}},
    {"DRAM latency", {}, {"dram.latency"}},
    {"outstanding beats", {"dram.outstanding_beats"}, {}},
    {"dot-product lanes", {"engine.dot_product_lanes", "memory.bank_bandwidth"}, {}},
    {"activation banks", {"memory.activation_banks"}, {}},
    {"weight banks", {"memory.weight_banks"}, {}},
    {"accumulators", {"accumulators.size"}, {}},
    {"post-processor", {"post_processing.width"}, {}},
};

// "3.2 GB/s" times a factor; empty where a whole number would not stay one.
std::string scaled(const std::string& text, double factor) {
  std::size_t digits = 0;
  const double value = std::stod(text, &digits) * factor;
  const std::string unit = text.substr(digits);
  if (text.find('.') == std::string::npos && unit.empty() && value != static_cast<double>(static_cast<long>(value))) {
    return "";
  }
  std::string number = std::to_string(value);
  number.erase(number.find_last_not_of('0') + 1);
  if (number.back() == '.') number.pop_back();
  return number + unit;
}

std::vector<engine::Override> overrides(const engine::EngineConfig& base, const Resource& resource, double factor) {
  std::vector<engine::Override> out;
  const auto add = [&](const std::string& key, double by) {
    const std::string text = scaled(engine::value_text(base, key), by);
    if (text.empty()) throw Error("half of " + key + " is no whole number");
    out.push_back({key, text});
  };
  for (const std::string& key : resource.more) add(key, factor);
  for (const std::string& key : resource.less) add(key, 1 / factor);
  return out;
}

struct Case {
  double percent = 0;
  std::uint64_t layer = 0;
  std::int64_t cycles = 0, cycles_changed = 0;
};

Json compare(const engine::EngineConfig& base, const std::vector<std::int64_t>& cycles, const Resource& resource,
             double factor) {
  Json row{{"resource", resource.name}, {"times", factor}};
  engine::EngineConfig changed;
  try {
    const std::vector<engine::Override> changes = overrides(base, resource, factor);
    for (const engine::Override& change : changes) row["changed"][change.key] = change.value;
    changed = engine::with_overrides(base, changes);
  } catch (const Error& error) {
    row["no_such_engine"] = error.what();
    return row;
  }
  int both = 0;
  std::vector<Case> wrong;
  double worst = 0;
  int wrong_way = 0;
  for (std::uint64_t number = 0; number < cycles.size(); ++number) {
    if (cycles[number] < 0) continue;
    Case c{0, number, cycles[number], 0};
    try {
      c.cycles_changed = sim::simulate(random_layer(number), changed).latency.count();
    } catch (const Error&) {
      continue;  // too small a memory for this layer
    }
    ++both;
    // With twice: how much slower; with half: how much faster.
    const double ratio = factor > 1 ? static_cast<double>(c.cycles_changed) / static_cast<double>(c.cycles)
                                    : static_cast<double>(c.cycles) / static_cast<double>(c.cycles_changed);
    c.percent = 100.0 * (ratio - 1.0);
    if (c.percent > 0) ++wrong_way;
    worst = std::max(worst, c.percent);
    if (c.percent > kListed) wrong.push_back(c);
  }
  std::stable_sort(wrong.begin(), wrong.end(), [](const Case& a, const Case& b) { return a.percent > b.percent; });
  row["layers"] = both;
  row["wrong_way"] = wrong_way;
  row["worst_percent"] = worst;
  row["over_2_percent"] = wrong.size();
  row["listed"] = Json::array();
  if (!wrong.empty()) {
    row["cause"] = base.streams()
                       ? "an input in one cube is loaded whole before computing begins; of several cubes one "
                         "computes while the next comes"
                       : "of more or other choices of tiles the estimate brings others to the list scheduler";
  }
  if (wrong.size() > kMostListed) wrong.resize(kMostListed);
  for (const Case& c : wrong) {
    row["listed"].push_back({{"layer", mapping::subgraph_key(random_layer(c.layer))},
                             {"cycles", c.cycles},
                             {"cycles_changed", c.cycles_changed},
                             {"percent", c.percent}});
  }
  return row;
}

}  // namespace

int main(int argc, char** argv) {
  Json result;
  result["benchmark"] = "monotonicity";
  result["tool_version"] = version();
  result["unit"] =
      "layers that twice a resource makes slower or half of it faster, each planned for its engine; percent";
  std::vector<std::string> engines;
  for (const std::string& path : shipped_engines()) engines.push_back(std::filesystem::path(path).stem().string());
  if (argc > 1) engines.assign(argv + 1, argv + argc);
  std::uint64_t over = 0;
  for (const std::string& name : engines) {
    const engine::EngineConfig base = engine::load_engine("hwconfigs/" + name + ".yaml").config;
    const std::uint64_t count = name == "ne-256" ? kLayersOfMainEngine : kLayers;
    std::vector<std::int64_t> cycles;
    for (std::uint64_t number = 0; number < count; ++number) {
      try {
        cycles.push_back(sim::simulate(random_layer(number), base).latency.count());
      } catch (const Error&) {
        cycles.push_back(-1);
      }
    }
    Json rows = Json::array();
    for (const Resource& resource : base.streams() ? kOfStreams : kOfTiles) {
      for (const double factor : {2.0, 0.5}) {
        rows.push_back(compare(base, cycles, resource, factor));
        over += rows.back().value("over_2_percent", std::uint64_t{0});
      }
    }
    result["engines"][name] = rows;
  }
  result["over_2_percent"] = over;
  std::cout << result.dump(2) << "\n";
}
