// SPDX-License-Identifier: Apache-2.0
// What a network's inferences take of electricity, on an engine and on a host CPU, for one inference and for a fleet of
// devices over a year.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

// What is not simulated but assumed. docs/footprint.md says where the defaults come from.
struct FootprintAssumptions {
  double host_watts = 3;               // while it computes
  double host_macs_per_second = 1e10;  // not used where host_seconds is there
  std::optional<double> host_seconds;  // for one inference, where it was measured
  double users = 1e6;                  // devices
  double inferences_per_day = 100;     // of each
  double days_per_year = 365;
  double charging_efficiency = 0.8;  // of what the socket gives, the share that the device gets
  double grid_grams_per_kwh = 481;   // CO2e
};

struct FootprintSide {
  double seconds = 0, joules = 0;  // of one inference
  double picojoules_per_mac = 0;   // 0 where there is no MAC
  double kwh_per_year = 0;         // from the socket, of the whole fleet
  double kg_co2e_per_year = 0;
};

struct Footprint {
  std::string network;
  NetworkSizes sizes;
  std::string engine_name;
  engine::EngineIdentity identity;  // of the engine
  std::string tool_version;
  std::vector<std::string> warnings;
  std::int64_t macs = 0;
  double host_share_percent = 0;  // of the engine's latency, in operators that it leaves to the host: not in its energy
  FootprintAssumptions assumptions;
  double inferences_per_year = 0;  // of the fleet
  FootprintSide engine, host;
};

// Throws Error, naming the option and the rule, where an assumption is not a number above 0 or an efficiency is
// above 1.
void check(const FootprintAssumptions& assumptions);

// Both sides of a simulated answer; an inference is one run of the network, with its whole batch. Throws Error as check
// does, and where there is neither a MAC nor a stated time to take the host's time from.
Footprint footprint(const NetworkAnswer& answer, const FootprintAssumptions& assumptions);

}  // namespace lanewise::study
