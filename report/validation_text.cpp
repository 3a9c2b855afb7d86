// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "core/record/csv.hpp"
#include "core/record/measurement.hpp"
#include "report/layer_log.hpp"
#include "report/table.hpp"
#include "study/validation/validation.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

std::string head_text(const study::ValidationHead& head, const std::string& what) {
  std::string out = fmt::format("{} of {}, {} by lanewise {}; errors in percent of what was measured\n", what,
                                head.file, record::to_string(record::Source::kSimulated), head.tool_version);
  for (const auto& [name, identity] : head.engines) {
    if (!identity.overrides.empty()) out += fmt::format("engine: {}\n", identity.title(name));
  }
  if (!head.ignored_columns.empty()) {
    out += fmt::format("note: columns ignored: {}\n", fmt::join(head.ignored_columns, ", "));
  }
  return out + log_text(head.log) + '\n';
}

// "first_mac" as a header: "first MAC %".
std::string timestamp_header(const std::string& name) {
  std::string header = name;
  std::replace(header.begin(), header.end(), '_', ' ');
  if (const std::size_t mac = header.find("mac"); mac != std::string::npos) header.replace(mac, 3, "MAC");
  return header + " %";
}

void add_statistics(Table& table, const std::string& engine, const std::string& part, const study::ErrorStatistics& s,
                    const std::vector<study::TimestampError>& timestamps) {
  std::vector<std::string> cells = {engine,
                                    part,
                                    grouped(s.rows),
                                    grouped(s.failed),
                                    fixed(s.mape_percent, 2),
                                    fixed(s.median_percent, 2),
                                    fixed(s.p95_percent, 2),
                                    fixed(s.worst_percent, 2),
                                    signed_fixed(s.total_error_percent, 2),
                                    fixed(s.worst_long_percent, 2),
                                    fixed(s.worst_short_cycles, 0),
                                    fixed(s.within_2_percent, 1),
                                    fixed(s.within_5_percent, 1),
                                    fixed(s.within_10_percent, 1)};
  for (const study::TimestampError& column : timestamps) {
    const auto own =
        std::find_if(s.timestamps.begin(), s.timestamps.end(),
                     [&](const study::TimestampError& timestamp) { return timestamp.name == column.name; });
    cells.push_back(fixed(own == s.timestamps.end() ? study::kUnknown : own->mape_percent, 2));
  }
  table.add(cells);
}

std::string statistics_table(const study::RowValidation& validation) {
  std::vector<Table::Column> columns = {{"engine", Align::kLeft}, {validation.part_name, Align::kLeft}};
  for (const char* header : {"rows", "failed", "MAPE %", "median %", "95th %", "worst %", "sum %", "worst long %",
                             "worst short cycles", "in 2 %", "in 5 %", "in 10 %"}) {
    columns.push_back({header});
  }
  const std::vector<study::TimestampError>& timestamps = validation.all.all.timestamps;
  for (const study::TimestampError& timestamp : timestamps) columns.push_back({timestamp_header(timestamp.name)});
  Table table(columns);
  for (const auto& [name, group] : validation.engines) {
    for (const auto& [part, statistics] : group.parts) add_statistics(table, name, part, statistics, timestamps);
    if (group.parts.size() > 1) add_statistics(table, name, "in all", group.all, timestamps);
  }
  if (validation.engines.size() > 1) {
    for (const auto& [part, statistics] : validation.all.parts) {
      add_statistics(table, "all", part, statistics, timestamps);
    }
    add_statistics(table, "all", "in all", validation.all.all, timestamps);
  }
  return table.text();
}

std::string worst_table(const std::vector<study::ValidatedRow>& rows, const std::string& part_name) {
  Table table({{"line"},
               {"engine", Align::kLeft},
               {part_name, Align::kLeft},
               {"tag", Align::kLeft},
               {"measured"},
               {"simulated"},
               {"error"},
               {"bound by", Align::kLeft}});
  for (const study::ValidatedRow& row : rows) {
    table.add({std::to_string(row.line), row.engine, row.part, row.tag, grouped(row.measured), grouped(row.simulated),
               signed_percent(row.error_percent()), row.bound_by});
  }
  return table.text();
}

std::string validation_text(const study::RowValidation& validation) {
  const auto rows = static_cast<std::int64_t>(validation.rows.size());
  std::string out = head_text(validation.head, fmt::format("{} measured rows", grouped(rows))) +
                    statistics_table(validation) +
                    "\nLong: of rows of 1,000 measured cycles or more; short: of the others.\n";
  out += "\nThe worst rows:\n\n" + worst_table(validation.all.worst, validation.part_name);
  for (const auto& [name, group] : validation.engines) {
    if (validation.engines.size() == 1) break;
    out += fmt::format("\nThe worst rows of {}:\n\n", name) + worst_table(group.worst, validation.part_name);
  }
  if (validation.all.all.failed == 0) return out;
  out += fmt::format("\nCould not be simulated: {} rows\n\n", grouped(validation.all.all.failed));
  for (const study::ValidatedRow& row : validation.rows) {
    if (!row.failure.empty()) out += fmt::format("{}:{}: {}\n", validation.head.file, row.line, row.failure);
  }
  return out;
}

