// SPDX-License-Identifier: Apache-2.0
#include "study/advice/pattern_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/network/rewrite.hpp"
#include "study/evaluation/answer.hpp"

namespace lanewise::study {
namespace {

// How far the network falls below its capacity; 0: not at all.
double shortfall(const nas::MovesFile& file, const nas::SettledMoves& settled) {
  return std::max(0.0, file.capacity_parameters - settled.parameters_share) +
         std::max(0.0, file.capacity_macs - settled.macs_share);
}

// Leaves patterns off, the least supported first, until the rest keeps the capacity or none would help.
void leave_off(const Patterns& patterns, const network::Graph& graph, const engine::EngineConfig& engine,
               PatternTrial& trial) {
  std::vector<std::size_t> order(patterns.patterns.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return patterns.patterns[a].support() < patterns.patterns[b].support();
  });
  for (const std::size_t i : order) {
    if (trial.settled.keeps_capacity) return;
    nas::MoveEntry& entry = trial.file.entries[i];
    if (!entry.take || entry.for_capacity == nas::ForCapacity::kAdds) continue;
    entry.take = false;
    nas::SettledMoves without = nas::settle_moves(trial.file, graph, engine);
    if (shortfall(trial.file, without) < shortfall(trial.file, trial.settled)) {
      trial.left_off.push_back(
          fmt::format("{}: with it the network keeps {:.1f} % of its parameters and {:.1f} % of "
                      "its MACs",
                      entry.name, 100 * trial.settled.parameters_share, 100 * trial.settled.macs_share));
      trial.settled = std::move(without);
    } else {
      entry.take = true;
    }
  }
}

}  // namespace

double PatternTrial::saved_percent() const {
  return before.latency_ms > 0 ? 100 * (1 - after.latency_ms / before.latency_ms) : 0;
}

PatternTrial try_patterns(const Patterns& patterns, const network::Graph& graph, const engine::EngineConfig& engine,
                          MeasurementSource& simulator) {
  PatternTrial trial;
  trial.network = graph.name();
  trial.engine = engine.name;
  trial.searched = patterns.knows(graph.name());
  trial.file = patterns.file();
  nas::MovesFile& file = trial.file;
  if (file.capacity_parameters == 0 && file.capacity_macs == 0) {
    file.capacity_parameters = file.capacity_macs = kTrialCapacity;
  }
  trial.capacity_parameters = file.capacity_parameters;
  trial.capacity_macs = file.capacity_macs;
  trial.settled = nas::settle_moves(file, graph, engine);
  leave_off(patterns, graph, engine, trial);
  const network::Graph moved =
      network::apply(graph, trial.settled.moves.moves_for(trial.settled.engine.array.parallelism_factor));
  trial.before = answer_one(graph, engine, simulator).total;
  trial.after = answer_one(moved, trial.settled.engine, simulator).total;
  return trial;
}

}  // namespace lanewise::study
