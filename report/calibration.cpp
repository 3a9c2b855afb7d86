// SPDX-License-Identifier: Apache-2.0
#include "report/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/engine/engine_config.hpp"
#include "core/engine/hwconfig_text.hpp"
#include "core/record/csv.hpp"
#include "report/json.hpp"
#include "report/layer_log.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

Json errors_json(const study::FitErrors& errors) {
  return {{"before", error_json(errors.before)}, {"after", error_json(errors.after)}};
}

const char* standing_of(const study::FittedKey& key) {
  return key.identifiability ? study::to_string(key.identifiability->kind) : "set_by_rows";
}

Json key_json(const study::FittedKey& key) {
  Json out = {{"key", key.key}, {"described", key.described}, {"fitted", key.fitted}, {"standing", standing_of(key)}};
  if (!key.identifiability) return out;
  const study::KeyIdentifiability& known = *key.identifiability;
  out["together_with"] = known.together_with;
  out["lower_rise_percent"] = known.lower_rise_percent;
  out["higher_rise_percent"] = known.higher_rise_percent;
  if (known.kind == study::Identifiability::kKnown) out["uncertainty_percent"] = known.uncertainty_percent;
  return out;
}

std::string rise_text(double percent) { return fmt::format("{:+.2f}", percent); }

std::string left_out_text(const study::Calibration& fit) {
  if (fit.left_out_by == "folds") return fmt::format("left out in {} folds", fit.folds);
  return fmt::format("left out, {} % of the shapes", fixed(100 * fit.hold_out_share, 0));
}

std::string errors_table(const study::Calibration& fit) {
  Table table(
      {{"rows", Align::kLeft}, {"number"}, {"", Align::kLeft}, {"MAPE %"}, {"median %"}, {"worst %"}, {"sum %"}});
  const auto add = [&](const std::string& rows, const char* when, const study::FitError& error) {
    table.add({rows, grouped(error.rows), when, fixed(error.mape_percent, 2), fixed(error.median_percent, 2),
               fixed(error.worst_percent, 2), signed_fixed(error.total_error_percent, 2)});
  };
  add("fitted to", "as described", fit.fitted.before);
  add("fitted to", "as fitted", fit.fitted.after);
  add(left_out_text(fit), "as described", fit.left_out.before);
  add(left_out_text(fit), "as fitted", fit.left_out.after);
  add("fitted to", "roofline", fit.roofline_fitted);
  add(left_out_text(fit), "roofline", fit.roofline_left_out);
  return table.text();
}

// What holds for any model of these rows.
std::string yardsticks_text(const study::Calibration& fit) {
  std::string out = fmt::format(
      "roofline: max(compute at {} %, {} B/cycle) + {} cycles a row, three numbers fitted to the same rows\n",
      fixed(100 * fit.roofline.compute_share, 1), compact(fit.roofline.bytes_per_cycle),
      grouped(static_cast<std::int64_t>(std::llround(fit.roofline.launch_cycles))));
  if (fit.repeats.rows > 0) {
    out += fmt::format(
        "repeated: {} rows are of {} layers that were measured more than once; no model is nearer to them than {} %, "
        "and to "
        "all rows than {} %\n",
        grouped(fit.repeats.rows), grouped(fit.repeats.shapes), fixed(fit.repeats.floor_of_repeats_percent, 2),
        fixed(fit.repeats.floor_percent, 2));
  }
  return out;
}

std::string keys_table(const study::Calibration& fit) {
  Table table({{"key", Align::kLeft}, {"described"}, {"fitted"}, {"10 % lower"}, {"10 % higher"}, {"", Align::kLeft}});
  for (const study::FittedKey& key : fit.keys) {
    const bool felt = key.identifiability && key.identifiability->kind != study::Identifiability::kUnknown;
    table.add({key.key, key.described, key.fitted, felt ? rise_text(key.identifiability->lower_rise_percent) : "-",
               felt ? rise_text(key.identifiability->higher_rise_percent) : "-", identifiability_text(key)});
  }
  return table.text();
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}

std::string fit_error_text(const char* what, const study::FitErrors& errors) {
  return fmt::format("{} {} rows: MAPE {} % as described, {} % as fitted.", what, errors.after.rows,
                     fixed(errors.before.mape_percent, 2), fixed(errors.after.mape_percent, 2));
}

std::vector<std::string> head_of(const study::Calibration& fit) {
  std::vector<std::string> head = {fmt::format("Fitted to measured cycles by lanewise {}: rows of {} (content {}).",
                                               fit.tool_version, fit.rows_file, fit.rows_hash),
                                   fit_error_text("On the", fit.fitted)};
  if (fit.left_out.after.rows > 0) {
    head.push_back(fit_error_text(
        fit.folds > 0 ? fmt::format("Each left out once, in {} folds, the", fit.folds).c_str() : "Never used, the",
        fit.left_out));
  }
  for (std::string& line : head) {
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  }
  return head;
}

// A comment behind a value has to be short: the keys that a joint one depends on are named in the report alone.
std::string comment_text(const study::FittedKey& key) {
  const bool joint = key.identifiability && key.identifiability->kind == study::Identifiability::kJoint;
  return joint ? "known together with others only" : identifiability_text(key);
}

}  // namespace

Json error_json(const study::FitError& error) {
  return {{"rows", error.rows},
          {"mape_percent", error.mape_percent},
          {"median_percent", error.median_percent},
          {"worst_percent", error.worst_percent},
          {"total_error_percent", error.total_error_percent}};
}

