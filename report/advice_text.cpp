// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "core/record/measurement.hpp"
#include "report/advice.hpp"
#include "report/codesign_words.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using study::Advice;
using study::DesignCost;

std::string share_percent(std::int64_t value, std::int64_t of) {
  return of > 0 ? fixed(100 * static_cast<double>(value) / static_cast<double>(of), 1) : "-";
}

std::string part_percent(double part, double whole) { return fixed(whole > 0 ? 100 * part / whole : 0, 1); }

const char* by_words(const Advice& a) {
  return a.ranked_by == record::Source::kSimulated ? "simulation" : "prediction";
}

std::string advice_head(const Advice& a) {
  const DesignCost& s = a.given_simulated;
  std::string text = fmt::format("{} on {}: {} ms simulated, {} predicted; {} MACs, {} parameters\n", a.network,
                                 a.engine, fixed(s.latency_ms, 3), fixed(a.given_predicted.latency_ms, 3),
                                 grouped(s.macs), grouped(s.parameters));
  if (a.start_simulated.latency_cycles != s.latency_cycles || a.start_simulated.parameters != s.parameters) {
    text += fmt::format("with what was taken already: {} ms simulated, {} predicted; {} MACs, {} parameters\n",
                        fixed(a.start_simulated.latency_ms, 3), fixed(a.start_predicted.latency_ms, 3),
                        grouped(a.start_simulated.macs), grouped(a.start_simulated.parameters));
  }
  if (!a.limits.empty()) text += fmt::format("within {}\n", fmt::join(a.limits, ", "));
  if (a.ranked_by == record::Source::kSimulated) {
    text += "no estimator: all figures are simulated\n";
  }
  return text;
}

std::string advised_moves_text(const Advice& a) {
  std::string text = fmt::format(
      "\nMoves by themselves: {} of {} pay; those that add no parameters first, by latency saved, then by latency "
      "saved "
      "per parameter\n\n",
      a.moves.size(), a.tried);
  std::size_t number = 0;
  for (const study::MoveGain& gain : a.moves) {
    if (!gain.simulated) continue;
    text +=
        fmt::format("{:>3}. {}\n", ++number, move_sentence(gain, a.start_predicted, a.start_simulated, a.ranked_by));
  }
  Table table({{"move", Table::Align::kLeft},
               {"saves ms"},
               {"%"},
               {"parameters"},
               {"MACs 1000"},
               {"us / 1000 par."},
               {"breaks by itself", Table::Align::kLeft}});
  std::size_t rows = 0, hidden = 0;
  constexpr std::size_t kMostRows = 20;
  for (const study::MoveGain& gain : a.moves) {
    if (gain.simulated) continue;
    if (rows == kMostRows) {
      ++hidden;
      continue;
    }
    ++rows;
    table.add({move_words(gain.move, gain.place, gain.value), fixed(gain.latency_saved_ms, 3),
               part_percent(gain.latency_saved_ms, a.start_predicted.latency_ms),
               fmt::format("{}{}", gain.parameters_added > 0 ? "+" : "",
                           grouped(static_cast<std::int64_t>(gain.parameters_added))),
               fmt::format("{}{}", gain.macs_added > 0 ? "+" : "",
                           grouped(static_cast<std::int64_t>(std::llround(gain.macs_added / 1000)))),
               gain.parameters_added > 0 ? compact(1e6 * gain.rate()) : "-",
               fmt::format("{}", fmt::join(gain.breaks, ", "))});
  }
  if (rows > 0) text += fmt::format("\nNext by {}\n\n", by_words(a)) + table.text();
  if (hidden > 0) text += fmt::format("{} more pay (--json and --out list them)\n", hidden);
  text += fmt::format("\n{} do not pay", a.do_not_pay);
  if (a.vetoed > 0) text += fmt::format(", {} are vetoed", a.vetoed);
  if (!a.cannot_run.empty())
    text += fmt::format(", {} leave a network that the engine cannot run", a.cannot_run.size());
  text += "\n";
  if (!a.left_out.empty()) {
    text += "\nNot allowed by the network\n";
    for (const std::string& line : a.left_out) text += "  " + line + "\n";
  }
  return text;
}

