// SPDX-License-Identifier: Apache-2.0
#include "report/accuracy.hpp"

#include <fmt/format.h>

#include "core/record/csv.hpp"
#include "report/campaign_record.hpp"
#include "report/external.hpp"
#include "report/json.hpp"
#include "report/network_accuracy.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

// Every table of a split by name: the estimator's latency first.
std::vector<std::pair<std::string, estimator::Accuracy>> parts_of(const estimator::SplitReport& split) {
  return {{"latency", split.latency}, {"weighted", split.weighted},          {"outside_ranges", split.outside_ranges},
          {"bound", split.bound},     {"reference", split.analytical_model}, {"without_bound", split.without_bound},
          {"energy", split.energy},   {"dram_bytes", split.dram_bytes},      {"peak_sram_bytes", split.peak_sram}};
}

// The coverage of one kind of interval in a hold-out.
struct IntervalsOf {
  const char* what;
  bool outside_ranges;  // on engines beyond the family's ranges
  const std::vector<estimator::Coverage>* coverage;
};
std::vector<IntervalsOf> intervals_of(const estimator::SplitReport& split) {
  const estimator::IntervalReport& report = split.intervals;
  return {{"passes", false, &report.subgraphs},
          {"passes", true, &report.subgraphs_outside},
          {"networks", false, &report.networks},
          {"networks", true, &report.networks_outside}};
}

std::vector<std::string> cells(const estimator::Accuracy& row) {
  return {grouped(row.rows),
          fixed(row.mape_percent, 2),
          fixed(row.rmspe_percent, 2),
          fixed(row.within_5_percent, 1),
          fixed(row.within_10_percent, 1),
          fixed(row.spearman, 4)};
}

Table table_of(std::vector<Table::Column> first) {
  for (const char* header : {"rows", "MAPE %", "RMSPE %", "within 5 %", "within 10 %", "Spearman"}) {
    first.push_back({header, Align::kRight});
  }
  return Table(first);
}

}  // namespace

Json accuracy_json(const estimator::Accuracy& row) {
  return {{"rows", row.rows},
          {"mape_percent", row.mape_percent},
          {"rmspe_percent", row.rmspe_percent},
          {"within_5_percent", row.within_5_percent},
          {"within_10_percent", row.within_10_percent},
          {"spearman", row.spearman}};
}

Json splits_json(const estimator::AccuracyReport& report) {
  Json splits = Json::object();
  for (const auto& [split_name, split] : report.splits) {
    Json json = accuracy_json(split.latency);
    for (const auto& [name, row] : parts_of(split)) {
      if (name != "latency") json[name] = accuracy_json(row);
    }
    json["by_family"] = Json::object();
    for (const auto& [family, row] : split.by_family) json["by_family"][family] = accuracy_json(row);
    json["intervals"] = Json::array();
    for (const IntervalsOf& part : intervals_of(split)) {
      for (const estimator::Coverage& row : *part.coverage) {
        json["intervals"].push_back({{"of", part.what},
                                     {"outside_ranges", part.outside_ranges},
                                     {"level", row.level},
                                     {"count", row.count},
                                     {"covered_percent", row.covered_percent},
                                     {"median_width_percent", row.median_width_percent}});
      }
    }
    json["complete_networks"] = split.intervals.complete_networks;
    json["engines"] = split.engines;
    json["training_rows"] = split.training_rows;
    json["training_engines"] = split.training_engines;
    splits[split_name] = json;
  }
  return splits;
}

std::string to_json(const estimator::AccuracyReport& report) {
  return dump({{"rows", report.rows},
               {"engines", report.engines},
               {"family", report.family},
               {"splits", splits_json(report)},
               {"whole_networks", network_report_json(report.networks)},
               {"campaigns", campaigns_json(report.campaigns)},
               {"measured_by", report.measured_by.empty() ? Json("simulator") : Json(report.measured_by)}});
}

// How often the intervals held; "" where there are none.
std::string coverage_text(const estimator::AccuracyReport& report) {
  Table table({{"held out", Align::kLeft},
               {"intervals of", Align::kLeft},
               {"level %"},
               {"compared"},
               {"covered %"},
               {"median width %"}});
  bool any = false;
  for (const auto& [split_name, split] : report.splits) {
    bool first = true;
    for (const IntervalsOf& part : intervals_of(split)) {
      for (const estimator::Coverage& row : *part.coverage) {
        table.add({first ? split_name : "",
                   part.what + std::string(part.outside_ranges ? ", beyond the family's ranges" : ""),
                   fixed(100 * row.level, 0), grouped(row.count), fixed(row.covered_percent, 1),
                   fixed(row.median_width_percent, 2)});
        first = false;
        any = true;
      }
    }
  }
  return any ? "\nHow often latency intervals held what was measured; width is high less low, of the prediction:\n\n" +
                   table.text()
             : "";
}

std::string to_text(const estimator::AccuracyReport& report) {
  std::string out = fmt::format("Estimator of the family {}: {} rows on {} engines\n\n", report.family,
                                grouped(report.rows), grouped(report.engines));
  if (!report.measured_by.empty()) out += measured_by_text(report.measured_by) + "\n";
  Table main = table_of({{"held out", Align::kLeft}, {"predicted", Align::kLeft}});
  for (const auto& [split_name, split] : report.splits) {
    for (const auto& [name, row] : parts_of(split)) {
      if (row.rows == 0) continue;
      const std::string label = name == "bound"            ? "latency, by the roofline alone"
                                : name == "weighted"       ? "latency, weighted by occurrence"
                                : name == "outside_ranges" ? "latency, beyond the family's ranges"
                                : name == "without_bound"  ? "latency, by a regressor without the analytical model"
                                : name == "reference"      ? "latency, by the analytical model corrected"
                                                           : name;
      std::vector<std::string> line = {name == "latency" ? split_name : "", label};
      for (std::string& cell : cells(row)) line.push_back(std::move(cell));
      main.add(line);
    }
  }
  out += main.text() + "\nLatency by subgraph family:\n\n";
  Table families = table_of({{"held out", Align::kLeft}, {"family", Align::kLeft}});
  for (const auto& [split_name, split] : report.splits) {
    bool first = true;
    for (const auto& [family, row] : split.by_family) {
      std::vector<std::string> line = {first ? split_name : "", family};
      for (std::string& cell : cells(row)) line.push_back(std::move(cell));
      families.add(line);
      first = false;
    }
  }
  out += families.text() + coverage_text(report) + network_report_text(report.networks);
  return report.campaigns.empty() ? out : out + "\n" + campaigns_text(report.campaigns);
}

std::string to_csv(const estimator::AccuracyReport& report) {
  std::string out = record::csv_line({"split", "predicted", "family", "rows", "mape_percent", "rmspe_percent",
                                      "within_5_percent", "within_10_percent", "spearman"});
  const auto line = [&](const std::string& split, const std::string& predicted, const std::string& family,
                        const estimator::Accuracy& row) {
    out +=
        record::csv_line({split, predicted, family, fmt::format("{}", row.rows), record::csv_number(row.mape_percent),
                          record::csv_number(row.rmspe_percent), record::csv_number(row.within_5_percent),
                          record::csv_number(row.within_10_percent), record::csv_number(row.spearman)});
  };
  for (const auto& [split_name, split] : report.splits) {
    for (const auto& [name, row] : parts_of(split)) line(split_name, name, "", row);
    for (const auto& [family, row] : split.by_family) line(split_name, "latency", family, row);
  }
  return out;
}

}  // namespace lanewise::report
