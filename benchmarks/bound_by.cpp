// SPDX-License-Identifier: Apache-2.0
// Whether the resource that a subgraph is said to be bound by is the one that helps. Every subgraph of the shipped
// networks is planned and simulated anew with each resource doubled; the named one must save most, or within 1 % of the
// latency as much as the best. Of each network and engine those subgraphs count that take 90 % of the time, the longest
// first. On the shipped engines, and on engines that are starved of one resource at a time: an eighth of it is left.
// Prints JSON; ends with status 1 if fewer than 95 % of the subgraphs of the shipped engines, or of the starved ones,
// are named rightly.
#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/shipped_networks.hpp"
#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/engine/resources.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/partition.hpp"
#include "estimator/analytical_gains.hpp"
#include "sim/simulate.hpp"

namespace {

using namespace lanewise;
using engine::Resource;
using Json = nlohmann::ordered_json;

constexpr double kShare = 0.9;       // of a network's time that counts
constexpr double kTolerance = 0.01;  // of the latency
constexpr double kGoal = 95;         // percent
constexpr double kLeft = 0.125;      // of a resource that an engine is starved of

// The engines that are starved; the others of their families differ in size alone.
const std::vector<std::string> kStarved = {"ne-256", "ne-1024", "nvdla-small", "neureka"};

// A subgraph, with how often the network has it.
struct Task {
  mapping::Subgraph subgraph;
  std::int64_t times = 0;
  record::Measurement measurement;
};

std::vector<Task> tasks_of(const network::Graph& graph, const engine::EngineConfig& engine) {
  std::map<std::string, Task> by_key;
  for (const mapping::Subgraph& subgraph : mapping::partition_with_memory(graph, engine).subgraphs) {
    Task& task = by_key[mapping::subgraph_key(subgraph)];
    if (++task.times == 1) task.subgraph = subgraph;
  }
  std::vector<Task> tasks;
  double all = 0;
  for (auto& [key, task] : by_key) {
    task.measurement = sim::simulate(task.subgraph, engine);
    all += as_double(task.measurement.latency) * static_cast<double>(task.times);
    tasks.push_back(std::move(task));
  }
  std::stable_sort(tasks.begin(), tasks.end(),
                   [](const Task& a, const Task& b) { return a.measurement.latency > b.measurement.latency; });
  double so_far = 0;
  std::size_t counted = 0;
  for (; counted < tasks.size() && so_far < kShare * all; ++counted) {
    so_far += as_double(tasks[counted].measurement.latency) * static_cast<double>(tasks[counted].times);
  }
  tasks.resize(counted);
  return tasks;
}

// Whether asking for more of the resource has a meaning for this subgraph.
bool applies(Resource resource, const Task& task, const engine::EngineConfig& engine) {
  return resource != Resource::kDepthwiseLanes || mapping::shares_lanes(task.subgraph.shape, engine);
}

// Shares of the latency that doubling each resource saves, planned anew; negative where it costs some.
engine::PerResource<double> saved(const Task& task, const engine::EngineConfig& engine) {
  engine::PerResource<double> out;
  for (const engine::ResourceName& name : engine::resource_names()) {
    out[name.resource] = -1;
    if (!applies(name.resource, task, engine)) continue;
    try {
      const record::Measurement m = sim::simulate(task.subgraph, engine::doubled(engine, name.resource));
      out[name.resource] = 1 - as_double(m.latency) / as_double(task.measurement.latency);
    } catch (const Error&) {  // the doubled engine is none that can be planned for
    }
  }
  return out;
}

struct Count {
  std::int64_t subgraphs = 0, right = 0, estimated_right = 0;
  double worst_missed = 0;  // share of the latency that the named resource saves less than the best
  std::map<std::string, std::int64_t> named, missed;

