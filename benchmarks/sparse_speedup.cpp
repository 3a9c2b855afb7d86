// SPDX-License-Identifier: Apache-2.0
// What 2:4 weights gain, simulated, beside the closed form of docs/engine/sparsity.md. Every subgraph with 2:4 weights
// of the shipped convolutional networks (`--prune 2:4`) is simulated with and without them, alone and in the same
// places, on the shipped engines of the families ne and nvdla with `sparsity.structured=2:4`, and without compression.
//
// Fixed before the first run:
//   The array binds where the simulation of the dense subgraph says so: `bound_by` is dot_product_array or
//   dot_product_lanes. DRAM binds where `bound_by` is dram.
//   The closed form of the speed-up is blocks of the dense / blocks of the sparse: ceil(C / L) / ceil(C / (L / 2 x 4))
//   for C input channels of a group on L lanes; taps and pixels cancel out. Where it is 1 the array gains nothing.
//   Error of the speed-up: simulated / closed form - 1. Gain: simulated speed-up - 1.
//
// Beside these, because `bound_by` names what would save most, not what takes all of the time:
//   all through   the array binds the sparse subgraph, too, and is busy for 95 % of the dense latency or more
//   busy array    the array's share of the time alone: closed form against its busy cycles with and without 2:4
//   less array    closed form of the latency: dense latency - busy cycles of the array x (1 - 1 / closed form)
//   roofline      the array's bound is the largest of both, by a quarter in the sparse subgraph (added after the first
//                 run, which showed that half of what the array binds is bound by something else once it is halved)
//   DRAM busy     DRAM binds, and bytes / bandwidth are 95 % of the dense latency or more
//   same bytes    the same, where both plans move the same bytes within 1 % (added after the first run: a faster array
//                 may allow a plan that loads less)
//
// Of whole networks: latencies with and without. Prints JSON. Ends with status 1 if the medians of the first two leave
// their goals, 2 %.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "benchmarks/shipped_networks.hpp"
#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/compression.hpp"
#include "sim/simulate.hpp"
#include "study/evaluation/answer.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr double kGoal = 2;           // percent
constexpr double kAllThrough = 0.95;  // of the latency

constexpr double kByFar = 1.25;
constexpr double kSameBytes = 0.01;

bool array_binds(const record::Measurement& m) {
  return m.bound_by == engine::to_string(engine::Resource::kDotProductArray) ||
         m.bound_by == engine::to_string(engine::Resource::kDotProductLanes);
}
bool dram_binds(const record::Measurement& m) { return m.bound_by == engine::to_string(engine::Resource::kDram); }

double busy(const record::Measurement& m, record::Unit unit) {
  for (const record::UnitTime& time : m.units) {
    if (time.unit == unit) return as_double(time.busy);
  }
  return 0;
}

// Signed percentages of some subgraphs.
class Distribution {
 public:
  void add(double percent) { percents_.push_back(percent); }
  void add(const Distribution& other) {
    percents_.insert(percents_.end(), other.percents_.begin(), other.percents_.end());
  }
  double median() const {
    if (percents_.empty()) return 0;
    std::vector<double> sorted = percents_;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
  Json json() const {
    if (percents_.empty()) return {{"rows", 0}};
    const auto size = [](double a, double b) { return std::abs(a) < std::abs(b); };
    const auto within = [](double percent) { return std::abs(percent) <= kGoal; };
    return {{"rows", percents_.size()},
            {"median_percent", median()},
            {"worst_percent", *std::max_element(percents_.begin(), percents_.end(), size)},
            {"within_2_percent_share",
             100.0 * static_cast<double>(std::count_if(percents_.begin(), percents_.end(), within)) /
                 static_cast<double>(percents_.size())}};
  }

 private:
  std::vector<double> percents_;
};

struct Figures {
  Distribution array_binds, all_through, busy_array, less_array, dram_binds, dram_busy, same_bytes, roofline,
      roofline_less_array;
  Distribution outside_array;  // where the array binds: share of the dense latency in which it is not busy
  Distribution speedup_of_networks;
  std::int64_t subgraphs = 0, no_gain = 0, bound_changes = 0;

