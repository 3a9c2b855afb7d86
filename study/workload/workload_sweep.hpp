// SPDX-License-Identifier: Apache-2.0
// A workload on every combination of engine parameter values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/engine/followers.hpp"
#include "study/evaluation/sweep.hpp"
#include "study/workload/answer_workload.hpp"

namespace lanewise::study {

struct WorkloadSweepRow {
  std::vector<std::pair<std::string, std::string>> settings;  // the varied keys and their values
  WorkloadAnswer answer;  // without its frames and runs; its failure also says why there is no such engine
  bool pareto = false;    // not dominated in worst response over deadline, power and area; engines that fit go first
};

struct WorkloadSweepTable {
  std::string workload;
  record::Source source = record::Source::kSimulated;
  std::string tool_version;
  std::vector<WorkloadSweepRow> rows;
};

// One row per combination, the last axis varying fastest; the values are those of every engine of the workload. With
// `scaling`, keys follow the varied ones in each engine by itself. Throws Error for an unknown key and for one that is
// varied twice.
WorkloadSweepTable sweep_workload(const Workload& workload, const std::vector<network::Graph>& graphs,
                                  const std::vector<engine::EngineConfig>& engines, const std::vector<Axis>& axes,
                                  MeasurementSource& source, const Progress& progress = {},
                                  const engine::Scaling* scaling = nullptr);

}  // namespace lanewise::study
