// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/table.hpp"
#include "report/workload.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

std::string percent(double share) { return fixed(100 * share, 1); }

std::string ratio_text(double ratio) { return std::isfinite(ratio) ? fixed(ratio, 3) : "frames lost"; }

std::string head(const WorkloadReport& report) {
  const study::WorkloadAnswer& answer = report.answer;
  std::string engines;
  for (const study::EngineUse& use : answer.engines) {
    engines += (engines.empty() ? "" : ", ") + use.identity.title(use.engine);
  }
  std::string out = fmt::format("{} on {}, {} by lanewise {}\n\n", answer.workload, engines,
                                record::to_string(answer.source), answer.tool_version);
  const auto line = [&](const char* label, const std::string& text) {
    out += fmt::format("  {:<17} {}\n", label, text);
  };
  line("policy", study::to_string(answer.policy));
  line("elapsed", fmt::format("{} ms ({} cycles)", fixed(answer.ms(as_double(answer.elapsed_cycles)), 3),
                              grouped(answer.elapsed_cycles)));
  const std::int64_t released = [&] {
    std::int64_t sum = 0;
    for (const study::NetworkUse& use : answer.networks) sum += use.released;
    return sum;
  }();
  line("frames",
       fmt::format("{} released, {} missed their deadlines", grouped(released), grouped(answer.objectives.missed)));
  line("fits", answer.fits ? "yes: every frame met its deadline" : "no");
  for (const std::string& reason : answer.reasons) line("", reason);
  line("worst response", ratio_text(answer.objectives.worst_response_ratio) + " of its deadline");
  line("average power",
       fmt::format("{} mW, {} uJ in all", compact(answer.objectives.average_power_mw), compact(answer.energy_uj)));
  line("DRAM", fmt::format("{}, {} % of the time moving data{}", bytes_text(answer.dram_bytes),
                           percent(answer.dram_duty), answer.contention ? ", shared by the engines" : ""));
  line("area", fmt::format("{} mm2", compact(answer.area_mm2)));
  for (const std::string& note : answer.notes) line("note", note);
  return out;
}

std::string networks_text(const study::WorkloadAnswer& answer) {
  Table table({{"network", Align::kLeft},
               {"period ms"},
               {"deadline ms"},
               {"frames"},
               {"missed"},
               {"response ms: min"},
               {"mean"},
               {"p99"},
               {"max"},
               {"waiting mean"},
               {"alone ms"},
               {"demand %"},
               {"banks"},
               {"kept"}});
  const auto ms = [&](double cycles) { return fixed(answer.ms(cycles), 3); };
  for (const study::NetworkUse& use : answer.networks) {
    table.add({use.name, ms(as_double(use.period_cycles)), ms(as_double(use.deadline_cycles)), grouped(use.released),
               grouped(use.missed), ms(as_double(use.response.min)), ms(use.response.mean),
               ms(as_double(use.response.p99)), ms(as_double(use.response.max)), ms(use.waiting.mean),
               ms(as_double(use.alone_cycles)), percent(use.demand), grouped(use.banks), grouped(use.kept_banks)});
  }
  return table.text();
}

std::string engines_text(const study::WorkloadAnswer& answer) {
  Table table({{"engine", Align::kLeft},
               {"busy %"},
               {"asked for %"},
               {"commands"},
               {"switches"},
               {"DRAM MB/s"},
               {"energy uJ"},
               {"peak SRAM"}});
  const double seconds = answer.ms(as_double(answer.elapsed_cycles)) / 1e3;
  for (const study::EngineUse& use : answer.engines) {
    table.add({use.name, percent(use.duty), percent(use.demand), grouped(use.commands), grouped(use.switches),
               fixed(seconds > 0 ? as_double(use.dram_bytes) / seconds / 1e6 : 0, 1), compact(use.energy_uj),
               bytes_text(use.peak_sram_bytes)});
  }
  return table.text();
}

std::string sets_text(const WorkloadReport& report) {
  Table table(
      {{"largest sets that fit", Align::kLeft}, {"worst response / deadline"}, {"asked for %"}, {"average power mW"}});
  bool any = false;
  for (const study::NetworkSet& set : report.sets) {
    if (!set.maximal) continue;
    any = true;
    std::string names;
    for (const std::size_t n : set.networks) names += (names.empty() ? "" : " + ") + report.answer.networks[n].name;
    table.add({names, ratio_text(set.objectives.worst_response_ratio), percent(set.objectives.highest_demand),
               compact(set.objectives.average_power_mw)});
  }
  const auto failed = std::count_if(report.sets.begin(), report.sets.end(),
                                    [](const study::NetworkSet& set) { return !set.failure.empty(); });
  std::string out = any ? table.text() : "no set of its networks fits\n";
  out += fmt::format(
      "{} sets tried, {} fit", grouped(static_cast<std::int64_t>(report.sets.size())),
      std::count_if(report.sets.begin(), report.sets.end(), [](const study::NetworkSet& set) { return set.fits; }));
  if (failed > 0) out += fmt::format(", {} cannot run", failed);
  return out + "\n";
}

}  // namespace

std::string to_text(const WorkloadReport& report) {
  std::string out = head(report) + "\n" + networks_text(report.answer) + "\n" + engines_text(report.answer);
  if (!report.sets.empty()) out += "\n" + sets_text(report);
  return out;
}

std::string to_text(const study::WorkloadSweepTable& table) {
  std::vector<Table::Column> columns;
  for (const auto& setting : table.rows.front().settings) columns.push_back({setting.first});
  for (const char* header : {"fits", "worst response / deadline", "missed", "mean ms", "asked for %", "DRAM %",
                             "power mW", "area mm2", "pareto"}) {
    columns.push_back({header});
  }
  Table rows(columns);
  std::string failures;
  for (const study::WorkloadSweepRow& row : table.rows) {
    std::vector<std::string> cells;
    for (const auto& setting : row.settings) cells.push_back(setting.second);
    const study::WorkloadAnswer& answer = row.answer;
    if (answer.failure.empty()) {
      for (std::string cell :
           {std::string(answer.fits ? "yes" : "no"), ratio_text(answer.objectives.worst_response_ratio),
            grouped(answer.objectives.missed), fixed(answer.objectives.weighted_latency_ms, 3),
            percent(answer.objectives.highest_demand), percent(answer.dram_duty),
            compact(answer.objectives.average_power_mw), compact(answer.area_mm2),
            std::string(row.pareto ? "*" : "")}) {
        cells.push_back(std::move(cell));
      }
    } else {
      failures += answer.failure + "\n";
      cells.emplace_back("failed");
      cells.resize(columns.size(), "");
    }
    rows.add(std::move(cells));
  }
  std::string out = fmt::format("{}, {} by lanewise {}\n\n{}", table.workload, record::to_string(table.source),
                                table.tool_version, rows.text());
  if (!failures.empty()) out += "\n" + failures;
  return out;
}

}  // namespace lanewise::report
