// SPDX-License-Identifier: Apache-2.0
#include "report/patterns.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

Json known(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json pattern_json(const study::Pattern& pattern) {
  Json json = {{"name", pattern.entry.name},
               {"move", pattern.entry.move},
               {"way", pattern.way},
               {"value", pattern.entry.value},
               {"text", pattern.text},
               {"for_capacity", Json()},
               {"taken", pattern.entry.take},
               {"places", pattern.places},
               {"fronts", pattern.fronts},
               {"of_fronts", pattern.of_fronts},
               {"support", pattern.support()},
               {"designs_percent", 100 * pattern.held},
               {"tried_percent", known(100 * pattern.tried)},
               {"lift", known(pattern.lift())},
               {"alone_saves_percent", known(pattern.alone_percent)},
               {"in_fronts_saves_percent", known(pattern.in_front_percent)},
               {"parameters_percent", known(pattern.parameters_percent)},
               {"engines", pattern.engines},
               {"networks", pattern.networks},
               {"one_engine_only", pattern.engines.size() == 1}};
  if (pattern.entry.for_capacity == nas::ForCapacity::kAdds) json["for_capacity"] = "adds";
  if (pattern.entry.for_capacity == nas::ForCapacity::kYields) json["for_capacity"] = "yields";
  return json;
}

Json trial_json(const study::PatternTrial& trial) {
  Json moves = Json::array(), skipped = Json::array();
  for (const nas::PlacedMove& move : trial.settled.moves.moves) {
    moves.push_back({{"pattern", trial.file.entries[move.entry].name},
                     {"move", move.move},
                     {"place", move.place},
                     {"value", move.value}});
  }
  for (const nas::SkippedMove& move : trial.settled.moves.skipped) {
    skipped.push_back(
        {{"pattern", trial.file.entries[move.entry].name}, {"place", move.place}, {"reason", move.reason}});
  }
  return {{"network", trial.network},
          {"engine", trial.engine},
          {"network_was_searched", trial.searched},
          {"before", totals_json(trial.before)},
          {"after", totals_json(trial.after)},
          {"saved_percent", trial.saved_percent()},
          {"saved_by_all_percent", trial.saved_by_all_percent()},
          {"saved_within_record_percent", trial.saved_within_record_percent()},
          {"reached", trial.reached},
          {"designs_simulated", trial.simulated},
          {"parameters_share", trial.settled.parameters_share},
          {"macs_share", trial.settled.macs_share},
          {"capacity", {{"parameters", trial.capacity_parameters}, {"macs", trial.capacity_macs}}},
          {"keeps_capacity", trial.settled.keeps_capacity},
          {"moves", moves},
          {"skipped", skipped},
          {"widened", trial.settled.widened},
          {"left_off", trial.left_off}};
}

std::string known_percent(double value) { return std::isfinite(value) ? fmt::format("{:.1f} %", value) : "?"; }

std::string searches_text(const study::Patterns& patterns) {
  Table table({{"network", Align::kLeft}, {"engine", Align::kLeft}, {"designs"}, {"tried"}, {"from", Align::kLeft}});
  for (const study::SearchSummary& search : patterns.searches) {
    table.add({search.network, search.engine, fmt::format("{}", search.designs),
               search.candidates > 0 ? grouped(search.candidates) : "?",
               search.path + (search.finalists_only ? " (finalists alone)" : "")});
  }
  return table.text();
}

std::string patterns_text(const study::Patterns& patterns) {
  Table table({{"pattern", Align::kLeft},
               {"fronts"},
               {"designs"},
               {"tried"},
               {"lift"},
               {"alone saves"},
               {"in fronts"},
               {"parameters"},
               {"what", Align::kLeft}});
  for (const study::Pattern& pattern : patterns.patterns) {
    std::string what = pattern.text;
    if (pattern.engines.size() == 1) what += fmt::format(" (of {} alone)", pattern.engines.front());
    table.add({pattern.entry.name, fmt::format("{} of {}", pattern.fronts, pattern.of_fronts),
               known_percent(100 * pattern.held), known_percent(100 * pattern.tried),
               std::isfinite(pattern.lift()) ? fmt::format("{:.2f}", pattern.lift()) : "?",
               known_percent(pattern.alone_percent), known_percent(pattern.in_front_percent),
               std::isfinite(pattern.parameters_percent) ? signed_percent(pattern.parameters_percent) : "?", what});
  }
  return table.text();
}

std::string trial_text(const study::PatternTrial& trial) {
  std::string out = fmt::format("\nTried on {} and {}{}\n\n", trial.network, trial.engine,
                                trial.searched ? ", a network that was searched: this confirms nothing" : "");
  out += fmt::format("  latency     {} ms, was {} ms: {} by simulation\n", compact(trial.after.latency_ms),
                     compact(trial.before.latency_ms), signed_percent(-trial.saved_percent()));
  out += fmt::format("  parameters  {:.1f} % of {}, at least {:.0f} %\n", 100 * trial.settled.parameters_share,
                     grouped(trial.before.parameters), 100 * trial.capacity_parameters);
  out += fmt::format("  MACs        {:.1f} % of {}, at least {:.0f} %\n", 100 * trial.settled.macs_share,
                     grouped(trial.before.macs), 100 * trial.capacity_macs);
  std::vector<std::pair<std::string, std::string>> made;  // by pattern, in order
  for (const nas::PlacedMove& move : trial.settled.moves.moves) {
    const std::string& name = trial.file.entries[move.entry].name;
    if (made.empty() || made.back().first != name) made.emplace_back(name, "");
    const bool plain = move.move == "fuse" || move.place.empty();
    made.back().second += " " + (plain ? move.place : move.place + "=" + move.value);
  }
  for (const auto& [name, places] : made) out += fmt::format("  {}:{}\n", name, places);
  for (const std::string& line : trial.settled.widened) out += fmt::format("  widened for the capacity: {}\n", line);
  for (const std::string& line : trial.left_off) out += fmt::format("  left off: {}\n", line);
  if (!trial.reached.empty()) {
    out += fmt::format("  beyond what the searches covered, as the simulator found it pays ({} without): {}\n",
                       signed_percent(-trial.saved_within_record_percent()), fmt::join(trial.reached, ", "));
  }
  std::map<std::string, int> skipped;
  for (const nas::SkippedMove& move : trial.settled.moves.skipped) {
    ++skipped[fmt::format("{}: {}", trial.file.entries[move.entry].name, move.reason)];
  }
  for (const auto& [line, count] : skipped)
    out += fmt::format("  not made{}: {}\n", count > 1 ? fmt::format(" {} times", count) : "", line);
  if (!trial.settled.keeps_capacity) out += "  the capacity is not kept: no pattern that is left could be taken back\n";
  return out;
}

}  // namespace

