// SPDX-License-Identifier: Apache-2.0
// Runs a workload: plans its networks side by side, prices their commands, and schedules their frames.
#pragma once

#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "study/workload/workload.hpp"
#include "study/workload/workload_answer.hpp"

namespace lanewise::study {

struct WorkloadQuestion {
  const Workload* workload = nullptr;
  std::vector<const network::Graph*> graphs;         // one per network of the workload
  std::vector<const engine::EngineConfig*> engines;  // one per engine of the workload, or the one that it runs on
};

// What the workload does. With a simulating source every command is simulated in the context in which it runs, and
// engines that share a DRAM run in one simulation, in this process. With an estimating source commands take what the
// estimator predicts, the schedule is exact, and engines do not hold each other up at the DRAM. A network that an
// engine cannot run gives an answer with its failure. Throws Error where the workload contradicts itself or its
// engines.
WorkloadAnswer answer_workload(const WorkloadQuestion& question, MeasurementSource& source,
                               const Progress& progress = {});

// The same for many candidates, whose commands are priced in one batch: what a search calls. One answer per question,
// in order. A question that contradicts itself gives an answer with its failure.
std::vector<WorkloadAnswer> answer_workloads(const std::vector<WorkloadQuestion>& questions, MeasurementSource& source,
                                             const Progress& progress = {});

}  // namespace lanewise::study