std::string validation_text(const study::SequenceValidation& validation) {
  std::string out =
      head_text(validation.head,
                fmt::format("{} measured sequences", grouped(static_cast<std::int64_t>(validation.sequences.size()))));
  Table table({{"engine", Align::kLeft},
               {"sequence", Align::kLeft},
               {"prefetch", Align::kLeft},
               {"layers"},
               {"period measured"},
               {"simulated"},
               {"error %"},
               {"done MAPE %"},
               {"load enabled, cycles off"},
               {"done errors % by position", Align::kLeft}});
  for (const study::ValidatedSequence& s : validation.sequences) {
    std::vector<std::string> done;
    for (const study::ValidatedPosition& position : s.positions) {
      done.push_back(s.failure.empty() ? fixed(position.done_error_percent(), 1) : "-");
    }
    table.add({s.engine, s.name, s.prefetch, std::to_string(s.positions.size()), fixed(s.measured_period, 1),
               fixed(s.simulated_period, 1), fixed(s.period_error_percent, 2), fixed(s.done_mape_percent, 2),
               fixed(s.load_enabled_mean_error_cycles, 1), fmt::format("{}", fmt::join(done, " "))});
  }
  out += table.text() + fmt::format("\nPeriods: mean error {} %, worst {} %; ends of layers: mean error {} %\n",
                                    fixed(validation.mape_percent, 2), fixed(validation.worst_period_percent, 2),
                                    fixed(validation.done_mape_percent, 2));
  for (const study::ValidatedSequence& s : validation.sequences) {
    if (!s.failure.empty()) out += fmt::format("{} {} could not be simulated: {}\n", s.engine, s.name, s.failure);
  }
  return out;
}

// What was changed from the file of the engine that rows call `name`, and its hash, as cells.
void add_identity(std::vector<std::string>& cells, const study::ValidationHead& head, const std::string& name) {
  const auto known =
      std::find_if(head.engines.begin(), head.engines.end(), [&](const auto& engine) { return engine.first == name; });
  cells.push_back(known == head.engines.end() ? "" : known->second.overrides_text());
  cells.push_back(known == head.engines.end() ? "" : known->second.hash);
}

std::string validation_csv(const study::RowValidation& validation) {
  std::vector<std::string> header = {"line",          "engine",          validation.part_name,
                                     "tag",           "measured_cycles", "simulated_cycles",
                                     "error_percent", "bound_by",        "failure"};
  const std::vector<study::TimestampError>& timestamps = validation.all.all.timestamps;
  for (const study::TimestampError& timestamp : timestamps) {
    header.push_back("measured_" + timestamp.name);
    header.push_back("simulated_" + timestamp.name);
  }
  for (const char* column : {"engine_overrides", "engine_hash"}) header.emplace_back(column);
  std::string out = record::csv_line(header);
  for (const study::ValidatedRow& row : validation.rows) {
    const bool failed = !row.failure.empty();
    std::vector<std::string> cells = {std::to_string(row.line),
                                      row.engine,
                                      row.part,
                                      row.tag,
                                      std::to_string(row.measured),
                                      failed ? "" : std::to_string(row.simulated),
                                      failed ? "" : record::csv_number(row.error_percent()),
                                      row.bound_by,
                                      row.failure};
    for (const study::TimestampError& column : timestamps) {
      const auto own =
          std::find_if(row.timestamps.begin(), row.timestamps.end(),
                       [&](const study::ValidatedTimestamp& timestamp) { return timestamp.name == column.name; });
      const bool known = own != row.timestamps.end();
      cells.push_back(known ? std::to_string(own->measured) : "");
      cells.push_back(known ? std::to_string(own->simulated) : "");
    }
    add_identity(cells, validation.head, row.engine);
    out += record::csv_line(cells);
  }
  return out;
}

std::string validation_csv(const study::SequenceValidation& validation) {
  std::string out =
      record::csv_line({"line", "engine", "sequence", "prefetch", "position", "layer", "measured_done_cycle",
                        "simulated_done_cycle", "done_error_percent", "measured_load_enabled_cycle",
                        "simulated_load_enabled_cycle", "failure", "engine_overrides", "engine_hash"});
  for (const study::ValidatedSequence& s : validation.sequences) {
    const bool failed = !s.failure.empty();
    for (std::size_t i = 0; i < s.positions.size(); ++i) {
      const study::ValidatedPosition& p = s.positions[i];
      std::vector<std::string> cells = {std::to_string(p.line),
                                        s.engine,
                                        s.name,
                                        s.prefetch,
                                        std::to_string(i),
                                        p.layer,
                                        std::to_string(p.measured_done),
                                        failed ? "" : std::to_string(p.simulated_done),
                                        failed ? "" : record::csv_number(p.done_error_percent()),
                                        p.measured_load_enabled ? std::to_string(*p.measured_load_enabled) : "",
                                        failed ? "" : std::to_string(p.simulated_load_enabled),
                                        s.failure};
      add_identity(cells, validation.head, s.engine);
      out += record::csv_line(cells);
    }
  }
  return out;
}

}  // namespace

std::string to_text(const study::Validation& validation) {
  return std::visit([](const auto& kind) { return validation_text(kind); }, validation);
}

std::string to_csv(const study::Validation& validation) {
  return std::visit([](const auto& kind) { return validation_csv(kind); }, validation);
}

}  // namespace lanewise::report