  void add(const Count& other) {
    subgraphs += other.subgraphs;
    right += other.right;
    estimated_right += other.estimated_right;
    worst_missed = std::max(worst_missed, other.worst_missed);
    for (const auto& [name, times] : other.named) named[name] += times;
    for (const auto& [name, times] : other.missed) missed[name] += times;
  }
  double percent() const {
    return subgraphs == 0 ? 100 : 100.0 * static_cast<double>(right) / static_cast<double>(subgraphs);
  }
  Json json() const {
    Json out = {{"subgraphs", subgraphs},
                {"named_rightly_percent", percent()},
                {"estimated_rightly_percent",
                 subgraphs == 0 ? 100 : 100.0 * static_cast<double>(estimated_right) / static_cast<double>(subgraphs)},
                {"worst_missed_percent_of_latency", 100 * worst_missed},
                {"named", named}};
    if (!missed.empty()) out["missed"] = missed;
    return out;
  }
};

double saved_by(const std::string& name, const engine::PerResource<double>& saved) {
  const std::optional<Resource> resource = engine::parse_resource(name);
  return resource ? saved[*resource] : 0.0;
}

Count count(const std::vector<network::Graph>& graphs, const engine::EngineConfig& engine) {
  Count out;
  const estimator::AnalyticalGains analytical(engine);
  for (const network::Graph& graph : graphs) {
    std::vector<Task> tasks;
    try {
      tasks = tasks_of(graph, engine);
    } catch (const Error&) {  // the engine cannot run the network
      continue;
    }
    for (const Task& task : tasks) {
      const engine::PerResource<double> gains = saved(task, engine);
      const auto best = std::max_element(gains.begin(), gains.end());
      const std::string& name = task.measurement.bound_by;
      const double missed = *best - saved_by(name, gains);
      out.subgraphs += task.times;
      out.named[name] += task.times;
      if (missed <= kTolerance) {
        out.right += task.times;
      } else {
        const auto helps = static_cast<std::size_t>(best - gains.begin());
        out.missed[name + " for " + engine::resource_names()[helps].text] += task.times;
      }
      out.worst_missed = std::max(out.worst_missed, missed);
      const std::string estimated = record::bound_by(analytical.of(task.subgraph));
      if (*best - saved_by(estimated, gains) <= kTolerance) out.estimated_right += task.times;
    }
  }
  return out;
}

// The engine with an eighth of a resource; of weight loading, which is slow already, the array is made eight times as
// large.
engine::EngineConfig starved(const engine::EngineConfig& engine, Resource resource) {
  if (resource != Resource::kWeightLoad || engine.array.weight_load_kernels_per_cycle > 1) {
    return engine::scaled(engine, resource, kLeft);
  }
  engine::EngineConfig large = engine;
  large.array.parallelism_factor *= 8;
  return large;
}

Json benchmark(bool& good) {
  const std::vector<network::Graph> graphs = shipped_networks();
  Json out;
  out["benchmark"] = "bound_by";
  out["tool_version"] = version();
  out["unit"] = "percent of the subgraphs that take 90 % of the time, each as often as its network has it";
  Count shipped, lopsided;
  Json engines, lean;
  for (const std::string& path : shipped_engines()) {
    const engine::EngineConfig engine = engine::load_engine(path).config;
    const Count one = count(graphs, engine);
    engines[engine.name] = one.json();
    shipped.add(one);
    if (std::find(kStarved.begin(), kStarved.end(), engine.name) == kStarved.end()) continue;
    for (const engine::ResourceName& name : engine::resource_names()) {
      const engine::EngineConfig lacks = starved(engine, name.resource);
      if (engine::engine_hash(lacks) == engine::engine_hash(engine)) continue;
      try {
        engine::with_overrides(lacks, {});
      } catch (const Error&) {  // it breaks a rule between keys
        continue;
      }
      const Count without = count(graphs, lacks);
      lean[engine.name][name.text] = without.json();
      lopsided.add(without);
    }
  }
  out["shipped"] = shipped.json();
  out["starved"] = lopsided.json();
  out["shipped_engines"] = engines;
  out["starved_engines"] = lean;
  good = shipped.percent() >= kGoal && lopsided.percent() >= kGoal;
  return out;
}

}  // namespace

int main() {
  try {
    bool good = false;
    std::cout << benchmark(good).dump(2) << "\n";
    return good ? 0 : 1;
  } catch (const Error& error) {
    std::cerr << "lanewise: error: " << error.what() << "\n";
    return 2;
  }
}
