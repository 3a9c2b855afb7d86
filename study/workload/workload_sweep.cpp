// SPDX-License-Identifier: Apache-2.0
#include "study/workload/workload_sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "nas/problem.hpp"

namespace lanewise::study {
namespace {

void check(const std::vector<Axis>& axes, const engine::EngineConfig& base) {
  for (std::size_t a = 0; a < axes.size(); ++a) {
    if (is_network_key(axes[a].key)) {
      throw Error(fmt::format("--vary {}: sizes of a workload's networks stand in its file", axes[a].key));
    }
    engine::value_text(base, axes[a].key);  // refuses a key that no engine has
    for (std::size_t b = 0; b < a; ++b) {
      if (axes[a].key == axes[b].key) throw Error(fmt::format("--vary {}: the key is varied twice", axes[a].key));
    }
  }
}

engine::EngineConfig varied(const engine::EngineConfig& base,
                            const std::vector<std::pair<std::string, std::string>>& settings,
                            const engine::Scaling* scaling) {
  std::vector<engine::Override> overrides;
  for (const auto& [key, value] : settings) overrides.push_back({key, value, "--vary"});
  if (scaling != nullptr && !overrides.empty()) {
    const std::vector<engine::Override> followers = engine::followers_of(base, overrides, *scaling);
    overrides.insert(overrides.end(), followers.begin(), followers.end());
  }
  return engine::with_overrides(base, overrides);
}

void mark_front(std::vector<WorkloadSweepRow>& rows) {
  std::vector<nas::Evaluation> evaluations;
  std::vector<std::size_t> row_of;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const WorkloadAnswer& answer = rows[i].answer;
    if (!answer.failure.empty()) continue;
    const WorkloadObjectives& objectives = answer.objectives;
    // An engine that misses deadlines is on the front only where none meets them.
    const double late = answer.fits ? 0 : std::max(1e-9, objectives.worst_response_ratio - 1);
    evaluations.push_back({{objectives.worst_response_ratio, objectives.average_power_mw, answer.area_mm2}, late});
    row_of.push_back(i);
  }
  for (const std::size_t i : nas::pareto_front(evaluations)) rows[row_of[i]].pareto = true;
}

}  // namespace

WorkloadSweepTable sweep_workload(const Workload& workload, const std::vector<network::Graph>& graphs,
                                  const std::vector<engine::EngineConfig>& engines, const std::vector<Axis>& axes,
                                  MeasurementSource& source, const Progress& progress, const engine::Scaling* scaling) {
  check(axes, engines.front());
  WorkloadSweepTable table;
  table.workload = workload.name;
  table.source = source.source();
  table.tool_version = version();
  const auto points = combinations(axes);
  std::vector<std::vector<engine::EngineConfig>> configs(points.size());
  std::vector<WorkloadQuestion> questions;
  std::vector<std::size_t> row_of;
  for (std::size_t p = 0; p < points.size(); ++p) {
    WorkloadSweepRow row;
    row.settings = points[p];
    try {
      for (const engine::EngineConfig& base : engines) configs[p].push_back(varied(base, points[p], scaling));
      WorkloadQuestion question;
      question.workload = &workload;
      for (const network::Graph& graph : graphs) question.graphs.push_back(&graph);
      for (const engine::EngineConfig& config : configs[p]) question.engines.push_back(&config);
      questions.push_back(std::move(question));
      row_of.push_back(p);
    } catch (const Error& error) {
      row.answer.failure = error.what();
    }
    table.rows.push_back(std::move(row));
  }
  std::vector<WorkloadAnswer> answers = answer_workloads(questions, source, progress);
  for (std::size_t q = 0; q < answers.size(); ++q) {
    WorkloadAnswer& answer = table.rows[row_of[q]].answer;
    answer = std::move(answers[q]);
    answer.frames.clear();
    answer.runs.clear();
  }
  // What every combination refuses is a mistake in the command, not a finding of the sweep.
  if (questions.empty()) throw Error(table.rows.front().answer.failure);
  mark_front(table.rows);
  return table;
}

}  // namespace lanewise::study
