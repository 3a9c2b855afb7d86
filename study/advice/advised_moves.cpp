// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/record/measurement.hpp"
#include "study/advice/advice.hpp"

namespace lanewise::study {
namespace {

constexpr std::size_t kNotesEach = 4;

std::string number_text(double value, int digits) { return fmt::format("{:.{}f}", value, digits); }

class Writer {
 public:
  Writer(const Advice& advice, const nas::MovesFile& before) : advice_(advice), before_(before) {}

  nas::MovesFile file() && {
    out_.name = fmt::format("{} on {}", advice_.network, advice_.engine);
    out_.notes = {{"network", advice_.network}, {"engine", advice_.engine}, {"space", advice_.space}};
    for (const nas::MoveEntry& entry : before_.entries) {
      if (entry.take || entry.veto) keep(entry);
    }
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
    const std::size_t most = nas::most_entries(kNotesEach);
    const std::size_t for_keys = std::min<std::size_t>(advice_.keys.size(), most / 4);
    for (const MoveGain& gain : advice_.moves) {
      if (out_.entries.size() + for_keys >= most) break;
      if (is_taken(gain)) continue;
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

  bool is_taken(const MoveGain& gain) const {
    return std::any_of(advice_.plan.steps.begin(), advice_.plan.steps.end(), [&](const PlanStep& step) {
      return step.move == gain.move && step.place == gain.place && step.value == gain.value;
    });
  }

  void keep(const nas::MoveEntry& entry) {
    names_.insert(entry.name);
    out_.entries.push_back(entry);
    out_.entries.back().line = 0;
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
    if (out_.entries.size() + gain.keys.size() > most) return;
    for (const ChangedKey& key : gain.keys) {
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
