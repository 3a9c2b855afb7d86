// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "core/record/csv.hpp"
#include "report/json.hpp"
#include "report/workload.hpp"

namespace lanewise::report {
namespace {

Json finite_json(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json statistics_json(const study::WorkloadAnswer& answer, const study::CycleStatistics& cycles) {
  return {{"min_cycles", cycles.min},
          {"mean_cycles", cycles.mean},
          {"p99_cycles", cycles.p99},
          {"max_cycles", cycles.max},
          {"min_ms", answer.ms(as_double(cycles.min))},
          {"mean_ms", answer.ms(cycles.mean)},
          {"p99_ms", answer.ms(as_double(cycles.p99))},
          {"max_ms", answer.ms(as_double(cycles.max))}};
}

Json network_json(const study::WorkloadAnswer& answer, const study::NetworkUse& use) {
  return {{"name", use.name},
          {"network", use.network},
          {"period_ms", answer.ms(as_double(use.period_cycles))},
          {"deadline_ms", answer.ms(as_double(use.deadline_cycles))},
          {"period_cycles", use.period_cycles},
          {"deadline_cycles", use.deadline_cycles},
          {"frames_released", use.released},
          {"frames_done", use.done},
          {"frames_dropped", use.dropped},
          {"frames_undone", use.undone},
          {"deadline_misses", use.missed},
          {"response", statistics_json(answer, use.response)},
          {"waiting", statistics_json(answer, use.waiting)},
          {"service_cycles", use.service_cycles},
          {"alone_cycles", use.alone_cycles},
          {"alone_ms", answer.ms(as_double(use.alone_cycles))},
          {"demand", use.demand},
          {"worst_response_ratio", finite_json(use.worst_ratio)},
          {"activation_banks", use.banks},
          {"kept_banks", use.kept_banks},
          {"commands", use.command_names.size()}};
}

Json engine_json(const study::EngineUse& use) {
  Json out = {{"name", use.name}, {"engine", use.engine}};
  add_identity(out, use.identity);
  out.update({{"busy_cycles", use.busy_cycles},
              {"duty", use.duty},
              {"demand", use.demand},
              {"commands", use.commands},
              {"switches", use.switches},
              {"dram_bytes", use.dram_bytes},
              {"energy_uj", use.energy_uj},
              {"peak_sram_bytes", use.peak_sram_bytes},
              {"activation_banks", use.activation_banks},
              {"units", units_json(use.units)}});
  return out;
}

Json objectives_json(const study::WorkloadObjectives& objectives) {
  return {{"weighted_latency_ms", objectives.weighted_latency_ms},
          {"worst_response_ratio", finite_json(objectives.worst_response_ratio)},
          {"average_power_mw", objectives.average_power_mw},
          {"deadline_misses", objectives.missed},
          {"highest_demand", objectives.highest_demand}};
}

Json frames_json(const study::WorkloadAnswer& answer) {
  Json frames = Json::array();
  for (const study::FrameRun& frame : answer.frames) {
    Json json = {{"network", answer.networks[frame.network].name},
                 {"frame", frame.number},
                 {"release_cycles", frame.release},
                 {"deadline_missed", frame.missed}};
    if (frame.done >= 0) {
      json.update({{"engine", answer.engines[frame.engine].name},
                   {"begin_cycles", frame.begin},
                   {"done_cycles", frame.done},
                   {"service_cycles", frame.service},
                   {"response_cycles", frame.response()}});
    } else {
      json["dropped"] = frame.dropped;
    }
    frames.push_back(std::move(json));
  }
  return frames;
}

Json sets_json(const WorkloadReport& report) {
  Json out = Json::array();
  for (const study::NetworkSet& set : report.sets) {
    Json names = Json::array();
    for (const std::size_t n : set.networks) names.push_back(report.answer.networks[n].name);
    Json json = {{"networks", names}, {"fits", set.fits}, {"maximal", set.maximal}};
    if (set.failure.empty()) {
      json["objectives"] = objectives_json(set.objectives);
    } else {
      json["failure"] = set.failure;
    }
    out.push_back(std::move(json));
  }
  return out;
}

// Of a run that failed nothing else is known.
Json totals_json(const study::WorkloadAnswer& answer) {
  Json networks = Json::array(), engines = Json::array();
  for (const study::NetworkUse& use : answer.networks) networks.push_back(network_json(answer, use));
  for (const study::EngineUse& use : answer.engines) engines.push_back(engine_json(use));
  return {{"fits", answer.fits},
          {"reasons", answer.reasons},
          {"overload", answer.overload},
          {"notes", answer.notes},
          {"clock_hz", answer.clock_hz},
          {"elapsed_cycles", answer.elapsed_cycles},
          {"elapsed_ms", answer.ms(as_double(answer.elapsed_cycles))},
          {"dram_contention", answer.contention},
          {"dram_bytes", answer.dram_bytes},
          {"dram_duty", answer.dram_duty},
          {"energy_uj", answer.energy_uj},
          {"area_mm2", answer.area_mm2},
          {"objectives", objectives_json(answer.objectives)},
          {"networks", std::move(networks)},
          {"engines", std::move(engines)}};
}

std::string objective_cell(double value) { return std::isfinite(value) ? record::csv_number(value) : "inf"; }

}  // namespace

std::string to_json(const WorkloadReport& report) {
  const study::WorkloadAnswer& answer = report.answer;
  Json out = {{"workload", answer.workload},
              {"policy", study::to_string(answer.policy)},
              {"source", record::to_string(answer.source)},
              {"tool_version", answer.tool_version},
              {"warnings", report.warnings}};
  out.update(totals_json(answer));
  if (!report.sets.empty()) out["sets"] = sets_json(report);
  out["frames"] = frames_json(answer);
  return dump(out);
}

std::string to_csv(const WorkloadReport& report) {
  const study::WorkloadAnswer& answer = report.answer;
  std::string out =
      record::csv_line({"network", "frame", "engine", "release_cycles", "begin_cycles", "done_cycles", "service_cycles",
                        "response_cycles", "response_ms", "deadline_cycles", "deadline_missed", "dropped"});
  for (const study::FrameRun& frame : answer.frames) {
    const study::NetworkUse& network = answer.networks[frame.network];
    const bool done = frame.done >= 0;
    const auto cell = [&](std::int64_t value) { return done ? std::to_string(value) : std::string(); };
    out += record::csv_line(
        {network.name, std::to_string(frame.number), done ? answer.engines[frame.engine].name : "",
         std::to_string(frame.release), cell(frame.begin), cell(frame.done), cell(frame.service),
         cell(frame.response()), done ? record::csv_number(answer.ms(as_double(frame.response()))) : std::string(),
         std::to_string(network.deadline_cycles), frame.missed ? "true" : "false", frame.dropped ? "true" : "false"});
  }
  return out;
}

std::string to_json(const study::WorkloadSweepTable& table) {
  Json rows = Json::array();
  for (const study::WorkloadSweepRow& row : table.rows) {
    Json settings = Json::object();
    for (const auto& [key, value] : row.settings) settings[key] = value;
    Json json = {{"settings", std::move(settings)}};
    if (row.answer.failure.empty()) {
      json.update(totals_json(row.answer));
      json["pareto"] = row.pareto;
    } else {
      json["failure"] = row.answer.failure;
    }
    rows.push_back(std::move(json));
  }
  return dump({{"workload", table.workload},
               {"source", record::to_string(table.source)},
               {"tool_version", table.tool_version},
               {"rows", std::move(rows)}});
}

std::string to_csv(const study::WorkloadSweepTable& table) {
  std::vector<std::string> header = {"workload"};
  for (const auto& setting : table.rows.front().settings) header.push_back(setting.first);
  for (const char* column :
       {"fits", "worst_response_ratio", "deadline_misses", "weighted_latency_ms", "highest_demand", "engine_duty",
        "dram_duty", "average_power_mw", "energy_uj", "elapsed_ms", "area_mm2", "pareto", "failure"}) {
    header.emplace_back(column);
  }
  std::string out = record::csv_line(header);
  for (const study::WorkloadSweepRow& row : table.rows) {
    const study::WorkloadAnswer& answer = row.answer;
    std::vector<std::string> cells = {table.workload};
    for (const auto& setting : row.settings) cells.push_back(setting.second);
    if (answer.failure.empty()) {
      double duty = 0;
      for (const study::EngineUse& use : answer.engines) duty = std::max(duty, use.duty);
      for (std::string cell :
           {std::string(answer.fits ? "true" : "false"), objective_cell(answer.objectives.worst_response_ratio),
            std::to_string(answer.objectives.missed), record::csv_number(answer.objectives.weighted_latency_ms),
            record::csv_number(answer.objectives.highest_demand), record::csv_number(duty),
            record::csv_number(answer.dram_duty), record::csv_number(answer.objectives.average_power_mw),
            record::csv_number(answer.energy_uj), record::csv_number(answer.ms(as_double(answer.elapsed_cycles))),
            record::csv_number(answer.area_mm2), std::string(row.pareto ? "true" : "false"), std::string()}) {
        cells.push_back(std::move(cell));
      }
    } else {
      cells.resize(header.size() - 1);
      cells.push_back(answer.failure);
    }
    out += record::csv_line(cells);
  }
  return out;
}

}  // namespace lanewise::report
