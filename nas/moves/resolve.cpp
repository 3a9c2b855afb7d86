// SPDX-License-Identifier: Apache-2.0
#include "nas/moves/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/engine/suggestion.hpp"
#include "nas/moves/move_values.hpp"
#include "nas/moves/places.hpp"
#include "nas/space/gene_text.hpp"
#include "nas/space/move_space.hpp"

namespace lanewise::nas {
namespace {

using network::OperatorId;

std::string of_place(const std::string& move, const std::string& place) {
  return place.empty() ? move : fmt::format("{} {}", move, place);
}

class Resolver {
 public:
  Resolver(const MovesFile& file, const network::Graph& graph) : file_(file), graph_(graph) {
    out_.sites = network::find_move_sites(graph);
    places_ = places_of(graph, out_.sites);
  }

  // What is named goes before what is a pattern, and of each what stands first.
  ResolvedMoves resolve() && {
    for (const bool pattern : {false, true}) {
      for (std::size_t i = 0; i < file_.entries.size(); ++i) {
        if (file_.entries[i].veto && file_.entries[i].is_pattern() == pattern) veto(i);
      }
    }
    for (const bool pattern : {false, true}) {
      for (std::size_t i = 0; i < file_.entries.size(); ++i) {
        const MoveEntry& entry = file_.entries[i];
        if (entry.take && !entry.veto && entry.is_pattern() == pattern) take(i);
      }
    }
    std::stable_sort(out_.moves.begin(), out_.moves.end(),
                     [](const PlacedMove& a, const PlacedMove& b) { return a.entry < b.entry; });
    std::stable_sort(out_.skipped.begin(), out_.skipped.end(),
                     [](const SkippedMove& a, const SkippedMove& b) { return a.entry < b.entry; });
    return std::move(out_);
  }

 private:
  const MovesFile& file_;
  const network::Graph& graph_;
  std::vector<MovePlace> places_;
  ResolvedMoves out_;

  [[noreturn]] void fail(const MoveEntry& entry, const std::string& rule) const {
    const std::string at = entry.line > 0 ? fmt::format("{}:{}: ", file_.path, entry.line) : "";
    throw Error(fmt::format("{}entry 'moves.{}': {}", at, entry.name, rule));
  }

  // Why the network has no such place.
  std::string missing(const std::string& move, const std::string& place) const {
    for (const network::MoveLeftOut& left : out_.sites.left_out) {
      if (left.move == move && left.place.substr(0, left.place.find(' ')) == place) {
        return place.empty() ? fmt::format("{} does not allow '{}': {}", graph_.name(), move, left.reason)
                             : fmt::format("place '{}': {} does not allow '{}' there: {}", place, graph_.name(), move,
                                           left.reason);
      }
    }
    std::vector<std::string> known;
    for (const MovePlace& other : places_) {
      if (other.move == move) known.push_back(other.place);
    }
    if (is_of_whole_network(move)) return fmt::format("{} has nothing that '{}' could change", graph_.name(), move);
    if (known.empty()) return fmt::format("place '{}': {} has no place for '{}'", place, graph_.name(), move);
    return fmt::format("place '{}': {} has no such place for '{}': must be one of {}{}", place, graph_.name(), move,
                       some_of(known), engine::suggestion(place, known));
  }

  // The places that an entry speaks of; throws where it names one that is not there.
  std::vector<const MovePlace*> places_for(const MoveEntry& entry) const {
    std::vector<const MovePlace*> found;
    const auto add = [&](const auto& fits) {
      for (const MovePlace& place : places_) {
        if (place.move == entry.move && fits(place)) found.push_back(&place);
      }
    };
    if (entry.is_pattern()) {
      add([&](const MovePlace& place) { return matches(entry.where, place) && matches(entry.within, place); });
      return found;
    }
    const std::vector<std::string> whole = {""};
    for (const std::string& name : entry.places.empty() ? whole : entry.places) {
      const std::size_t before = found.size();
      add([&](const MovePlace& place) { return place.place == name; });
      if (found.size() == before) fail(entry, missing(entry.move, name));
    }
    return found;
  }

  void veto(std::size_t index) {
    const MoveEntry& entry = file_.entries[index];
    if (entry.move == kEngineMove) {
      for (const std::string& key : entry.places) out_.vetoed.push_back({index, entry.move, key, entry.value});
      return;
    }
    for (const MovePlace* place : places_for(entry)) {
      out_.vetoed.push_back({index, entry.move, place->place, entry.value});
    }
  }

