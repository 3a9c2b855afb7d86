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

// Indices of patterns, the least supported first.
std::vector<std::size_t> by_support(const Patterns& patterns) {
  std::vector<std::size_t> order(patterns.patterns.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return patterns.patterns[a].support() < patterns.patterns[b].support();
  });
  return order;
}

Totals simulate(const network::Graph& graph, const nas::SettledMoves& settled, MeasurementSource& simulator) {
  const network::Graph moved = network::apply(graph, settled.moves.moves_for(settled.engine.array.parallelism_factor));
  return answer_one(moved, settled.engine, simulator).total;
}

constexpr double kWorth = 0.001;  // of the latency: what is worth a change of the file

// Takes the file's state as it is where the network keeps its capacity and is faster by it.
bool take_if_faster(const network::Graph& graph, const engine::EngineConfig& engine, MeasurementSource& simulator,
                    PatternTrial& trial) {
  nas::SettledMoves settled = nas::settle_moves(trial.file, graph, engine);
  if (!settled.keeps_capacity && trial.settled.keeps_capacity) return false;
  const Totals totals = simulate(graph, settled, simulator);
  ++trial.simulated;
  if (totals.latency_ms >= trial.after.latency_ms * (1 - kWorth)) return false;
  trial.after = totals;
  trial.settled = std::move(settled);
  return true;
}

// Outside of what the searches covered nobody knows what a pattern is worth, so the simulator is asked: of all patterns
// together, as one may need another's parameters, and then of each, the best supported first.
void reach_further(const Patterns& patterns, const network::Graph& graph, const engine::EngineConfig& engine,
                   MeasurementSource& simulator, PatternTrial& trial) {
  std::vector<std::size_t> bounded;
  for (std::size_t i = 0; i < trial.file.entries.size(); ++i) {
    const nas::MoveEntry& entry = trial.file.entries[i];
    if (entry.take && !entry.within.empty()) bounded.push_back(i);
  }
  std::stable_sort(bounded.begin(), bounded.end(), [&](std::size_t a, std::size_t b) {
    return patterns.patterns[a].support() > patterns.patterns[b].support();
  });
  const std::vector<nas::MoveEntry> before = trial.file.entries;
  for (const std::size_t i : bounded) trial.file.entries[i].within = {};
  const bool together = !bounded.empty() && take_if_faster(graph, engine, simulator, trial);
  if (!together) trial.file.entries = before;
  for (const std::size_t i : bounded) {
    // What was opened together is closed again where that is better, and the other way round.
    nas::MoveEntry& entry = trial.file.entries[i];
    const nas::PlacePattern was = entry.within;
    entry.within = together ? before[i].within : nas::PlacePattern();
    if (!take_if_faster(graph, engine, simulator, trial)) entry.within = was;
  }
  for (const std::size_t i : bounded) {
    const nas::MoveEntry& entry = trial.file.entries[i];
    const auto& moves = trial.settled.moves.moves;
    const bool made = std::any_of(moves.begin(), moves.end(), [&](const nas::PlacedMove& m) { return m.entry == i; });
    if (entry.take && made && entry.within.empty()) trial.reached.push_back(entry.name);
  }
}

// Leaves patterns off without which the network is faster.
void leave_off_losers(const Patterns& patterns, const network::Graph& graph, const engine::EngineConfig& engine,
                      MeasurementSource& simulator, PatternTrial& trial) {
  for (const std::size_t i : by_support(patterns)) {
    const auto& moves = trial.settled.moves.moves;
    const bool made = std::any_of(moves.begin(), moves.end(), [&](const nas::PlacedMove& m) { return m.entry == i; });
    if (!made) continue;
    nas::MoveEntry& entry = trial.file.entries[i];
    entry.take = false;
    nas::SettledMoves without = nas::settle_moves(trial.file, graph, engine);
    bool faster = false;
    if (without.keeps_capacity || !trial.settled.keeps_capacity) {
      const Totals totals = simulate(graph, without, simulator);
      ++trial.simulated;
      faster = totals.latency_ms < trial.after.latency_ms * (1 - kWorth);
      if (faster) {
        trial.left_off.push_back(fmt::format("{}: with it the network takes {:.4g} ms, without it {:.4g} ms",
                                             entry.name, trial.after.latency_ms, totals.latency_ms));
        trial.after = totals;
        trial.settled = std::move(without);
      }
    }
    entry.take = !faster;
  }
}

// Leaves patterns off, the least supported first, until the rest keeps the capacity or none would help.
void leave_off(const Patterns& patterns, const network::Graph& graph, const engine::EngineConfig& engine,
               PatternTrial& trial) {
  for (const std::size_t i : by_support(patterns)) {
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

double PatternTrial::saved_by_all_percent() const {
  return before.latency_ms > 0 ? 100 * (1 - with_all.latency_ms / before.latency_ms) : 0;
}

double PatternTrial::saved_within_record_percent() const {
  return before.latency_ms > 0 ? 100 * (1 - within_record.latency_ms / before.latency_ms) : 0;
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
  trial.before = answer_one(graph, engine, simulator).total;
  trial.with_all = trial.after = simulate(graph, trial.settled, simulator);
  trial.simulated = 2;
  leave_off_losers(patterns, graph, engine, simulator, trial);
  trial.within_record = trial.after;
  reach_further(patterns, graph, engine, simulator, trial);
  return trial;
}

}  // namespace lanewise::study
