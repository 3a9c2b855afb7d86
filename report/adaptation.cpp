// SPDX-License-Identifier: Apache-2.0
#include "report/adaptation.hpp"

#include <fmt/format.h>

#include "core/record/csv.hpp"
#include "report/json.hpp"
#include "report/layer_log.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

std::string errors_table(const study::AdaptationReport& report) {
  Table table({{"estimate", Align::kLeft}, {"rows"}, {"MAPE %"}, {"median %"}, {"worst %"}});
  const auto add = [&](const char* what, const study::FitError& error) {
    table.add({what, grouped(error.rows), fixed(error.mape_percent, 2), fixed(error.median_percent, 2),
               fixed(error.worst_percent, 2)});
  };
  add("as described", report.before);
  add("adapted, on the rows themselves", report.fitted);
  add("adapted without the row's shape", report.cross_after);
  return table.text();
}

std::string keys_table(const study::AdaptationReport& report) {
  Table table({{"key", Align::kLeft}, {"described"}, {"effective"}, {"", Align::kLeft}});
  for (const study::EffectiveValue& key : report.keys) {
    table.add({key.key, key.described, key.effective,
               key.described == key.effective ? "kept" : study::to_string(key.identifiability)});
  }
  return table.text();
}

}  // namespace

std::string to_json(const study::AdaptationReport& report) {
  Json out = {{"engine", report.engine}};
  add_identity(out, report.identity);
  out.update({{"family", report.family},
              {"rows", report.rows_file},
              {"rows_hash", report.rows_hash},
              {"tool_version", report.tool_version},
              {"rows_of_other_engines", report.of_other_engines},
              {"ignored_columns", report.ignored_columns},
              {"log", log_json(report.log)},
              {"keys_set_by_rows", report.row_keys},
              {"before", error_json(report.before)},
              {"fitted", error_json(report.fitted)},
              {"cross_validation",
               {{"folds", report.folds},
                {"effective_values_alone", error_json(report.cross_effective)},
                {"after", error_json(report.cross_after)}}}});
  out["keys"] = Json::array();
  for (const study::EffectiveValue& key : report.keys) {
    out["keys"].push_back({{"key", key.key},
                           {"described", key.described},
                           {"effective", key.effective},
                           {"standing", study::to_string(key.identifiability)}});
  }
  out["correction"] = Json::object();
  for (const study::CorrectionShare& term : report.correction) out["correction"][term.feature] = term.coefficient;
  return dump(out);
}

std::string to_text(const study::AdaptationReport& report) {
  std::string out =
      fmt::format("Estimator of the family {} adapted to {} as measured in {}, by lanewise {}\n", report.family,
                  report.identity.title(report.engine), report.rows_file, report.tool_version);
  if (report.of_other_engines > 0)
    out += fmt::format("{} rows name another engine\n", grouped(report.of_other_engines));
  out += log_text(report.log);
  out += "\n" + errors_table(report) + "\n" + keys_table(report) + "\ncorrection of what is left: ";
  if (report.correction.empty()) return out + "none helps\n";
  std::string terms;
  for (const study::CorrectionShare& term : report.correction) {
    terms += fmt::format("{}{} {:+.4f}", terms.empty() ? "" : ", ", term.feature, term.coefficient);
  }
  return out + terms + "\n";
}

std::string to_csv(const study::AdaptationReport& report) {
  std::string out = record::csv_line({"key", "described", "effective", "standing"});
  for (const study::EffectiveValue& key : report.keys) {
    out += record::csv_line({key.key, key.described, key.effective, study::to_string(key.identifiability)});
  }
  return out;
}

std::string to_text(const estimator::AdaptationNote& note) {
  if (!note.difference.empty()) {
    return fmt::format("no: the estimator is adapted to {}, and here {}", note.engine, note.difference);
  }
  return fmt::format("to {} as measured in {} rows: MAPE of their passes {} % before, {} % after in cross-validation",
                     note.engine, grouped(note.rows), fixed(note.before_mape_percent, 1),
                     fixed(note.after_mape_percent, 1));
}

}  // namespace lanewise::report
