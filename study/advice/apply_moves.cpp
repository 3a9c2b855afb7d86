// SPDX-License-Identifier: Apache-2.0
#include "study/advice/apply_moves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.hpp"
#include "nas/moves/settle.hpp"
#include "study/evaluation/answer.hpp"

namespace lanewise::study {
namespace {

// What needs an engine where none was given.
void require_engine(const nas::MovesFile& file, const nas::ResolvedMoves& resolved) {
  for (const nas::MoveEntry& entry : file.entries) {
    const std::string at = fmt::format("{}:{}: entry 'moves.{}': ", file.path, entry.line, entry.name);
    if (!entry.on.empty() && (entry.take || entry.veto))
      throw Error(fmt::format("{}is for {}: give --hw", at, nas::to_text(entry.on)));
    if (entry.take && entry.for_capacity != nas::ForCapacity::kNothing) {
      throw Error(at + "how far it is made depends on what follows the engine's parallelism factor: give --hw");
    }
  }
  for (const nas::PlacedMove& move : resolved.moves) {
    const nas::MoveEntry& entry = file.entries[move.entry];
    const std::string at = fmt::format("{}:{}: entry 'moves.{}': ", file.path, entry.line, entry.name);
    if (move.move == "engine") throw Error(fmt::format("{}{} is a key of an engine: give --hw", at, move.place));
    if (move.value == "aligned" || move.value == "lanes") {
      throw Error(fmt::format("{}'{}' follows the engine's parallelism factor: give --hw", at, move.value));
    }
  }
}

}  // namespace

AppliedMoves apply_moves(const nas::MovesFile& file, const network::Graph& graph, const engine::EngineConfig* engine,
                         MeasurementSource* simulator) {
  AppliedMoves out;
  if (engine == nullptr) {
    out.resolved = nas::resolve_moves(file, graph);
    require_engine(file, out.resolved);
  } else {
    nas::SettledMoves settled = nas::settle_moves(file, graph, *engine);
    out.resolved = std::move(settled.moves);
    out.engine = std::move(settled.engine);
    out.widened = std::move(settled.widened);
  }
  const std::int64_t parallelism = out.engine ? out.engine->array.parallelism_factor : 1;
  out.macs_before = network::macs(graph);
  out.parameters_before = network::parameters(graph);
  // Entry by entry: the moves of the first, of the first two, and so on.
  nas::ResolvedMoves so_far = out.resolved;
  so_far.moves.clear();
  for (std::size_t i = 0; i < file.entries.size(); ++i) {
    const nas::MoveEntry& entry = file.entries[i];
    out.vetoed += entry.veto ? 1 : 0;
    out.not_taken += !entry.veto && !entry.take ? 1 : 0;
    if (entry.veto || !entry.take) continue;
    AppliedEntry applied;
    applied.entry = i;
    for (const nas::PlacedMove& move : out.resolved.moves) {
      if (move.entry != i) continue;
      so_far.moves.push_back(move);
      applied.places.push_back(move.place);
    }
    for (const nas::SkippedMove& skipped : out.resolved.skipped) {
      if (skipped.entry == i) applied.skipped.push_back(skipped);
    }
    const network::Graph partly = network::apply(graph, so_far.moves_for(parallelism));
    applied.macs = network::macs(partly);
    applied.parameters = network::parameters(partly);
    out.entries.push_back(std::move(applied));
  }
  out.graph = network::apply(graph, out.resolved.moves_for(parallelism));
  const auto share = [](std::int64_t after, std::int64_t before) {
    return static_cast<double>(after) / static_cast<double>(std::max<std::int64_t>(1, before));
  };
  out.keeps_capacity = share(network::parameters(out.graph), out.parameters_before) >= file.capacity_parameters &&
                       share(network::macs(out.graph), out.macs_before) >= file.capacity_macs;
  if (engine != nullptr && simulator != nullptr) {
    out.before = answer_one(graph, *engine, *simulator).total;
    out.after = answer_one(out.graph, *out.engine, *simulator).total;
  }
  return out;
}

}  // namespace lanewise::study
