// SPDX-License-Identifier: Apache-2.0
// What a workload does on its engines, as plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/units.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/record/measurement.hpp"
#include "study/workload/workload.hpp"

namespace lanewise::study {

// One frame of one network. Cycles count from the beginning of the workload.
struct FrameRun {
  std::size_t network = 0;                         // place in the workload
  std::int64_t number = 0;                         // of the frame, from 0
  std::size_t engine = 0;                          // that it ran on
  std::int64_t release = 0, begin = 0, done = -1;  // done: -1 where it was dropped or left undone
  std::int64_t service = 0;                        // cycles in which the engine worked on it
  bool dropped = false;                            // it came to a full queue
  bool missed = false;                             // its deadline; dropped and undone frames have
  std::int64_t response() const { return done - release; }
};

// Commands of one frame that an engine ran one after the other.
struct CommandRun {
  std::size_t engine = 0, network = 0;
  std::int64_t frame = 0;
  std::size_t first = 0, last = 0;  // places in the network's commands, both included
  std::int64_t begin = 0, end = 0;  // cycles
};

// Over the frames that were done, in cycles.
struct CycleStatistics {
  std::int64_t min = 0, max = 0;
  double mean = 0;
  std::int64_t p99 = 0;  // the smallest that at least 99 % do not exceed (nearest rank)
};

struct NetworkUse {
  std::string name, network;               // in the workload, and the graph's
  std::vector<std::string> command_names;  // of the subgraphs, in the order in which they run on its first engine
  std::int64_t released = 0, done = 0, dropped = 0, missed = 0;
  std::int64_t undone = 0;        // frames left when the run was given up, see WorkloadAnswer::overload
  CycleStatistics response;       // from release to the last command's end
  CycleStatistics waiting;        // from release to the first command's start
  double service_cycles = 0;      // mean: in which an engine worked on a frame
  std::int64_t alone_cycles = 0;  // a frame on its otherwise idle engine, with its share of the memory
  std::int64_t period_cycles = 0, deadline_cycles = 0;
  double demand = 0;            // share of its engine's time that its frames ask for: alone over period
  double worst_ratio = 0;       // largest response over deadline; 0 where no frame was done
  std::int64_t banks = 0;       // activation banks that it is planned with on its first engine
  std::int64_t kept_banks = 0;  // of these, that hold its tensors between its commands at most
};

struct EngineUse {
  std::string name, engine;  // in the workload, and the hwconfig's
  engine::EngineIdentity identity;
  std::int64_t busy_cycles = 0;             // in which some command ran; the rest of the time it was idle
  double duty = 0;                          // busy over elapsed
  double demand = 0;                        // sum over its networks; of those that may run anywhere, an equal part
  std::int64_t commands = 0, switches = 0;  // a switch: a command of another frame than the one before
  std::int64_t dram_bytes = 0;
  double energy_uj = 0;  // of its work and of its leakage over the elapsed time; the DRAM's interface counts apart
  std::int64_t peak_sram_bytes = 0;
  std::int64_t activation_banks = 0;
  std::vector<record::UnitTime> units;  // busy + stalled + idle = elapsed; empty where estimated
};

// What a workload is judged by. Smaller is better.
struct WorkloadObjectives {
  double weighted_latency_ms = 0;   // mean response of each network, weighted
  double worst_response_ratio = 0;  // largest response over deadline of any frame; infinite where frames were lost
  double average_power_mw = 0;      // energy over elapsed time: millijoules a second
  std::int64_t missed = 0;          // frames
  double highest_demand = 0;        // of any engine
};

struct WorkloadAnswer {
  std::string workload;
  Policy policy = Policy::kFixedPriority;
  record::Source source = record::Source::kSimulated;
  std::string tool_version;
  double clock_hz = 0;
  std::int64_t elapsed_cycles = 0;  // until all frames are done, and until the last period has passed
  std::vector<NetworkUse> networks;
  std::vector<EngineUse> engines;
  bool contention = false;      // engines shared one DRAM, and their transfers met there
  std::int64_t dram_bytes = 0;  // of all engines
  double dram_duty = 0;         // share of the elapsed time in which the DRAM, or its busiest port, moved data
  double energy_uj = 0;         // of all engines and the DRAM's interface
  double area_mm2 = 0;          // of all engines
  WorkloadObjectives objectives;
  bool fits = false;                 // every frame met its deadline, and no engine is asked for more than it has
  std::vector<std::string> reasons;  // why it does not fit, one line each
  bool overload = false;             // given up: the backlog grew beyond kMostWaiting frames
  std::vector<std::string> notes;    // what the model leaves out here
  std::vector<FrameRun> frames;      // in the order of release
  std::vector<CommandRun> runs;      // in the order of their start
  std::string failure;               // "", or why an engine cannot run a network; then the rest is empty

  double ms(double cycles) const { return clock_hz > 0 ? cycles / clock_hz * 1e3 : 0; }
};

// A workload is given up once so many frames of one network wait.
inline constexpr std::int64_t kMostWaiting = 64;

}  // namespace lanewise::study
