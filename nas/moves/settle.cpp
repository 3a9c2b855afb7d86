// SPDX-License-Identifier: Apache-2.0
#include "nas/moves/settle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/network/rewrite.hpp"
#include "nas/moves/move_values.hpp"

namespace lanewise::nas {
namespace {

constexpr double kMultiplierSteps = 40;  // to 1

std::int64_t array_of(const engine::EngineConfig& engine) {
  return engine.array.parallelism_factor * engine.array.dot_product_lanes;
}

class Settler {
 public:
  Settler(const MovesFile& file, const network::Graph& graph, const engine::EngineConfig& engine)
      : file_(file), graph_(graph), engine_(engine) {
    leave_out_other_engines();
    out_.moves = resolve_moves(file_, graph);
    out_.engine = engine::with_overrides(engine, out_.moves.engine_overrides());
  }

  SettledMoves settle() && {
    std::vector<PlacedMove> adds = take_out_adds();
    measure();
    for (const PlacedMove& move : adds) {
      if (out_.keeps_capacity) {
        out_.moves.skipped.push_back({move.entry, move.place, "is not needed for the capacity"});
        continue;
      }
      out_.moves.moves.push_back(move);
      measure();
    }
    for (std::size_t i = out_.moves.moves.size(); i > 0 && !out_.keeps_capacity; --i) {
      const PlacedMove& move = out_.moves.moves[i - 1];
      if (file_.entries[move.entry].for_capacity == ForCapacity::kYields) yield(i - 1);
    }
    const auto by_entry = [](const auto& a, const auto& b) { return a.entry < b.entry; };
    std::stable_sort(out_.moves.moves.begin(), out_.moves.moves.end(), by_entry);
    std::stable_sort(out_.moves.skipped.begin(), out_.moves.skipped.end(), by_entry);
    out_.moves.skipped.insert(out_.moves.skipped.end(), elsewhere_.begin(), elsewhere_.end());
    std::stable_sort(out_.moves.skipped.begin(), out_.moves.skipped.end(), by_entry);
    return std::move(out_);
  }

 private:
  MovesFile file_;
  const network::Graph& graph_;
  const engine::EngineConfig& engine_;
  SettledMoves out_;
  std::vector<SkippedMove> elsewhere_;  // entries for other engines
  double parameters_ = 0, macs_ = 0;    // of the network as it is; 0: not counted yet

  void leave_out_other_engines() {
    for (std::size_t i = 0; i < file_.entries.size(); ++i) {
      MoveEntry& entry = file_.entries[i];
      if ((!entry.take && !entry.veto) || is_for(entry.on, engine_)) continue;
      entry.take = entry.veto = false;
      elsewhere_.push_back({i, "", fmt::format("is for {}", to_text(entry.on))});
    }
  }

  std::vector<PlacedMove> take_out_adds() {
    std::vector<PlacedMove> kept, adds;
    for (const PlacedMove& move : out_.moves.moves) {
      const bool added = file_.entries[move.entry].for_capacity == ForCapacity::kAdds;
      (added ? adds : kept).push_back(move);
    }
    out_.moves.moves = std::move(kept);
    std::reverse(adds.begin(), adds.end());
    std::stable_sort(adds.begin(), adds.end(),
                     [](const PlacedMove& a, const PlacedMove& b) { return a.entry < b.entry; });
    return adds;
  }

  void measure() {
    if (parameters_ == 0) {
      parameters_ = std::max(1.0, static_cast<double>(network::parameters(graph_)));
      macs_ = std::max(1.0, static_cast<double>(network::macs(graph_)));
    }
    const network::Graph moved = network::apply(graph_, out_.moves.moves_for(out_.engine.array.parallelism_factor));
    out_.parameters_share = static_cast<double>(network::parameters(moved)) / parameters_;
    out_.macs_share = static_cast<double>(network::macs(moved)) / macs_;
    out_.keeps_capacity = out_.parameters_share >= file_.capacity_parameters && out_.macs_share >= file_.capacity_macs;
  }

  // Takes a move back until the capacity is there; leaves nothing of it where that is not enough.
  void yield(std::size_t index) {
    std::vector<PlacedMove>& moves = out_.moves.moves;
    const PlacedMove given = moves[index];
    const double least = number_of(given.value, 0, 8).value_or(1);
    const bool multiplies = given.move == "depth_multiplier" && least < 1;
    for (double step = std::floor(least * kMultiplierSteps + 1e-9) + 1; multiplies && step < kMultiplierSteps; ++step) {
      moves[index].value = fmt::format("{:.10g}", step / kMultiplierSteps);
      measure();
      if (!out_.keeps_capacity) continue;
      out_.widened.push_back(fmt::format("{}: {} in place of {}", given.place, moves[index].value, given.value));
      return;
    }
    moves.erase(moves.begin() + static_cast<std::ptrdiff_t>(index));
    out_.moves.skipped.push_back({given.entry, given.place, "is taken back for the capacity"});
    measure();
  }
};

}  // namespace

bool is_for(const EnginePattern& pattern, const engine::EngineConfig& engine) {
  const auto& families = pattern.families;
  if (!families.empty() && std::find(families.begin(), families.end(), engine.family) == families.end()) return false;
  return (!pattern.array_from || array_of(engine) >= *pattern.array_from) &&
         (!pattern.array_to || array_of(engine) <= *pattern.array_to);
}

std::string to_text(const EnginePattern& pattern) {
  if (pattern.empty()) return "";
  std::string text = "engines";
  if (!pattern.families.empty()) text += fmt::format(" of the family {}", fmt::join(pattern.families, " or "));
  if (pattern.array_from && pattern.array_to) {
    return text + fmt::format(" with {} to {} MACs a cycle", *pattern.array_from, *pattern.array_to);
  }
  if (pattern.array_from) text += fmt::format(" with at least {} MACs a cycle", *pattern.array_from);
  if (pattern.array_to) text += fmt::format(" with at most {} MACs a cycle", *pattern.array_to);
  return text;
}

SettledMoves settle_moves(const MovesFile& file, const network::Graph& graph, const engine::EngineConfig& engine) {
  return Settler(file, graph, engine).settle();
}

}  // namespace lanewise::nas
