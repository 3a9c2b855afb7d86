// SPDX-License-Identifier: Apache-2.0
#include "report/workload_codesign.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/record/csv.hpp"
#include "report/json.hpp"
#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Align = Table::Align;

Json number_json(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json answer_json(const study::WorkloadAnswer& answer) {
  if (!answer.failure.empty()) return {{"failure", answer.failure}};
  Json networks = Json::array();
  for (const study::NetworkUse& use : answer.networks) {
    networks.push_back({{"name", use.name},
                        {"mean_response_ms", answer.ms(use.response.mean)},
                        {"max_response_ms", answer.ms(as_double(use.response.max))},
                        {"deadline_misses", use.missed}});
  }
  return {{"source", record::to_string(answer.source)},
          {"fits", answer.fits},
          {"worst_response_ratio", number_json(answer.objectives.worst_response_ratio)},
          {"weighted_latency_ms", answer.objectives.weighted_latency_ms},
          {"average_power_mw", answer.objectives.average_power_mw},
          {"area_mm2", answer.area_mm2},
          {"deadline_misses", answer.objectives.missed},
          {"highest_demand", answer.objectives.highest_demand},
          {"networks", std::move(networks)}};
}

Json design_json(const study::WorkloadDesign& design) {
  Json out = {{"genes", design.genes}, {"violation", design.violation}, {"searched", answer_json(design.searched)}};
  if (design.simulated) out["simulated"] = answer_json(*design.simulated);
  out["files"] = design.files;
  return out;
}

std::string csv(const study::WorkloadCodesignResult& result, const study::WorkloadJob& job, bool front_only) {
  std::vector<std::string> header = {"number"};
  for (const study::WorkloadObjective objective : job.objectives) header.emplace_back(study::to_string(objective));
  for (const char* column : {"violation", "front", "genes"}) header.emplace_back(column);
  std::string out = record::csv_line(header);
  std::size_t number = 0;
  for (const study::WorkloadCodesignResult::Priced& priced : result.history) {
    ++number;
    if (front_only && !priced.front) continue;
    std::vector<std::string> cells = {std::to_string(number)};
    for (const double value : priced.objectives) {
      cells.push_back(value < 1e300 ? record::csv_number(value) : "");
    }
    cells.push_back(record::csv_number(priced.violation));
    cells.emplace_back(priced.front ? "true" : "false");
    cells.push_back(fmt::format("{}", fmt::join(priced.genes, " ")));
    out += record::csv_line(cells);
  }
  return out;
}

std::string value_text(const study::WorkloadAnswer& answer, study::WorkloadObjective objective) {
  if (!answer.failure.empty()) return "failed";
  const double value = study::value_of(objective, answer);
  return std::isfinite(value) ? compact(value) : "frames lost";
}

}  // namespace

std::string to_json(const study::WorkloadCodesignResult& result, const study::WorkloadJob& job) {
  Json objectives = Json::array(), finalists = Json::array();
  for (const study::WorkloadObjective objective : job.objectives) objectives.push_back(study::to_string(objective));
  for (const study::WorkloadDesign& design : result.finalists) finalists.push_back(design_json(design));
  return dump({{"workload", job.workload.name},
               {"space", job.space.name},
               {"objectives", std::move(objectives)},
               {"algorithm", job.algorithm},
               {"seed", job.seed},
               {"source", record::to_string(result.source)},
               {"evaluations", result.evaluations},
               {"end", result.end},
               {"feasible", result.feasible},
               {"notes", result.notes},
               {"left_out", result.left_out},
               {"baseline", design_json(result.baseline)},
               {"finalists", std::move(finalists)}});
}

std::string to_text(const study::WorkloadCodesignResult& result, const study::WorkloadJob& job) {
  std::vector<Table::Column> columns = {{"design", Align::kLeft}};
  for (const study::WorkloadObjective objective : job.objectives) {
    columns.push_back({study::to_string(objective)});
    columns.push_back({"simulated"});
  }
  columns.push_back({"fits"});
  columns.push_back({"changes", Align::kLeft});
  Table table(columns);
  const auto add = [&](const std::string& name, const study::WorkloadDesign& design) {
    std::vector<std::string> cells = {name};
    for (const study::WorkloadObjective objective : job.objectives) {
      cells.push_back(value_text(design.searched, objective));
      cells.push_back(design.simulated ? value_text(*design.simulated, objective) : "-");
    }
    cells.emplace_back(design.simulated && design.simulated->fits ? "yes" : "no");
    cells.push_back(fmt::format("{}", fmt::join(design.genes, " ")));
    table.add(std::move(cells));
  };
  add("baseline", result.baseline);
  for (std::size_t i = 0; i < result.finalists.size(); ++i) {
    add(fmt::format("finalist-{}", i + 1), result.finalists[i]);
  }
  std::string out =
      fmt::format("Workload {}, {} designs {}, search ended by {}\n\n{}", job.workload.name,
                  grouped(result.evaluations), record::to_string(result.source), result.end, table.text());
  if (!result.notes.empty()) out += "\n";
  for (const std::string& note : result.notes) out += note + "\n";
  return out;
}

std::string history_csv(const study::WorkloadCodesignResult& result, const study::WorkloadJob& job) {
  return csv(result, job, false);
}

std::string front_csv(const study::WorkloadCodesignResult& result, const study::WorkloadJob& job) {
  return csv(result, job, true);
}

}  // namespace lanewise::report
