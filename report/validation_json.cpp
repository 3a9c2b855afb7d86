// SPDX-License-Identifier: Apache-2.0
#include "report/json.hpp"
#include "report/layer_log.hpp"
#include "study/validation/validation.hpp"

namespace lanewise::report {
namespace {

// Timestamps that every answer about layers names, known or not; others stand beside them where rows give them.
constexpr const char* kNamedTimestamps[] = {"first_mac", "mac_active", "read_beats"};

Json head_json(const study::ValidationHead& head) {
  Json identities = Json::object();
  for (const auto& [name, identity] : head.engines) add_identity(identities[name], identity);
  return {{"file", head.file},
          {"source", record::to_string(record::Source::kSimulated)},
          {"tool_version", head.tool_version},
          {"units", {{"latency", "cycles"}, {"errors", "percent of the measured value, absolute unless a row's own"}}},
          {"engine_identities", identities},
          {"ignored_columns", head.ignored_columns},
          {"log", log_json(head.log)}};
}

Json statistics_json(const study::ErrorStatistics& s, bool with_timestamps) {
  Json out = {{"rows", s.rows},
              {"failed", s.failed},
              {"mape_percent", s.mape_percent},
              {"median_percent", s.median_percent},
              {"p95_percent", s.p95_percent},
              {"worst_percent", s.worst_percent},
              {"total_error_percent", s.total_error_percent},
              {"worst_long_percent", s.worst_long_percent},
              {"worst_short_cycles", s.worst_short_cycles},
              {"within_2_percent", s.within_2_percent},
              {"within_5_percent", s.within_5_percent},
              {"within_10_percent", s.within_10_percent}};
  if (with_timestamps) {
    for (const char* name : kNamedTimestamps) out[std::string(name) + "_mape_percent"] = study::kUnknown;
    for (const study::TimestampError& timestamp : s.timestamps)
      out[timestamp.name + "_mape_percent"] = timestamp.mape_percent;
  }
  return out;
}

Json row_json(const study::ValidatedRow& row, const std::string& part_name) {
  Json out = {{"line", row.line},
              {"engine", row.engine},
              {part_name, row.part},
              {"tag", row.tag},
              {"measured_cycles", row.measured}};
  if (!row.failure.empty()) {
    out["failure"] = row.failure;
    return out;
  }
  out["simulated_cycles"] = row.simulated;
  out["error_percent"] = row.error_percent();
  out["bound_by"] = row.bound_by;
  return out;
}

Json group_json(const study::ValidatedGroup& group, const std::string& part_name) {
  const bool layers = part_name == "set";
  Json out = statistics_json(group.all, layers);
  Json parts = Json::object();
  for (const auto& [name, statistics] : group.parts) parts[name] = statistics_json(statistics, layers);
  out[part_name + "s"] = parts;
  Json worst = Json::array();
  for (const study::ValidatedRow& row : group.worst) worst.push_back(row_json(row, part_name));
  out["worst_rows"] = worst;
  return out;
}

Json validation_json(const study::RowValidation& validation) {
  Json out = head_json(validation.head);
  out["engines"] = Json::object();
  for (const auto& [name, group] : validation.engines) {
    Json& engine = out["engines"][name] = group_json(group, validation.part_name);
    for (const auto& [known, identity] : validation.head.engines) {
      if (known == name) add_identity(engine, identity);
    }
  }
  out["all"] = group_json(validation.all, validation.part_name);
  out["failed_rows"] = Json::array();
  for (const study::ValidatedRow& row : validation.rows) {
    if (!row.failure.empty()) out["failed_rows"].push_back(row_json(row, validation.part_name));
  }
  return out;
}

Json position_json(const study::ValidatedPosition& position, bool failed) {
  Json out = {{"line", position.line}, {"layer", position.layer}, {"measured_done_cycle", position.measured_done}};
  if (position.measured_load_enabled) out["measured_load_enabled_cycle"] = *position.measured_load_enabled;
  if (failed) return out;
  out["simulated_done_cycle"] = position.simulated_done;
  out["done_error_percent"] = position.done_error_percent();
  out["simulated_load_enabled_cycle"] = position.simulated_load_enabled;
  return out;
}

Json sequence_json(const study::ValidatedSequence& sequence) {
  Json out = {{"layers", sequence.positions.size()},
              {"prefetch", sequence.prefetch},
              {"measured_period", sequence.measured_period},
              {"simulated_period", sequence.simulated_period},
              {"period_error_percent", sequence.period_error_percent},
              {"done_mape_percent", sequence.done_mape_percent},
              {"load_enabled_mean_error_cycles", sequence.load_enabled_mean_error_cycles}};
  if (!sequence.failure.empty()) out["failure"] = sequence.failure;
  out["positions"] = Json::array();
  for (const study::ValidatedPosition& position : sequence.positions) {
    out["positions"].push_back(position_json(position, !sequence.failure.empty()));
  }
  return out;
}

Json validation_json(const study::SequenceValidation& validation) {
  Json out = head_json(validation.head);
  out["sequences"] = Json::object();
  for (const study::ValidatedSequence& sequence : validation.sequences) {
    out["sequences"][sequence.engine][sequence.name] = sequence_json(sequence);
  }
  out["all"] = {{"sequences", validation.sequences.size()},
                {"failed", validation.failed},
                {"worst_period_percent", validation.worst_period_percent},
                {"mape_percent", validation.mape_percent},
                {"done_mape_percent", validation.done_mape_percent}};
  return out;
}

}  // namespace

std::string to_json(const study::Validation& validation) {
  return std::visit([](const auto& kind) { return dump(validation_json(kind)); }, validation);
}

std::string rows_json(const study::Validation& validation) {
  Json out = Json::array();
  if (const auto* layers = std::get_if<study::RowValidation>(&validation)) {
    for (const study::ValidatedRow& row : layers->rows) out.push_back(row_json(row, "part"));
  }
  return dump(out);
}

}  // namespace lanewise::report
