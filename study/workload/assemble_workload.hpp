// SPDX-License-Identifier: Apache-2.0
// From a schedule to the answer about a workload.
#pragma once

#include <vector>

#include "study/workload/answer_workload.hpp"
#include "study/workload/command_costs.hpp"
#include "study/workload/memory_shares.hpp"
#include "study/workload/schedule.hpp"
#include "study/workload/together_machines.hpp"

namespace lanewise::study {

struct WorkloadRun {
  const WorkloadQuestion* question = nullptr;
  record::Source source = record::Source::kSimulated;
  double clock = 0;  // Hz
  const std::vector<FrameSource>* sources = nullptr;
  // By network and engine, null where the network does not run there.
  std::vector<std::vector<CommandCosts*>> costs;
  std::vector<std::vector<const PlannedNetwork*>> plans;
  Schedule schedule;
  bool contention = false;
  std::vector<TogetherMachines::Measured> measured;  // with contention: of every command that ran
};

WorkloadAnswer assemble_workload(WorkloadRun& run);

}  // namespace lanewise::study