std::string to_json(const study::Patterns& patterns, const study::PatternTrial* trial) {
  Json searches = Json::array(), found = Json::array();
  for (const study::SearchSummary& search : patterns.searches) {
    searches.push_back({{"path", search.path},
                        {"network", search.network},
                        {"engine", search.engine},
                        {"designs", search.designs},
                        {"candidates", search.candidates},
                        {"finalists_only", search.finalists_only}});
  }
  for (const study::Pattern& pattern : patterns.patterns) found.push_back(pattern_json(pattern));
  Json json = {{"searches", searches},
               {"patterns", found},
               {"not_read", patterns.not_read},
               {"gains_by", patterns.priced_by.empty() ? Json() : Json(patterns.priced_by)},
               {"designs_priced", patterns.priced},
               {"min_support", patterns.options.min_support},
               {"min_filling_support", patterns.options.min_filling_support},
               {"min_fronts", patterns.options.min_fronts},
               {"capacity", {{"parameters", patterns.capacity_parameters}, {"macs", patterns.capacity_macs}}}};
  if (trial != nullptr) json["trial"] = trial_json(*trial);
  return dump(json);
}

std::string to_text(const study::Patterns& patterns, const study::PatternTrial* trial) {
  std::string out = fmt::format("{} searches\n\n", patterns.searches.size()) + searches_text(patterns) + "\n";
  for (const std::string& line : patterns.not_read) out += fmt::format("not read: {}\n", line);
  if (!patterns.not_read.empty()) out += "\n";
  if (patterns.patterns.empty()) {
    out += fmt::format("No move is shared by {:.0f} % of the fronts and their designs.\n",
                       100 * patterns.options.min_support);
  } else {
    out += patterns_text(patterns) + "\n";
    out +=
        "fronts: that make the move at half of its places at least; designs: share of places and designs, beside that "
        "of "
        "all candidates tried\n";
    if (!patterns.priced_by.empty()) {
      out += fmt::format(
          "latency saved: each place alone on the baseline, and taken out of the fronts' designs, by {} on {} "
          "designs\n",
          patterns.priced_by, grouped(patterns.priced));
    }
  }
  return out + (trial != nullptr ? trial_text(*trial) : "");
}

}  // namespace lanewise::report