  void add(const Figures& other) {
    array_binds.add(other.array_binds);
    all_through.add(other.all_through);
    busy_array.add(other.busy_array);
    less_array.add(other.less_array);
    dram_binds.add(other.dram_binds);
    dram_busy.add(other.dram_busy);
    same_bytes.add(other.same_bytes);
    roofline.add(other.roofline);
    roofline_less_array.add(other.roofline_less_array);
    outside_array.add(other.outside_array);
    speedup_of_networks.add(other.speedup_of_networks);
    subgraphs += other.subgraphs;
    no_gain += other.no_gain;
    bound_changes += other.bound_changes;
  }
  Json json() const {
    return {{"subgraphs", subgraphs},
            {"closed_form_is_1", no_gain},
            {"array_binds_error", array_binds.json()},
            {"array_binds_then_something_else", bound_changes},
            {"array_binds_time_outside_array", outside_array.json()},
            {"array_binds_all_through_error", all_through.json()},
            {"busy_array_error", busy_array.json()},
            {"less_array_error_of_latency", less_array.json()},
            {"roofline_is_array_error", roofline.json()},
            {"roofline_is_array_less_array_error_of_latency", roofline_less_array.json()},
            {"dram_binds_gain", dram_binds.json()},
            {"dram_busy_gain", dram_busy.json()},
            {"dram_busy_same_bytes_gain", same_bytes.json()},
            {"whole_networks_gain", speedup_of_networks.json()}};
  }
};

bool is_convolutional(const network::Graph& graph) {
  return graph.name().rfind("vit", 0) != 0 && graph.name().rfind("swin", 0) != 0;
}

// Whether the array's bound is so many times each other one.
bool array_is_roofline(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine, double times) {
  const mapping::Bounds b = mapping::bounds(subgraph, engine);
  const double others =
      std::max({b.post_cycles, b.dram_cycles, 2 * b.activation_cycles, b.weight_cycles, b.weight_load_cycles});
  return b.array_cycles >= times * others;
}

void compare(const mapping::Subgraph& sparse, const engine::EngineConfig& engine, Figures& figures) {
  mapping::Subgraph dense = sparse;
  dense.shape.weight_form = {};
  const record::Measurement before = sim::simulate(dense, engine), after = sim::simulate(sparse, engine);
  const double latency = as_double(before.latency), speedup = latency / as_double(after.latency);
  const double lanes = static_cast<double>(engine.array.dot_product_lanes);
  const double channels = static_cast<double>(sparse.shape.in_channels / sparse.shape.groups);
  const double closed = mapping::shares_lanes(sparse.shape, engine)
                            ? 1
                            : std::ceil(channels / lanes) / std::ceil(channels / (std::floor(lanes / 2) * 4));
  const double array = busy(before, record::Unit::kDotProductArray);
  ++figures.subgraphs;
  figures.no_gain += closed == 1 ? 1 : 0;
  if (array_binds(before)) {
    const double error = 100 * (speedup / closed - 1);
    figures.array_binds.add(error);
    figures.bound_changes += array_binds(after) ? 0 : 1;
    figures.outside_array.add(100 * (1 - array / latency));
    if (array_binds(after) && array >= kAllThrough * latency) figures.all_through.add(error);
    figures.busy_array.add(100 * (array / busy(after, record::Unit::kDotProductArray) / closed - 1));
    const double less_array = 100 * (as_double(after.latency) / (latency - array * (1 - 1 / closed)) - 1);
    figures.less_array.add(less_array);
    if (array_is_roofline(dense, engine, 1) && array_is_roofline(sparse, engine, kByFar)) {
      figures.roofline.add(error);
      figures.roofline_less_array.add(less_array);
    }
  }
  if (dram_binds(before)) {
    figures.dram_binds.add(100 * (speedup - 1));
    const double moving = as_double(before.dram_bytes()) / engine.dram_bandwidth().count();
    if (moving >= kAllThrough * latency) {
      figures.dram_busy.add(100 * (speedup - 1));
      const double bytes = as_double(after.dram_bytes()) / as_double(before.dram_bytes());
      if (std::abs(bytes - 1) <= kSameBytes) figures.same_bytes.add(100 * (speedup - 1));
    }
  }
}

Figures figures_of(const std::vector<network::Graph>& dense, const std::vector<network::Graph>& sparse,
                   const engine::EngineConfig& engine) {
  Figures figures;
  std::set<std::string> known;
  for (std::size_t n = 0; n < dense.size(); ++n) {
    try {
      const double before = static_cast<double>(study::simulate_network(dense[n], engine).total.latency_cycles);
      const double after = static_cast<double>(study::simulate_network(sparse[n], engine).total.latency_cycles);
      figures.speedup_of_networks.add(100 * (before / after - 1));
      for (const mapping::Subgraph& subgraph : mapping::partition_with_memory(sparse[n], engine).subgraphs) {
        if (!subgraph.shape.weight_form.structured() || !known.insert(mapping::subgraph_key(subgraph)).second) continue;
        compare(subgraph, engine, figures);
      }
    } catch (const Error&) {  // the engine cannot run the network
      continue;
    }
  }
  return figures;
}

Json benchmark(bool& good) {
  std::vector<network::Graph> dense, sparse;
  network::Compression pruned;
  pruned.prune = network::parse_prune("2:4");
  for (const network::Graph& graph : shipped_networks()) {
    if (!is_convolutional(graph)) continue;
    dense.push_back(graph);
    sparse.push_back(network::with_compression(graph, pruned));
  }
  Json out = {{"benchmark", "sparse_speedup"}, {"tool_version", version()}, {"networks", dense.size()}};
  Figures all;
  Json engines, families;
  for (const char* family : {"ne", "nvdla"}) {
    Figures of_family;
    for (const std::string& path : shipped_engines()) {
      const engine::EngineConfig engine = engine::load_engine(path, {{"sparsity.structured", "2:4"}}).config;
      if (engine.family != family) continue;
      const Figures one = figures_of(dense, sparse, engine);
      engines[engine.name] = one.json();
      of_family.add(one);
    }
    families[family] = of_family.json();
    all.add(of_family);
  }
  out["all"] = all.json();
  out["families"] = families;
  out["engines"] = engines;
  good = std::abs(all.array_binds.median()) <= kGoal && all.dram_binds.median() < kGoal;
  return out;
}

}  // namespace

int main() {
  try {
    bool good = false;
    std::cout << benchmark(good).dump(2) << "\n";
    return good ? 0 : 1;
  } catch (const lanewise::Error& error) {
    std::cerr << "lanewise: error: " << error.what() << "\n";
    return 2;
  }
}
