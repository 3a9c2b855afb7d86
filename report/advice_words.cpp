// SPDX-License-Identifier: Apache-2.0
// Advice in sentences.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/advice.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using study::DesignCost;

std::string percent_words(double part, double whole) { return fixed(whole > 0 ? 100 * part / whole : 0, 1) + " %"; }

std::string saved_words(double saved_ms, double before_ms) {
  return saved_ms < 0 ? fmt::format("costs {} ms ({})", fixed(-saved_ms, 3), percent_words(-saved_ms, before_ms))
                      : fmt::format("saves {} ms ({})", fixed(saved_ms, 3), percent_words(saved_ms, before_ms));
}

std::string added_words(double count, const char* what) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::abs(count)));
  if (whole == 0) return fmt::format("adds no {}", what);
  return fmt::format("{} {} {}", count > 0 ? "adds" : "saves", grouped(whole), what);
}

// "2.1 times", "as many"
std::string times_words(double ratio) {
  if (std::abs(ratio - 1) < 0.005) return "as many";
  return fmt::format("{} times the", ratio >= 100 ? fixed(ratio, 0)
                                                  : fixed(ratio, ratio < 0.1    ? 3
                                                                 : ratio < 9.95 ? 2
                                                                                : 1));
}

std::string layers_words(const std::string& family, std::int64_t count) {
  const std::string kind = family == "depthwise" || family == "grouped" ? family + " layers" : family + " subgraphs";
  return count == 1 ? kind.substr(0, kind.size() - 1) : kind;
}

std::string resource_words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name == "latency" ? "no single unit" : name;
}

// What stands behind the figures: how the array was fed before and after, and what bounded the layers.
std::string why_words(const study::MoveExplanation& e) {
  std::string text;
  if (e.macs_before > 0 && e.macs_after > 0 && e.utilization_before > 0) {
    const double macs = static_cast<double>(e.macs_after) / static_cast<double>(e.macs_before);
    const double used = e.utilization_after / e.utilization_before;
    text += fmt::format("{} MACs in what it changes, at {} utilization ({} % to {} %)", times_words(macs),
                        std::abs(used - 1) < 0.005 ? "the same" : times_words(used),
                        fixed(100 * e.utilization_before, 1), fixed(100 * e.utilization_after, 1));
  }
  const bool fed = e.feeds_before > 0 && e.feeds_after > 0;
  if (fed && std::abs(e.feeds_after / e.feeds_before - 1) > 0.02) {
    text += fmt::format("{}{} took most of the time and kept at most {} of {} MACs a cycle busy, now {}",
                        text.empty() ? "" : "; ", layers_words(e.layers, e.subgraphs_before),
                        fixed(e.feeds_before, e.feeds_before < 10 ? 1 : 0), grouped(e.array_macs),
                        fixed(e.feeds_after, e.feeds_after < 10 ? 1 : 0));
  }
  if (!e.bound_before.empty() && !e.bound_after.empty()) {
    text += text.empty() ? "" : "; ";
    text += e.bound_before == e.bound_after
                ? fmt::format("bound by {} before and after", resource_words(e.bound_before))
                : fmt::format("bound by {} before, by {} after", resource_words(e.bound_before),
                              resource_words(e.bound_after));
  }
  return text;
}

// Whose figure it is.
std::string source_words(bool is_simulated, double predicted_ms, record::Source ranked_by) {
  if (ranked_by == record::Source::kSimulated) return "[simulated]";
  return is_simulated ? fmt::format("[simulated; predicted {} ms]", fixed(predicted_ms, 3)) : "[predicted]";
}

}  // namespace

std::string move_words(const std::string& move, const std::string& place, const std::string& value) {
  if (move == "fuse") return "fuse " + place;
  if (move == "engine") return fmt::format("{} = {}", place, value);
  return place.empty() ? fmt::format("{} = {}", move, value) : fmt::format("{} {} = {}", move, place, value);
}

std::string move_sentence(const study::MoveGain& gain, const DesignCost& start_predicted,
                          const DesignCost& start_simulated, record::Source ranked_by) {
  const double before = gain.simulated ? start_simulated.latency_ms : start_predicted.latency_ms;
  std::string text =
      fmt::format("{}: {}, {}", move_words(gain.move, gain.place, gain.value), saved_words(gain.saved_ms(), before),
                  added_words(gain.parameters_added, "parameters"));
  if (gain.explanation) {
    const std::string reason = why_words(*gain.explanation);
    if (!reason.empty()) text += "; " + reason;
  }
  text += " " + source_words(gain.simulated.has_value(), gain.latency_saved_ms, ranked_by);
  if (!gain.breaks.empty()) text += fmt::format(" (by itself it breaks {})", fmt::join(gain.breaks, ", "));
  return text;
}

std::string key_sentence(const study::EngineGain& gain, const DesignCost& start_predicted,
                         const DesignCost& start_simulated, record::Source ranked_by) {
  const double before = gain.simulated ? start_simulated.latency_ms : start_predicted.latency_ms;
  std::string keys;
  for (const study::ChangedKey& key : gain.keys) {
    keys += fmt::format("{}{} {} -> {}", keys.empty() ? "" : ", ", key.key, key.before, key.after);
  }
  const double area = gain.area_added_mm2;
  const std::string silicon = std::abs(area) < 5e-7
                                  ? "adds no area that the model counts"
                                  : fmt::format("{} {} mm2", area > 0 ? "adds" : "saves", compact(std::abs(area)));
  return fmt::format("{}{}: {}, {} {}", gain.group.empty() ? "" : gain.group + ": ", keys,
                     saved_words(gain.saved_ms(), before), silicon,
                     source_words(gain.simulated.has_value(), gain.latency_saved_ms, ranked_by));
}

}  // namespace lanewise::report
