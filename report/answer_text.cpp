// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/record/csv.hpp"
#include "report/adaptation.hpp"
#include "report/answer.hpp"
#include "report/breakdown.hpp"
#include "report/network_accuracy.hpp"
#include "report/profile.hpp"
#include "report/sensitivity.hpp"
#include "report/table.hpp"
#include "report/weights.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

std::string interval_text(const study::LatencyInterval& interval, const study::Totals& total) {
  const double ms_a_cycle = total.latency_cycles > 0 ? total.latency_ms / static_cast<double>(total.latency_cycles) : 0;
  return fmt::format("{} to {} ms ({} to {} cycles) with {} % probability",
                     fixed(ms_a_cycle * static_cast<double>(interval.low_cycles), 3),
                     fixed(ms_a_cycle * static_cast<double>(interval.high_cycles), 3), grouped(interval.low_cycles),
                     grouped(interval.high_cycles), record::csv_number(100 * interval.level));
}

// What the network is bound by, and what twice as much of it would save by itself.
std::string bound_text(const study::Totals& total) {
  const std::optional<engine::Resource> resource = engine::parse_resource(total.bound_by);
  if (!resource || total.latency_cycles == 0) return total.bound_by;
  return fmt::format("{}: twice as much saves {} % of the latency ({})", total.bound_by,
                     fixed(100 * total.gains[*resource] / static_cast<double>(total.latency_cycles), 1),
                     fmt::join(total.bound_by_keys, ", "));
}

std::string head(const study::NetworkAnswer& answer) {
  const study::Totals& t = answer.total;
  std::string out = fmt::format("{} on {}, {} by lanewise {}\n\n", answer.network, answer.identity.title(answer.engine),
                                record::to_string(answer.source), answer.tool_version);
  const auto line = [&](const char* label, const std::string& text) {
    out += fmt::format("  {:<17} {}\n", label, text);
  };
  line("latency", fmt::format("{} ms ({} cycles), {} inferences/s", fixed(t.latency_ms, 3), grouped(t.latency_cycles),
                              fixed(t.inferences_per_second, 1)));
  if (answer.reliability) {
    if (answer.reliability->interval) line("interval", interval_text(*answer.reliability->interval, t));
    if (!answer.reliability->in_range) {
      line("out of range", fmt::format("trained on less: {}", fmt::join(answer.reliability->out_of_range, "; ")));
    }
  }
  if (answer.fallback) {
    line("fallback",
         fmt::format("{} of {} subgraphs simulated, {} % of the latency", grouped(answer.fallback->subgraphs),
                     grouped(static_cast<std::int64_t>(answer.subgraphs.size())),
                     fixed(answer.fallback->latency_share_percent, 1)));
  }
  if (answer.networks_like_this) {
    line("error", to_text(*answer.networks_like_this));
  } else if (answer.estimator || answer.held_out_accuracy) {
    const std::string error = error_text(answer.estimator.value_or(study::EstimatorNote{}), answer.held_out_accuracy);
    if (!error.empty()) line("error", error);
  }
  if (answer.adapted) line("adapted", to_text(*answer.adapted));
  if (answer.rtl) line("checked", to_text(*answer.rtl));
  line("compute", fmt::format("{} MACs, array used {} %", grouped(t.macs), fixed(t.utilization * 100, 1)));
  line("bound by", bound_text(t));
  line("energy", fmt::format("{} uJ, {} mW on average", fixed(t.energy_uj, 1), fixed(t.average_power_mw, 1)));
  line("area", fmt::format("{} mm2", fixed(t.area_mm2, 3)));
  line("DRAM traffic", bytes_text(t.dram_bytes));
  line("on-chip peak", fmt::format("{} {}; {} of live activations untiled", bytes_text(t.peak_sram_bytes),
                                   answer.source == record::Source::kSimulated ? "as planned" : "predicted",
                                   bytes_text(t.peak_activation_bytes)));
  line("kept on chip",
       fmt::format("{} tensors, at most {} at once; {} spilled ({})", grouped(answer.memory.kept_tensors()),
                   bytes_text(answer.memory.peak().count()), grouped(answer.memory.spilled_tensors()),
                   bytes_text(answer.memory.spilled_bytes().count())));
  line("parameters", fmt::format("{} ({})", grouped(t.parameters), bytes_text(t.parameter_bytes)));
  const std::string weights = weights_text(answer.subgraphs);
  if (!weights.empty()) line("weights", weights);
  const std::int64_t between = answer.between.latency_cycles;
  line("between subgraphs", fmt::format("{} cycles{}", grouped(between),
                                        between < 0 ? ": subgraphs overlap by so much, against each alone" : ""));
  line("host fallback", fmt::format("{} % of the latency", fixed(t.host_share_percent, 1)));
  return out;
}

