// SPDX-License-Identifier: Apache-2.0
// Several networks that run side by side, each at a rate of its own, on one engine or on several.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/units.hpp"
#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "core/network/import.hpp"

namespace lanewise::study {

// Which of the frames that are ready an engine goes on with, each time one of its commands is done. Ties: the frame
// that was released first, then the network that stands first in the file.
enum class Policy {
  kFixedPriority,          // of the network with the largest priority
  kEarliestDeadlineFirst,  // with the earliest moment by which it must be done
  kFirstComeFirstServed,   // that was released first
  kRoundRobin,             // of the network that this engine has not served for the longest time
};
const char* to_string(Policy policy);  // "fixed_priority", "earliest_deadline_first", …
// Throws Error naming the text and the known ones.
Policy parse_policy(const std::string& text);

struct WorkloadNetwork {
  std::string name;   // of the network in the workload
  std::string model;  // path of its file
  network::ImportOptions import;
  Seconds period{0};                  // between the releases of two frames
  Seconds offset{0};                  // of the first release
  Seconds deadline{0};                // from the release of a frame until it must be done
  double priority = 0;                // larger goes first under kFixedPriority
  double weight = 1;                  // in means over the networks
  std::string engine;                 // name of the engine that it runs on; "": whichever is free
  std::optional<std::int64_t> banks;  // activation banks that it is planned with; nullopt: a fair share
  std::optional<std::int64_t> queue;  // frames that wait at most; nullopt: any number
  std::string place;                  // "FILE:LINE: key 'KEY': " of `banks`, for errors; "" where it was not given
};

struct WorkloadEngine {
  std::string name;                         // in the workload
  std::string hwconfig;                     // path
  std::vector<engine::Override> overrides;  // before those of the command line
};

struct Workload {
  std::string name, description;
  std::string path;  // of its file; "" where it has none
  Policy policy = Policy::kFixedPriority;
  // Frames are released for so long, or so many of each network. Where neither is given, for one second, or four
  // periods of the slowest network where that is longer.
  std::optional<Seconds> duration;
  std::optional<std::int64_t> frames;
  bool shares_dram = true;  // several engines: one DRAM for all, else one each
  std::vector<WorkloadNetwork> networks;
  std::vector<WorkloadEngine> engines;  // empty: one, which the command line names
};

inline constexpr std::size_t kMostWorkloadNetworks = 32;
inline constexpr std::size_t kMostWorkloadEngines = 8;

// The networks of a workload, imported, in its order. Throws Error as network::import_network.
std::vector<network::Graph> import_networks(const Workload& workload);

}  // namespace lanewise::study