  void take(std::size_t index) {
    const MoveEntry& entry = file_.entries[index];
    if (entry.move == kEngineMove) {
      for (const std::string& key : entry.places) add({index, entry.move, key, entry.value}, false);
      return;
    }
    const std::vector<const MovePlace*> places = places_for(entry);
    if (!skip_outside(index) && places.empty()) {
      out_.skipped.push_back({index, "", fmt::format("matches nothing of {}", graph_.name())});
    }
    for (const MovePlace* place : places) {
      if (changes_nothing(entry, *place)) {
        out_.skipped.push_back({index, place->place, fmt::format("is {} already", entry.value)});
        continue;
      }
      const std::string refused = cannot_take(entry, *place);
      if (!refused.empty() && !entry.is_pattern()) {
        fail(entry, fmt::format("{}: {}", of_place(entry.move, place->place), refused));
      }
      if (refused.empty()) {
        add({index, entry.move, place->place, entry.value}, entry.is_pattern());
      } else {
        out_.skipped.push_back({index, place->place, refused});
      }
    }
  }

  // Places that a pattern means and that lie outside of what it is known to hold for; whether there are any.
  bool skip_outside(std::size_t index) {
    const MoveEntry& entry = file_.entries[index];
    bool any = false;
    for (const MovePlace& place : places_) {
      if (!entry.is_pattern() || place.move != entry.move || !matches(entry.where, place)) continue;
      const std::string reason = outside(entry.within, place);
      if (reason.empty()) continue;
      out_.skipped.push_back({index, place.place, reason});
      any = true;
    }
    return any;
  }

  bool changes_nothing(const MoveEntry& entry, const MovePlace& place) const {
    if (entry.move == "kernel") return entry.value == fmt::format("{}", place.kernel);
    if (entry.move == "depth_multiplier" || entry.move == "output_resolution") {
      return number_of(entry.value, 0, 8) == 1.0;
    }
    if (entry.move != "input_resolution") return false;
    const auto [height, width] = input_size(entry.value);
    return height == out_.sites.input_height && width == out_.sites.input_width;
  }

  std::pair<std::int64_t, std::int64_t> input_size(const std::string& value) const {
    if (const auto size = size_of(value)) return *size;
    const double share = number_of(value, 0, 1).value_or(1);
    return {edge_at(out_.sites.input_height, share), edge_at(out_.sites.input_width, share)};
  }

  // Why the place cannot take the value; "" where it can.
  static std::string cannot_take(const MoveEntry& entry, const MovePlace& place) {
    if (entry.move == "drop") {
      const std::int64_t wanted = whole_of(entry.value, 1, 1000000).value_or(0);
      if (wanted > place.most) return fmt::format("{} of {} blocks cannot go", wanted, place.most);
    }
    if (entry.move == "groups") {
      const auto wanted = whole_of(entry.value, 1, 1000000);
      if (wanted && (*wanted >= place.most || place.most % *wanted != 0)) {
        return fmt::format("{} does not divide the {} channels into groups", *wanted, place.most);
      }
    }
    return "";
  }

  // The blocks' operators that a drop takes away.
  std::set<OperatorId> gone_with(const PlacedMove& move) const {
    std::set<OperatorId> gone;
    if (move.move != "drop") return gone;
    const auto run = std::find_if(out_.sites.runs.begin(), out_.sites.runs.end(),
                                  [&](const network::RepeatRun& r) { return r.name == move.place; });
    const auto count = static_cast<std::size_t>(whole_of(move.value, 1, 1000000).value_or(0));
    for (std::size_t n = 0; n < count; ++n) {
      const network::Repeat& repeat = run->repeats[run->repeats.size() - 1 - n];
      gone.insert(repeat.operators.begin(), repeat.operators.end());
    }
    return gone;
  }

  // The layer that a move changes; kNone where it changes more than one.
  OperatorId layer_of(const PlacedMove& move) const {
    const auto named = [&](const auto& sites) {
      const auto found = std::find_if(sites.begin(), sites.end(), [&](const auto& s) { return s.name == move.place; });
      return found == sites.end() ? network::kNone : found->op;
    };
    if (move.move == "kernel") return named(out_.sites.kernels);
    if (move.move == "groups") return named(out_.sites.groups);
    if (move.move != "fuse") return network::kNone;
    for (const network::FusionSite& site : out_.sites.fusions) {
      if (site.block == move.place) return site.depthwise;
    }
    return network::kNone;
  }

  // Why `later` cannot stand beside `earlier`; "" where it can.
  std::string clash(const PlacedMove& earlier, const PlacedMove& later) const {
    const std::string by = file_.entries[earlier.entry].name;
    if (earlier.move == later.move && earlier.place == later.place) {
      return earlier.value == later.value ? fmt::format("is said by entry '{}' already", by)
                                          : fmt::format("entry '{}' sets it to {}", by, earlier.value);
    }
    if (earlier.move == kEngineMove || later.move == kEngineMove) return "";
    const OperatorId one = layer_of(earlier), other = layer_of(later);
    const bool fused_groups =
        (earlier.move == "fuse" && later.move == "groups") || (earlier.move == "groups" && later.move == "fuse");
    if (fused_groups && one == other) {
      return fmt::format("a fused block has no groups, and entry '{}' sets {}", by,
                         of_place(earlier.move, earlier.place));
    }
    if (gone_with(earlier).count(other) > 0) return fmt::format("it goes with the blocks that entry '{}' drops", by);
    if (gone_with(later).count(one) > 0) {
      return fmt::format("it drops the block in which entry '{}' sets {}", by, of_place(earlier.move, earlier.place));
    }
    return "";
  }

