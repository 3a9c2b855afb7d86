// SPDX-License-Identifier: Apache-2.0
// What a workload does on its engines, as people and programs read it.
#pragma once

#include <string>
#include <vector>

#include "core/record/file.hpp"
#include "study/workload/fitting_sets.hpp"
#include "study/workload/workload_answer.hpp"
#include "study/workload/workload_sweep.hpp"

namespace lanewise::report {

// A workload's answer and, where they were asked for, which sets of its networks fit.
struct WorkloadReport {
  study::WorkloadAnswer answer;
  std::vector<study::NetworkSet> sets;  // empty: not asked for
  std::vector<std::string> warnings;    // of engine::scaling_warnings, engine by engine
};

std::string to_json(const WorkloadReport& report);
std::string to_text(const WorkloadReport& report);
// One row per frame, in the order of release.
std::string to_csv(const WorkloadReport& report);

// One row per engine.
std::string to_json(const study::WorkloadSweepTable& table);
std::string to_text(const study::WorkloadSweepTable& table);
std::string to_csv(const study::WorkloadSweepTable& table);

// What ran where and when, in the Trace Event Format: a track for each engine, a slice for each run of commands of one
// frame, and a track for each network with its frames from release to end. Times are whole nanoseconds.
void write_workload_trace(record::FileWriter& file, const study::WorkloadAnswer& answer);

}  // namespace lanewise::report
