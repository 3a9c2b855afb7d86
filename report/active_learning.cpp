// SPDX-License-Identifier: Apache-2.0
#include "report/active_learning.hpp"

#include <fmt/format.h>

#include "core/record/csv.hpp"
#include "report/external.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

std::string outcome_text(const study::LearningReport& report) {
  const std::string rows =
      fmt::format("{} of {} rows measured", grouped(report.chosen_rows), grouped(report.pool_rows));
  if (report.outcome == "reached") return "reached with " + rows;
  if (report.outcome == "pool_exhausted") {
    return "not reached: every row of the campaign that may be trained on is measured; " + rows;
  }
  return "not reached with as many rows as were allowed; " + rows;
}

}  // namespace

std::string to_json(const study::LearningReport& report) {
  Json json;
  json["target"] = report.target;
  json["split"] = report.split;
  json["strategy"] = report.strategy;
  json["outcome"] = report.outcome;
  json["pool_rows"] = report.pool_rows;
  json["hold_out_rows"] = report.hold_out_rows;
  json["refused_rows"] = report.refused_rows;
  json["chosen_rows"] = report.chosen_rows;
  json["failed_rows"] = report.failed_rows;
  json["rounds"] = Json::array();
  for (const study::LearningReport::Round& round : report.rounds) {
    json["rounds"].push_back({{"training_rows", round.rows}, {"hold_out", accuracy_json(round.accuracy)}});
  }
  json["final"] = {{"meets_target", report.final_meets_target}, {"hold_out", accuracy_json(report.final_accuracy)}};
  json["estimator"] = {{"rows", report.estimator.rows},
                       {"engines", report.estimator.engines},
                       {"family", report.estimator.family},
                       {"splits", splits_json(report.estimator)}};
  if (report.external) json["external"] = external_json(*report.external);
  return dump(json);
}

std::string to_text(const study::LearningReport& report) {
  std::string out = fmt::format(
      "Learning until {} on the split {}, points chosen by strategy {}\n\n"
      "  outcome    {}\n"
      "  hold-out   {} rows, never trained on and never asked what to measure\n"
      "  left out   {} rows that share a side with the hold-out or lie beyond the ranges, {} that failed\n\n",
      report.target, report.split, report.strategy, outcome_text(report), grouped(report.hold_out_rows),
      grouped(report.refused_rows), grouped(report.failed_rows));
  Table table({{"round", Align::kLeft},
               {"rows", Align::kRight},
               {"MAPE %", Align::kRight},
               {"within 5 %", Align::kRight},
               {"within 10 %", Align::kRight},
               {"Spearman", Align::kRight}});
  const auto line = [&](const std::string& name, std::int64_t rows, const estimator::Accuracy& row) {
    table.add({name, grouped(rows), fixed(row.mape_percent, 2), fixed(row.within_5_percent, 1),
               fixed(row.within_10_percent, 1), fixed(row.spearman, 4)});
  };
  for (std::size_t i = 0; i < report.rounds.size(); ++i) {
    line(fmt::format("{}", i + 1), report.rounds[i].rows, report.rounds[i].accuracy);
  }
  line("final model", report.estimator.rows, report.final_accuracy);
  out += table.text();
  if (report.outcome == "reached" && !report.final_meets_target) {
    out += "\nThe final model misses the target: it learned from other rows of the store, too.\n";
  }
  if (report.external) out += "\n" + external_text(*report.external);
  return out + "\n" + to_text(report.estimator);
}

std::string to_csv(const study::LearningReport& report) {
  std::string out = record::csv_line({"round", "training_rows", "hold_out_rows", "mape_percent", "rmspe_percent",
                                      "within_5_percent", "within_10_percent", "spearman"});
  const auto line = [&](const std::string& name, std::int64_t rows, const estimator::Accuracy& row) {
    out += record::csv_line({name, fmt::format("{}", rows), fmt::format("{}", row.rows),
                             record::csv_number(row.mape_percent), record::csv_number(row.rmspe_percent),
                             record::csv_number(row.within_5_percent), record::csv_number(row.within_10_percent),
                             record::csv_number(row.spearman)});
  };
  for (std::size_t i = 0; i < report.rounds.size(); ++i) {
    line(fmt::format("{}", i + 1), report.rounds[i].rows, report.rounds[i].accuracy);
  }
  line("final", report.estimator.rows, report.final_accuracy);
  return out;
}

}  // namespace lanewise::report