std::string advised_plan_text(const Advice& a) {
  const study::Plan& plan = a.plan;
  if (plan.steps.empty()) {
    return fmt::format("\nPlan: no moves together pay within the limits ({} designs priced)\n", plan.evaluations);
  }
  const double before = a.given_simulated.latency_ms;
  std::string text = fmt::format(
      "\nPlan: {} moves together, {} -> {} ms simulated ({}), {} predicted; the order is that of what each saves "
      "beside "
      "those before it\n\n",
      plan.steps.size(), fixed(before, 3), fixed(plan.simulated.latency_ms, 3),
      signed_percent(percent_change(before, plan.simulated.latency_ms)), fixed(plan.predicted.latency_ms, 3));
  Table table({{"step"},
               {"move", Table::Align::kLeft},
               {"ms before"},
               {"ms after"},
               {"predicted"},
               {"saves %"},
               {"parameters %"},
               {"MACs %"},
               {"breaks so far", Table::Align::kLeft}});
  double last = before;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const study::PlanStep& step = plan.steps[i];
    table.add(
        {fmt::format("{}", i + 1), move_words(step.move, step.place, step.value) + (step.accepted ? " (taken)" : ""),
         fixed(last, 3), fixed(step.simulated.latency_ms, 3), fixed(step.predicted.latency_ms, 3),
         part_percent(last - step.simulated.latency_ms, before),
         share_percent(step.simulated.parameters, a.given_simulated.parameters),
         share_percent(step.simulated.macs, a.given_simulated.macs), fmt::format("{}", fmt::join(step.breaks, ", "))});
    last = step.simulated.latency_ms;
  }
  text += table.text();
  text += fmt::format("\n{} designs priced, {} simulated; encoding {}\n", plan.evaluations, plan.simulated_designs,
                      plan.encoding);
  if (!plan.missed.empty()) text += "The plan misses " + missed_text(plan.missed) + "\n";
  return text;
}

std::string advised_keys_text(const Advice& a, std::size_t top) {
  std::string text = fmt::format(
      "\nKeys of the engine by themselves: {} of {} pay; those that add no area first, by latency saved, then by "
      "latency "
      "saved per mm2\n\n",
      a.keys.size(), a.keys_tried);
  std::size_t number = 0;
  for (const study::EngineGain& gain : a.keys) {
    if (!gain.simulated || number == top) continue;
    text += fmt::format("{:>3}. {}\n", ++number, key_sentence(gain, a.start_predicted, a.start_simulated, a.ranked_by));
  }
  if (a.keys.size() > number)
    text += fmt::format("     {} more by {} (--json lists them)\n", a.keys.size() - number, by_words(a));
  if (!a.spare.empty()) text += "\nTo spare: area that next to no latency depends on\n\n";
  number = 0;
  for (const study::EngineGain& gain : a.spare) {
    if (!gain.simulated || number == top) continue;
    text += fmt::format("{:>3}. {}\n", ++number, key_sentence(gain, a.start_predicted, a.start_simulated, a.ranked_by));
  }
  text += fmt::format("\n{} do not pay", a.keys_do_not_pay);
  if (a.keys_vetoed > 0) text += fmt::format(", {} are vetoed or taken", a.keys_vetoed);
  text += fmt::format(", {} have no other value, or one that the engine refuses (--json lists them)\n",
                      a.keys_left_out.size());
  return text;
}

std::string applied_places(const nas::MovesFile& file, const study::AppliedEntry& entry) {
  const nas::MoveEntry& given = file.entries[entry.entry];
  std::string places;
  for (const std::string& place : entry.places) places += (places.empty() ? "" : " ") + place;
  if (!given.is_pattern()) return places.empty() ? "-" : places;
  return fmt::format("{} matched{}{}", entry.places.size(), places.empty() ? "" : ": ", places);
}

}  // namespace

