// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>

#include "report/answer.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

std::string head(const NetworkAnswer& answer) {
  const Totals& t = answer.total;
  std::string out = fmt::format("{} on {}, {} by lanewise {}\n\n", answer.network, answer.engine,
                                record::to_string(answer.source), answer.tool_version);
  const auto line = [&](const char* label, const std::string& text) {
    out += fmt::format("  {:<17} {}\n", label, text);
  };
  line("latency", fmt::format("{} ms ({} cycles), {} inferences/s", fixed(t.latency_ms, 3), grouped(t.latency_cycles),
                              fixed(t.inferences_per_second, 1)));
  if (answer.error) {
    line("error",
         fmt::format("{} % on average over {} passes on engines held out from training, {} % of them within 10 %",
                     fixed(answer.error->mape_percent, 1), grouped(answer.error->rows),
                     fixed(answer.error->within_10_percent, 1)));
  }
  line("compute", fmt::format("{} MACs, array used {} %", grouped(t.macs), fixed(t.utilization * 100, 1)));
  line("bound by", t.bound_by);
  line("energy", fmt::format("{} uJ, {} mW on average", fixed(t.energy_uj, 1), fixed(t.average_power_mw, 1)));
  line("area", fmt::format("{} mm2", fixed(t.area_mm2, 3)));
  line("DRAM traffic", bytes_text(t.dram_bytes));
  line("on-chip peak", fmt::format("{} {}; {} of live activations untiled", bytes_text(t.peak_sram_bytes),
                                   answer.source == record::Source::kSimulated ? "as planned" : "predicted",
                                   bytes_text(t.peak_activation_bytes)));
  line("parameters", fmt::format("{} ({})", grouped(t.parameters), bytes_text(t.parameter_bytes)));
  line("host fallback", fmt::format("{} % of the latency", fixed(t.host_share_percent, 1)));
  line("between passes", fmt::format("{} cycles", grouped(answer.between.latency_cycles)));
  return out;
}

std::string share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? "-" : fixed(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1);
}

// Where the time goes, by what it is bound by.
std::string bounds_table(const NetworkAnswer& answer) {
  struct Sum {
    std::int64_t passes = 0, cycles = 0;
  };
  std::map<std::string, Sum> sums;
  for (const SubgraphAnswer& subgraph : answer.subgraphs) {
    Sum& sum = sums[subgraph.bound_by];
    ++sum.passes;
    sum.cycles += subgraph.latency_cycles;
  }
  Table table({{"bound by", Align::kLeft}, {"passes"}, {"cycles"}, {"share %"}});
  for (const auto& [bound, sum] : sums) {
    table.add({bound, grouped(sum.passes), grouped(sum.cycles), share(sum.cycles, answer.total.latency_cycles)});
  }
  return table.text();
}

std::string subgraph_table(const NetworkAnswer& answer) {
  Table table({{"subgraph", Align::kLeft},
               {"block", Align::kLeft},
               {"pass", Align::kLeft},
               {"kMACs"},
               {"cycles"},
               {"share %"},
               {"array %"},
               {"energy uJ"},
               {"DRAM KiB"},
               {"on-chip KiB"},
               {"bound by", Align::kLeft}});
  for (const SubgraphAnswer& s : answer.subgraphs) {
    table.add({s.name, s.block, s.family, grouped(s.macs / 1000), grouped(s.latency_cycles),
               share(s.latency_cycles, answer.total.latency_cycles), fixed(s.utilization * 100, 1),
               fixed(s.energy_uj, 2), fixed(static_cast<double>(s.dram_bytes) / 1024, 1),
               fixed(static_cast<double>(s.peak_sram_bytes) / 1024, 1), s.bound_by});
  }
  return table.text();
}

}  // namespace

std::string to_text(const std::vector<NetworkAnswer>& answers) {
  std::string out;
  for (const NetworkAnswer& answer : answers) {
    if (!out.empty()) out += '\n';
    out += head(answer) + '\n' + bounds_table(answer) + '\n' + subgraph_table(answer);
  }
  return out;
}

std::string to_csv(const std::vector<NetworkAnswer>& answers) {
  std::string out =
      csv_line({"network", "engine", "source", "tool_version", "subgraph", "block", "family", "macs", "latency_cycles",
                "utilization", "energy_uj", "dram_bytes", "peak_sram_bytes", "bound_by"});
  for (const NetworkAnswer& answer : answers) {
    for (const SubgraphAnswer& s : answer.subgraphs) {
      out += csv_line({answer.network, answer.engine, record::to_string(answer.source), answer.tool_version, s.name,
                       s.block, s.family, fmt::format("{}", s.macs), fmt::format("{}", s.latency_cycles),
                       csv_number(s.utilization), csv_number(s.energy_uj), fmt::format("{}", s.dram_bytes),
                       fmt::format("{}", s.peak_sram_bytes), s.bound_by});
    }
  }
  return out;
}

}  // namespace lanewise::report