  void add(PlacedMove move, bool by_pattern) {
    const MoveEntry& entry = file_.entries[move.entry];
    std::string reason;
    bool same = false;
    for (const PlacedMove& veto : out_.vetoed) {
      const bool hit =
          veto.move == move.move && veto.place == move.place && (veto.value.empty() || veto.value == move.value);
      if (hit) reason = fmt::format("is vetoed by entry '{}'", file_.entries[veto.entry].name);
    }
    for (const PlacedMove& earlier : out_.moves) {
      if (!reason.empty()) break;
      reason = clash(earlier, move);
      same = earlier.move == move.move && earlier.place == move.place && earlier.value == move.value;
    }
    if (reason.empty()) {
      out_.moves.push_back(std::move(move));
    } else if (by_pattern || same) {
      out_.skipped.push_back({move.entry, move.place, reason});
    } else {
      fail(entry, fmt::format("{}: {}", of_place(move.move, move.place), reason));
    }
  }
};

template <class Entries, class Sites, class Name>
auto& slot(Entries& entries, const Sites& sites, const std::string& place, typename Entries::value_type otherwise,
           Name name) {
  if (entries.empty()) entries.assign(sites.size(), otherwise);
  const auto found = std::find_if(sites.begin(), sites.end(), [&](const auto& site) { return name(site) == place; });
  if (found == sites.end()) throw InternalError("a resolved move has no place");
  return entries[static_cast<std::size_t>(found - sites.begin())];
}

}  // namespace

std::vector<engine::Override> ResolvedMoves::engine_overrides() const {
  std::vector<engine::Override> changes;
  for (const PlacedMove& move : moves) {
    if (move.move == kEngineMove) changes.push_back({move.place, move.value, "--moves"});
  }
  return changes;
}

bool ResolvedMoves::reads_parallelism() const {
  return std::any_of(moves.begin(), moves.end(), [](const PlacedMove& move) {
    return (move.move == "channels" && move.value == kAligned) || (move.move == "groups" && move.value == kLanes);
  });
}

bool ResolvedMoves::is_vetoed(const std::string& move, const std::string& place, const std::string& value) const {
  return std::any_of(vetoed.begin(), vetoed.end(), [&](const PlacedMove& veto) {
    return veto.move == move && veto.place == place && (veto.value.empty() || veto.value == value);
  });
}

network::Moves ResolvedMoves::moves_for(std::int64_t parallelism) const {
  network::Moves out;
  const auto by_name = [](const auto& site) { return site.name; };
  const auto whole = [](const std::string& value) { return whole_of(value, 1, 1000000).value_or(1); };
  for (const PlacedMove& move : moves) {
    if (move.move == "fuse") {
      // A vector of bool has no references to its elements.
      if (out.fuse.empty()) out.fuse.assign(sites.fusions.size(), false);
      for (std::size_t i = 0; i < sites.fusions.size(); ++i) {
        if (sites.fusions[i].block == move.place) out.fuse[i] = true;
      }
    } else if (move.move == "depth_multiplier") {
      slot(out.depth_multiplier, sites.stages, move.place, 1.0, by_name) = number_of(move.value, 0, 8).value_or(1);
    } else if (move.move == "channels") {
      out.channel_multiple = move.value == kAligned ? parallelism : move.value == kEven ? 2 : whole(move.value);
    } else if (move.move == "kernel") {
      slot(out.kernel, sites.kernels, move.place, 0, by_name) = whole(move.value);
    } else if (move.move == "groups") {
      slot(out.group_channels, sites.groups, move.place, 1, by_name) = move.value == kLanes ? parallelism
                                                                       : move.value == kStandard
                                                                           ? network::Moves::kStandard
                                                                           : whole(move.value);
    } else if (move.move == "drop") {
      slot(out.drop, sites.runs, move.place, 0, by_name) = static_cast<int>(whole(move.value));
    } else if (move.move == "input_resolution") {
      const double share = number_of(move.value, 0, 1).value_or(1);
      const auto size = size_of(move.value);
      out.input_height = size ? size->first : edge_at(sites.input_height, share);
      out.input_width = size ? size->second : edge_at(sites.input_width, share);
    } else if (move.move == "output_resolution") {
      out.output_share = number_of(move.value, 0, 1).value_or(1);
    }
  }
  return out;
}

ResolvedMoves resolve_moves(const MovesFile& file, const network::Graph& graph) {
  return Resolver(file, graph).resolve();
}

}  // namespace lanewise::nas
