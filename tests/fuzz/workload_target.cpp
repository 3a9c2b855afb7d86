// SPDX-License-Identifier: Apache-2.0
// Workloads: read, and run where the file asks for little. What runs is a small network on a shipped engine, whatever
// the file names: networks and engines have targets of their own.
#include "study/workload/workload_file.hpp"

#include <algorithm>

#include "study/workload/answer_workload.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {

void read_workload(const std::string& path, const std::string&) {
  study::is_workload_file(path);
  study::Workload workload = study::load_workload(path);
  constexpr std::size_t kFewNetworks = 4, kFewEngines = 2;
  if (workload.networks.size() > kFewNetworks || workload.engines.size() > kFewEngines) return;
  double frames = 0;
  for (const study::WorkloadNetwork& network : workload.networks) {
    frames += workload.duration ? workload.duration->count() / network.period.count() : 1 / network.period.count();
  }
  if (workload.frames) frames = as_double(*workload.frames);
  constexpr double kFewFrames = 200;
  if (frames > kFewFrames) return;
  study::WorkloadQuestion question;
  question.workload = &workload;
  question.graphs.assign(workload.networks.size(), &small_network());
  question.engines.assign(std::max<std::size_t>(1, workload.engines.size()), &shipped_engine("ne-256"));
  const auto source = study::make_simulator();
  const study::WorkloadAnswer answer = study::answer_workload(question, *source);
  require_sane("energy", answer.energy_uj);
  require_sane("power", answer.objectives.average_power_mw);
  require_sane("DRAM duty", answer.dram_duty, 1.001);
  for (const study::EngineUse& engine : answer.engines) require_sane("duty", engine.duty, 1);
  for (const study::FrameRun& frame : answer.frames) {
    if (frame.done >= 0) require_sane("response", as_double(frame.response()));
  }
  for (const study::NetworkUse& network : answer.networks) {
    if (network.done + network.dropped + network.undone != network.released) throw Nonsense("frames were lost");
  }
}

}  // namespace lanewise::fuzz