std::string share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? "-" : fixed(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1);
}

// Where the time goes, by what it is bound by.
std::string bounds_table(const study::NetworkAnswer& answer) {
  struct Sum {
    std::int64_t subgraphs = 0, cycles = 0;
  };
  std::map<std::string, Sum> sums;
  for (const study::SubgraphAnswer& subgraph : answer.subgraphs) {
    Sum& sum = sums[subgraph.bound_by];
    ++sum.subgraphs;
    sum.cycles += subgraph.in_network_cycles;
  }
  Table table({{"bound by", Align::kLeft}, {"subgraphs"}, {"cycles"}, {"share %"}});
  for (const auto& [bound, sum] : sums) {
    table.add({bound, grouped(sum.subgraphs), grouped(sum.cycles), share(sum.cycles, answer.total.latency_cycles)});
  }
  return table.text();
}

// What doubling each resource would save, over the whole network: those that save something, most first.
std::string gains_table(const study::NetworkAnswer& answer) {
  constexpr double kWorthALine = 0.1;  // percent
  std::vector<std::pair<double, const engine::ResourceName*>> rows;
  for (const engine::ResourceName& name : engine::resource_names()) {
    const double percent = 100 * answer.total.gains[name.resource] /
                           static_cast<double>(std::max<std::int64_t>(1, answer.total.latency_cycles));
    if (percent >= kWorthALine) rows.emplace_back(percent, &name);
  }
  if (rows.empty()) return "";
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  Table table({{"twice as much", Align::kLeft}, {"saves %"}});
  for (const auto& [percent, name] : rows) table.add({name->text, fixed(percent, 1)});
  return table.text() + '\n';
}

bool any_cascade(const study::NetworkAnswer& answer) {
  return std::any_of(answer.subgraphs.begin(), answer.subgraphs.end(),
                     [](const study::SubgraphAnswer& s) { return s.cascade >= 0; });
}

std::string subgraph_table(const study::NetworkAnswer& answer) {
  std::vector<Table::Column> columns = {{"subgraph", Align::kLeft},
                                        {"block", Align::kLeft},
                                        {"family", Align::kLeft},
                                        {"kMACs"},
                                        {"cycles"},
                                        {"share %"},
                                        {"array %"},
                                        {"energy uJ"},
                                        {"DRAM KiB"},
                                        {"on-chip KiB"},
                                        {"bound by", Align::kLeft}};
  const bool cascades = any_cascade(answer);
  if (cascades) columns.push_back({"stripes"});
  if (answer.reliability) {
    columns.insert(columns.begin() + 5, {{"low"}, {"high"}});
    columns.push_back({"trust", Align::kLeft});
  }
  Table table(columns);
  for (const study::SubgraphAnswer& s : answer.subgraphs) {
    std::vector<std::string> cells = {s.name,
                                      s.block,
                                      s.family,
                                      thousands_text(s.macs),
                                      grouped(s.latency_cycles),
                                      share(s.in_network_cycles, answer.total.latency_cycles),
                                      fixed(s.utilization * 100, 1),
                                      fixed(s.energy_uj, 2),
                                      fixed(static_cast<double>(s.dram_bytes) / 1024, 1),
                                      fixed(static_cast<double>(s.peak_sram_bytes) / 1024, 1),
                                      s.bound_by};
    if (cascades) cells.push_back(s.cascade < 0 ? "" : fmt::format("{} (cascade {})", s.stripes, s.cascade));
    if (s.reliability) {
      const std::optional<study::LatencyInterval>& interval = s.reliability->interval;
      cells.insert(cells.begin() + 5,
                   {interval ? grouped(interval->low_cycles) : "-", interval ? grouped(interval->high_cycles) : "-"});
      cells.emplace_back(s.source == record::Source::kSimulated ? "simulated"
                         : s.reliability->in_range              ? "in range"
                                                                : "out of range");
    }
    table.add(cells);
  }
  return table.text();
}

}  // namespace

std::string error_text(const study::EstimatorNote& estimator, const std::optional<estimator::Accuracy>& held_out) {
  if (estimator.other_family) {
    return fmt::format("not known: the estimator was trained on engines of the family {}, and this one is of another",
                       estimator.family);
  }
  if (!held_out) return "";
  return fmt::format("{} % on average over {} subgraphs on engines held out from training, {} % of them within 10 %",
                     fixed(held_out->mape_percent, 1), grouped(held_out->rows), fixed(held_out->within_10_percent, 1));
}