std::string to_text(const Advice& advice, std::size_t top) {
  std::string text =
      advice_head(advice) + advised_moves_text(advice) + advised_plan_text(advice) + advised_keys_text(advice, top);
  if (!advice.skipped.empty()) text += "\nOf the moves file\n";
  for (const nas::SkippedMove& skipped : advice.skipped) {
    text += fmt::format("  {}{}{}\n", skipped.place, skipped.place.empty() ? "" : ": ", skipped.reason);
  }
  return text;
}

std::vector<std::string> moves_head(const Advice& advice) {
  const DesignCost& before = advice.given_simulated;
  const DesignCost& after = advice.plan.simulated;
  return {
      fmt::format("Moves for {} on {}: the plan takes {} ms to {} ms, simulated.", advice.network, advice.engine,
                  fixed(before.latency_ms, 3), fixed(after.latency_ms, 3)),
      "Set `take` to choose, `veto: true` to never see an entry proposed again; `lanewise apply` makes what is taken.",
      "docs/advice.md explains every key."};
}

std::string to_text(const study::AppliedMoves& applied, const nas::MovesFile& file, const std::string& network,
                    const std::string& engine, const AppliedFiles& files) {
  std::string text = fmt::format("{}: {} entries of {} taken, {} not taken, {} vetoed\n", network,
                                 applied.entries.size(), file.path, applied.not_taken, applied.vetoed);
  if (!applied.entries.empty()) {
    Table table({{"entry", Table::Align::kLeft},
                 {"move", Table::Align::kLeft},
                 {"value", Table::Align::kLeft},
                 {"places", Table::Align::kLeft},
                 {"MACs 1000"},
                 {"parameters"}});
    for (const study::AppliedEntry& entry : applied.entries) {
      const nas::MoveEntry& given = file.entries[entry.entry];
      table.add({given.name, given.move, given.value, applied_places(file, entry), thousands_text(entry.macs),
                 grouped(entry.parameters)});
    }
    text += "\n" + table.text();
  }
  std::string skipped;
  for (const study::AppliedEntry& entry : applied.entries) {
    for (const nas::SkippedMove& skip : entry.skipped) {
      skipped += fmt::format("  {}{}{}: {}\n", file.entries[entry.entry].name, skip.place.empty() ? "" : " ",
                             skip.place, skip.reason);
    }
  }
  if (!skipped.empty()) text += "\nSkipped\n" + skipped;
  for (const std::string& line : applied.widened) text += fmt::format("\nWidened for the capacity: {}\n", line);
  if (!applied.keeps_capacity) text += "\nThe network has not the capacity that the file asks for.\n";
  const std::int64_t macs = network::macs(applied.graph), parameters = network::parameters(applied.graph);
  const auto row = [&](const char* name, const std::string& before, const std::string& after, double b, double a) {
    return fmt::format("  {:<12} {} -> {} ({})\n", name, before, after, signed_percent(percent_change(b, a)));
  };
  text += "\n" + row("MACs", grouped(applied.macs_before), grouped(macs), static_cast<double>(applied.macs_before),
                     static_cast<double>(macs));
  text += row("parameters", grouped(applied.parameters_before), grouped(parameters),
              static_cast<double>(applied.parameters_before), static_cast<double>(parameters));
  if (applied.before && applied.after) {
    text +=
        row("cycles", grouped(applied.before->latency_cycles), grouped(applied.after->latency_cycles),
            static_cast<double>(applied.before->latency_cycles), static_cast<double>(applied.after->latency_cycles));
    text += row("latency ms", fixed(applied.before->latency_ms, 3), fixed(applied.after->latency_ms, 3),
                applied.before->latency_ms, applied.after->latency_ms);
    text += row("energy uJ", fixed(applied.before->energy_uj, 1), fixed(applied.after->energy_uj, 1),
                applied.before->energy_uj, applied.after->energy_uj);
    text += fmt::format("  simulated on {}\n", engine);
  }
  if (!files.network.empty()) {
    text +=
        fmt::format("  weights: {} kept, {} without numbers as inputs\n", files.weights.kept, files.weights.stripped);
  }
  return text;
}

}  // namespace lanewise::report
