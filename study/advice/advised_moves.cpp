// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/record/measurement.hpp"
#include "study/advice/advice.hpp"

namespace lanewise::study {
namespace {

std::string number_text(double value, int digits) { return fmt::format("{:.{}f}", value, digits); }

class Writer {
 public:
  Writer(const Advice& advice, const nas::MovesFile& before) : advice_(advice), before_(before) {}

  nas::MovesFile file() && {
    out_.name = fmt::format("{} on {}", advice_.network, advice_.engine);
    out_.notes = {{"network", advice_.network}, {"engine", advice_.engine}, {"space", advice_.space}};
    for (const auto& note : before_.notes) {
      const bool known =
          std::any_of(out_.notes.begin(), out_.notes.end(), [&](const auto& n) { return n.first == note.first; });
      if (!known) out_.notes.push_back(note);
    }
    out_.capacity_parameters = before_.capacity_parameters;
    out_.capacity_macs = before_.capacity_macs;
    keep_before();
    double latency = advice_.start_simulated.latency_ms;
    std::int64_t parameters = advice_.start_simulated.parameters;
    for (const PlanStep& step : advice_.plan.steps) {
      if (step.accepted) continue;
      nas::MoveEntry& entry = add(step.move, step.place, step.value, true);
      note(entry, latency - step.simulated.latency_ms, step.simulated.parameters - parameters,
           record::Source::kSimulated);
      entry.notes.emplace_back("of", "plan");
      latency = step.simulated.latency_ms;
      parameters = step.simulated.parameters;
    }
    for (const nas::MoveEntry& entry : out_.entries) used_ += nas::keys_of(entry);
    const std::size_t most = nas::most_entry_keys();
    const std::size_t for_keys = std::min<std::size_t>(advice_.keys.size() * kKeysEach, most / 4);
    for (const MoveGain& gain : advice_.moves) {
      if (used_ + for_keys + kKeysEach > most) break;
      if (is_taken(gain) || is_kept(gain.move, gain.place, gain.value)) continue;
      used_ += kKeysEach;
      nas::MoveEntry& entry = add(gain.move, gain.place, gain.value, false);
      note(entry, gain.saved_ms(), static_cast<std::int64_t>(gain.parameters_added),
           gain.simulated ? record::Source::kSimulated : advice_.ranked_by);
    }
    for (const EngineGain& gain : advice_.keys) add_keys(gain, most);
    return std::move(out_);
  }

 private:
  const Advice& advice_;
  const nas::MovesFile& before_;
  nas::MovesFile out_;
  std::set<std::string> names_;
  std::size_t used_ = 0;  // keys of the entries
  // The most that an entry of one place has, with its notes.
  static constexpr std::size_t kKeysEach = 10;

  bool is_taken(const MoveGain& gain) const {
    return std::any_of(advice_.plan.steps.begin(), advice_.plan.steps.end(), [&](const PlanStep& step) {
      return step.move == gain.move && step.place == gain.place && step.value == gain.value;
    });
  }

  nas::MoveEntry& keep(const nas::MoveEntry& entry) {
    out_.entries.push_back(entry);
    out_.entries.back().line = 0;
    return out_.entries.back();
  }

  // An entry that is not taken and has a gain was listed by a tool: what still pays is listed anew.
  void keep_before() {
    for (const nas::MoveEntry& entry : before_.entries) names_.insert(entry.name);
    for (std::size_t i = 0; i < before_.entries.size(); ++i) {
      const nas::MoveEntry& entry = before_.entries[i];
      if (!entry.take && !entry.veto && entry.note("latency_saved_ms") != nullptr) continue;
      nas::MoveEntry& kept = keep(entry);
      const bool settled = entry.take && !entry.veto && entry.for_capacity != nas::ForCapacity::kNothing;
      if (!settled || advice_.settles_alike) continue;
      kept.take = false;
      add_settled(i);
    }
  }

  // What an entry makes here, by name, one entry for each value.
  void add_settled(std::size_t index) {
    std::map<std::string, std::vector<std::string>> places;
    for (const nas::PlacedMove& move : advice_.taken) {
      if (move.entry == index) places[move.value].push_back(move.place);
    }
    for (const auto& [value, at] : places) {
      nas::MoveEntry& entry = add(before_.entries[index].move, at.front(), value, true);
      if (!at.front().empty()) entry.places = at;
      entry.notes = {{"of", before_.entries[index].name + ", settled for the capacity"}};
    }
  }

  // Whether the file before said it without taking it.
  bool is_kept(const std::string& move, const std::string& place, const std::string& value) const {
    return std::any_of(out_.entries.begin(), out_.entries.end(), [&](const nas::MoveEntry& entry) {
      const bool there = entry.places == std::vector<std::string>{place} || (place.empty() && entry.places.empty());
      return entry.move == move && there && entry.value == value && !entry.veto && entry.on.empty();
    });
  }

  nas::MoveEntry& add(const std::string& move, const std::string& place, const std::string& value, bool take) {
    nas::MoveEntry entry = nas::entry_of(nas::gene_of(move, place), value);
    entry.take = take;
    // Several values of one gene: the value tells them apart.
    if (!take) {
      for (const char c : "-" + value) {
        const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        entry.name += fits ? c : '_';
      }
    }
    const std::string name = entry.name;
    for (int n = 2; !names_.insert(entry.name).second; ++n) entry.name = fmt::format("{}-{}", name, n);
    out_.entries.push_back(std::move(entry));
    return out_.entries.back();
  }

  static void note(nas::MoveEntry& entry, double saved_ms, std::int64_t parameters, record::Source source) {
    entry.notes = {{"latency_saved_ms", number_text(saved_ms, 4)},
                   {"parameters_added", fmt::format("{}", parameters)},
                   {"source", record::to_string(source)}};
  }

  // What changes together stands together, each key an entry.
  void add_keys(const EngineGain& gain, std::size_t most) {
    if (used_ + gain.keys.size() * kKeysEach > most) return;
    for (const ChangedKey& key : gain.keys) {
      if (is_kept("engine", key.key, key.after)) continue;
      used_ += kKeysEach;
      nas::MoveEntry& entry = add("engine", key.key, key.after, false);
      entry.notes = {{"latency_saved_ms", number_text(gain.saved_ms(), 4)},
                     {"area_added_mm2", number_text(gain.area_added_mm2, 4)},
                     {"source", record::to_string(gain.simulated ? record::Source::kSimulated : advice_.ranked_by)}};
      if (!gain.group.empty()) entry.notes.emplace_back("together", gain.group);
    }
  }
};

}  // namespace

nas::MovesFile moves_file_of(const Advice& advice, const nas::MovesFile& before) {
  return Writer(advice, before).file();
}

}  // namespace lanewise::study