std::string to_text(const study::RtlCheckSummary& check) {
  if (check.rows == 0) return fmt::format("engine family {}: not checked against RTL", check.family);
  return fmt::format("engine family {}: checked on {} RTL rows, mean error {} %, worst {} %{}", check.family,
                     check.rows, record::csv_number(check.mape_percent), record::csv_number(check.worst_percent),
                     check.engine_differs ? "; this engine differs from the members checked" : "");
}

std::string to_text(const std::vector<study::NetworkAnswer>& answers) {
  std::string out;
  for (const study::NetworkAnswer& answer : answers) {
    if (!out.empty()) out += '\n';
    out += head(answer) + '\n' + bounds_table(answer) + '\n' + gains_table(answer) + breakdown_text(answer.total) +
           '\n' + subgraph_table(answer);
    if (answer.profile) out += '\n' + to_text(*answer.profile);
    if (answer.sensitivity) out += '\n' + sensitivity_text(*answer.sensitivity);
  }
  return out;
}

std::string to_csv(const std::vector<study::NetworkAnswer>& answers) {
  const bool profiled =
      std::any_of(answers.begin(), answers.end(), [](const study::NetworkAnswer& a) { return a.profile; });
  std::vector<std::string> header = {
      "network",        "engine",      "source",    "tool_version", "subgraph",        "block",    "family",   "macs",
      "latency_cycles", "utilization", "energy_uj", "dram_bytes",   "peak_sram_bytes", "bound_by", "rtl_check"};
  header.emplace_back("engine_overrides");
  header.emplace_back("engine_hash");
  if (profiled) {
    for (const char* column : {"macs_per_dram_byte", "attainable_macs_per_cycle", "macs_per_cycle",
                               "percent_of_roofline", "ceiling_macs_per_cycle", "ceiling"}) {
      header.emplace_back(column);
    }
  }
  const bool estimated = std::any_of(answers.begin(), answers.end(),
                                     [](const study::NetworkAnswer& a) { return a.reliability.has_value(); });
  if (estimated) {
    for (const char* column : {"interval_level", "low_cycles", "high_cycles", "in_range", "out_of_range"}) {
      header.emplace_back(column);
    }
  }
  const bool cascades = std::any_of(answers.begin(), answers.end(), any_cascade);
  if (cascades) {
    for (const char* column : {"cascade", "stripes"}) header.emplace_back(column);
  }
  std::string out = record::csv_line(header);
  for (const study::NetworkAnswer& answer : answers) {
    for (std::size_t i = 0; i < answer.subgraphs.size(); ++i) {
      const study::SubgraphAnswer& s = answer.subgraphs[i];
      std::vector<std::string> cells = {answer.network,
                                        answer.engine,
                                        record::to_string(s.source),
                                        answer.tool_version,
                                        s.name,
                                        s.block,
                                        s.family,
                                        fmt::format("{}", s.macs),
                                        fmt::format("{}", s.latency_cycles),
                                        record::csv_number(s.utilization),
                                        record::csv_number(s.energy_uj),
                                        fmt::format("{}", s.dram_bytes),
                                        fmt::format("{}", s.peak_sram_bytes),
                                        s.bound_by,
                                        answer.rtl ? to_text(*answer.rtl) : "",
                                        answer.identity.overrides_text(),
                                        answer.identity.hash};
      if (answer.profile) {
        const study::SubgraphProfile& p = answer.profile->subgraphs[i];
        cells.push_back(p.macs_per_dram_byte ? record::csv_number(*p.macs_per_dram_byte) : "");
        for (const double value : {p.attainable_macs_per_cycle, p.macs_per_cycle, p.percent_of_roofline}) {
          cells.push_back(record::csv_number(value));
        }
        cells.push_back(record::csv_number(p.lowest().macs_per_cycle));
        cells.emplace_back(p.ceilings.empty() ? "" : study::to_string(p.lowest().ceiling));
      }
      if (s.reliability) {
        const study::Reliability& known = *s.reliability;
        cells.push_back(known.interval ? record::csv_number(known.interval->level) : "");
        cells.push_back(known.interval ? fmt::format("{}", known.interval->low_cycles) : "");
        cells.push_back(known.interval ? fmt::format("{}", known.interval->high_cycles) : "");
        cells.emplace_back(known.in_range ? "1" : "0");
        cells.push_back(fmt::format("{}", fmt::join(known.out_of_range, "; ")));
      }
      if (cascades) {
        cells.push_back(s.cascade < 0 ? "" : fmt::format("{}", s.cascade));
        cells.push_back(fmt::format("{}", s.stripes));
      }
      out += record::csv_line(cells);
    }
  }
  return out;
}

}  // namespace lanewise::report
