// SPDX-License-Identifier: Apache-2.0
// The simulator beside measured cycles.
#include <fmt/format.h>

#include <algorithm>

#include "mcp/tools/table.hpp"

namespace lanewise::mcp {
namespace {

using Kind = Parameter::Kind;

const std::vector<const char*> kFigures = {"rows",
                                           "failed",
                                           "mape_percent",
                                           "median_percent",
                                           "p95_percent",
                                           "worst_percent",
                                           "worst_long_percent",
                                           "worst_short_cycles",
                                           "within_2_percent",
                                           "within_5_percent",
                                           "within_10_percent",
                                           "sequences",
                                           "worst_period_percent",
                                           "done_mape_percent"};

Json worst_rows(const Json& group, std::size_t rows) {
  Json out = Json::array();
  if (!group.contains("worst_rows")) return out;
  for (const Json& row : group.at("worst_rows")) {
    if (out.size() == rows) break;
    Json one =
        picked(row, {"line", "engine", "tag", "measured_cycles", "simulated_cycles", "error_percent", "bound_by"});
    one["part"] = row.contains("set") ? row.at("set") : row.value("unit", Json(nullptr));
    out.push_back(std::move(one));
  }
  return out;
}

// Back-to-back layers: one entry a sequence.
Json sequences_of(const Json& answer, std::size_t rows, std::size_t& hidden) {
  Json out = Json::array();
  if (!answer.contains("sequences")) return out;
  for (const auto& [engine, sequences] : answer.at("sequences").items()) {
    for (const auto& [name, sequence] : sequences.items()) {
      if (out.size() == rows) {
        ++hidden;
        continue;
      }
      Json one = {{"engine", engine}, {"sequence", name}};
      one.update(
          picked(sequence, {"layers", "measured_period", "simulated_period", "period_error_percent", "failure"}));
      out.push_back(std::move(one));
    }
  }
  return out;
}

Json validate_digest(const Json& answer, const Json& arguments, const Json&) {
  const std::size_t rows = rows_of(arguments);
  std::size_t hidden = 0;
  const Json& all = answer.at("all");
  Json out = picked(answer, {"file", "source", "tool_version", "ignored_columns"});
  out["all"] = picked(all, kFigures);
  out["engines"] = Json::object();
  if (answer.contains("engines")) {
    for (const auto& [name, group] : answer.at("engines").items()) {
      if (out["engines"].size() == rows) {
        ++hidden;
        continue;
      }
      out["engines"][name] = picked(group, kFigures);
      out["engines"][name].update(picked(group, {"engine_overrides", "engine_hash"}));
    }
  }
  out["worst_rows"] = worst_rows(all, rows);
  out["sequences"] = sequences_of(answer, rows, hidden);
  out["failed_rows"] = Json::array();
  if (answer.contains("failed_rows")) {
    for (const Json& row : answer.at("failed_rows")) {
      if (out["failed_rows"].size() < rows) {
        out["failed_rows"].push_back(picked(row, {"line", "engine", "tag", "failure"}));
      } else {
        ++hidden;
      }
    }
  }
  const bool sequences = answer.contains("sequences");
  const Json mape = all.at("mape_percent");
  const Json worst = sequences ? all.at("worst_period_percent") : all.at("worst_percent");
  const Json count = sequences ? all.at("sequences") : all.at("rows");
  const auto percent = [](const Json& value) {
    return value.is_null() ? std::string("not known") : short_number(value.get<double>()) + " %";
  };
  out["error"] = {{"of", "the simulator against what was measured"},
                  {"rows", count},
                  {"mape_percent", mape},
                  {"worst_percent", worst},
                  {"text", fmt::format("mean {}, worst {}", percent(mape), percent(worst))}};
  out["left_out"] = left_out(hidden, "the argument `rows` (up to 50), or on the command line --json");
  out["summary"] = fmt::format("{} {} of {} simulated, {} could not be: error {}", count.dump(),
                               sequences ? "sequences" : "rows", answer.at("file").get<std::string>(),
                               all.at("failed").dump(), out["error"].at("text").get<std::string>());
  return out;
}

Json validate_output() {
  const auto percent = [](const char* about) { return or_null(number_schema(about)); };
  std::vector<Field> figures = {
      {"rows", whole_schema("Rows simulated"), true},
      {"sequences", whole_schema("Sequences of layers simulated"), true},
      {"failed", whole_schema("That could not be")},
      {"mape_percent", percent("%, mean absolute error; of periods for sequences")},
      {"median_percent", percent("%, median"), true},
      {"p95_percent", percent("%, 95th percentile"), true},
      {"worst_percent", percent("%, largest"), true},
      {"worst_period_percent", percent("%, largest, of periods"), true},
      {"done_mape_percent", percent("%, mean, of the ends of layers"), true},
      {"worst_long_percent", percent("%, largest, of rows with 1,000 measured cycles or more"), true},
      {"worst_short_cycles", percent("Cycles, largest, of the others"), true},
      {"within_2_percent", percent("%, of the rows"), true},
      {"within_5_percent", percent("%, of the rows"), true},
      {"within_10_percent", percent("%, of the rows"), true}};
  std::vector<Field> of_engine = figures;
  of_engine.push_back({"engine_overrides", map_schema("Keys changed from its file", {{"type", "string"}}), true});
  of_engine.push_back({"engine_hash", text_schema("Of the engine"), true});
  const Json tag = text_schema("The row's own name");
  const Json row = object_schema("", {{"line", whole_schema("Of the file")},
                                      {"engine", text_schema("Name")},
                                      {"tag", tag},
                                      {"measured_cycles", number_schema("Cycles")},
                                      {"simulated_cycles", number_schema("Cycles"), true},
                                      {"error_percent", number_schema("%, signed"), true},
                                      {"bound_by", text_schema("What binds it in simulation"), true},
                                      {"part", or_null(text_schema("Its set, or its unit"))}});
  const Json sequence = object_schema("", {{"engine", text_schema("Name")},
                                           {"sequence", text_schema("Name")},
                                           {"layers", whole_schema("Number of them")},
                                           {"measured_period", percent("Cycles, mean difference of ends")},
                                           {"simulated_period", percent("Cycles")},
                                           {"period_error_percent", percent("%, signed")},
                                           {"failure", text_schema("Why it could not be simulated"), true}});
  const Json failed = object_schema("", {{"line", whole_schema("Of the file")},
                                         {"engine", text_schema("Name")},
                                         {"tag", tag},
                                         {"failure", text_schema("Why it cannot run")}});
  return object_schema("", {{"summary", text_schema("The answer in one sentence")},
                            {"file", text_schema("That was read")},
                            {"source", text_schema("simulated: what was held against the measured cycles")},
                            {"tool_version", text_schema("Of lanewise")},
                            {"ignored_columns", list_schema("That nothing reads", {{"type", "string"}})},
                            {"all", object_schema("Errors of all rows", figures)},
                            {"engines", map_schema("The same by engine", object_schema("", of_engine))},
                            {"worst_rows", list_schema("Rows with the largest errors", row)},
                            {"sequences", list_schema("Back-to-back layers", sequence)},
                            {"failed_rows", list_schema("Rows that no engine can run", failed)},
                            {"error", error_schema()},
                            {"left_out", left_out_schema()}});
}

}  // namespace

Tool validate_tool() {
  return {
      "validate",
      "Hold the simulator against measured cycles",
      "Simulates every row of a table of measured layers, RTL's or silicon's (CSV, or a profiler's log), and says how "
      "wrong the simulator is, and where most.",
      {"validate"},
      {{"file", Kind::kFile, "", "Table of measured rows", true},
       engine_parameter(false),
       {"set", Kind::kSettings, "--set", "Engine keys that differ from the file, and their values with units"},
       {"cycles", Kind::kText, "--cycles",
        "Column of measured cycles; cycles, or else cycles_latest, where it is not given"},
       rows_parameter()},
      validate_output(),
      validate_digest};
}

}  // namespace lanewise::mcp