std::string identifiability_text(const study::FittedKey& key) {
  if (!key.identifiability) return "not fitted: every row sets it";
  const study::KeyIdentifiability& known = *key.identifiability;
  switch (known.kind) {
    case study::Identifiability::kKnown:
      if (known.uncertainty_percent == 0) return "known exactly";
      return fmt::format("known to {} %", compact(known.uncertainty_percent));
    case study::Identifiability::kJoint:
      if (known.together_with.empty()) return "not known by itself";
      return "only together with " + joined(known.together_with, ", ");
    case study::Identifiability::kAtLeast:
      return "at least: more changes nothing";
    case study::Identifiability::kAtMost:
      return "at most: less changes nothing";
    case study::Identifiability::kUnknown:
      break;
  }
  return "not known from these rows: kept";
}

std::string to_json(const study::Calibration& fit) {
  Json out = {{"engine", fit.engine}};
  add_identity(out, fit.identity);
  out.update({{"rows", fit.rows_file},
              {"rows_hash", fit.rows_hash},
              {"tool_version", fit.tool_version},
              {"rows_of_other_engines", fit.of_other_engines},
              {"ignored_columns", fit.ignored_columns},
              {"log", log_json(fit.log)},
              {"fitted", errors_json(fit.fitted)},
              {"left_out", errors_json(fit.left_out)}});
  Json& left_out = out["left_out"];
  left_out["by"] = fit.left_out_by;
  if (fit.left_out_by == "folds") {
    left_out["folds"] = fit.folds;
  } else {
    left_out["share"] = fit.hold_out_share;
  }
  left_out["worse"] = fit.left_out_worse();
  out["roofline"] = {{"compute_share", fit.roofline.compute_share},   {"bytes_per_cycle", fit.roofline.bytes_per_cycle},
                     {"launch_cycles", fit.roofline.launch_cycles},   {"fitted", error_json(fit.roofline_fitted)},
                     {"left_out", error_json(fit.roofline_left_out)}, {"better", fit.roofline_better()}};
  out["repeats"] = {{"rows", fit.repeats.rows},
                    {"shapes", fit.repeats.shapes},
                    {"floor_of_repeats_percent", fit.repeats.floor_of_repeats_percent},
                    {"floor_percent", fit.repeats.floor_percent},
                    {"scatter", fit.repeats.scatter}};
  out["keys"] = Json::array();
  for (const study::FittedKey& key : fit.keys) out["keys"].push_back(key_json(key));
  out["evaluations"] = fit.evaluations;
  if (!fit.out.empty()) out["out"] = fit.out;
  return dump(out);
}

std::string to_text(const study::Calibration& fit) {
  std::string out = fmt::format("{} fitted to rows of {} by lanewise {}; errors in percent of what was measured\n\n",
                                fit.identity.title(fit.engine), fit.rows_file, fit.tool_version);
  if (fit.of_other_engines > 0) out += fmt::format("  {} rows name another engine\n", grouped(fit.of_other_engines));
  if (!fit.ignored_columns.empty()) out += "  columns not read: " + joined(fit.ignored_columns, ", ") + "\n";
  out += log_text(fit.log);
  if (fit.of_other_engines > 0 || !fit.ignored_columns.empty() || !fit.log.tool.empty()) out += "\n";
  out += errors_table(fit) + "\n" + yardsticks_text(fit) + "\n" + keys_table(fit);
  out += "\n10 % lower, higher: by how many points the mean error grows where this key alone is that much off\n";
  if (fit.left_out_worse()) {
    out += fmt::format("worse on the rows left out: MAPE {} % as described, {} % as fitted\n",
                       fixed(fit.left_out.before.mape_percent, 2), fixed(fit.left_out.after.mape_percent, 2));
  }
  if (fit.roofline_better()) {
    out += fmt::format("the roofline is nearer to the rows left out: MAPE {} %, {} % as fitted\n",
                       fixed(fit.roofline_left_out.mape_percent, 2), fixed(fit.left_out.after.mape_percent, 2));
  }
  if (!fit.out.empty() && fit.left_out_worse()) out += "written all the same, as --force asked\n";
  return out;
}

std::string to_csv(const study::Calibration& fit) {
  std::string out = record::csv_line({"key", "described", "fitted", "standing", "together_with", "lower_rise_percent",
                                      "higher_rise_percent", "uncertainty_percent"});
  for (const study::FittedKey& key : fit.keys) {
    const study::KeyIdentifiability known = key.identifiability.value_or(study::KeyIdentifiability{});
    const bool fitted = key.identifiability.has_value();
    out += record::csv_line(
        {key.key, key.described, key.fitted, standing_of(key), joined(known.together_with, " "),
         fitted ? record::csv_number(known.lower_rise_percent) : "",
         fitted ? record::csv_number(known.higher_rise_percent) : "",
         known.kind == study::Identifiability::kKnown ? record::csv_number(known.uncertainty_percent) : ""});
  }
  return out;
}

std::string to_hwconfig(const study::Calibration& fit, const std::string& hw,
                        const std::vector<engine::Override>& overrides) {
  std::vector<engine::ChangedValue> changes;
  for (const study::FittedKey& key : fit.keys) {
    if (key.fitted == key.described) continue;
    changes.push_back(
        {key.key, key.fitted, fmt::format("fitted, {}; described: {}", comment_text(key), key.described)});
  }
  const engine::EngineConfig file = engine::load_engine(hw, overrides).config;
  for (const engine::Override& given : overrides) {
    const auto same = [&](const engine::ChangedValue& change) { return change.key == given.key; };
    if (std::any_of(changes.begin(), changes.end(), same)) continue;
    changes.push_back({given.key, engine::value_text(file, given.key), "given beside the file"});
  }
  return engine::with_changed_values(hw, changes, head_of(fit));
}

}  // namespace lanewise::report
