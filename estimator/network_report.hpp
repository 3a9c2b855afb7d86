// SPDX-License-Identifier: Apache-2.0
// How well whole networks are estimated on engines held out from training, and which of these figures speak for a
// network that is asked about.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "estimator/accuracy.hpp"
#include "estimator/network_mix.hpp"

namespace lanewise::estimator {

// Errors of whole networks in percent of what was measured: of the sum over a network's subgraphs, for the peak on-chip
// memory of the largest.
struct NetworkErrors {
  std::int64_t networks = 0;  // compared, each on one engine
  double within_5_percent = 0, within_10_percent = 0, median_percent = 0, worst_percent = 0;
};
NetworkErrors network_errors(std::vector<double> percents);

struct NetworkAccuracy {
  std::int64_t engines = 0;
  NetworkErrors latency, energy, peak_sram;  // energy, peak_sram: empty where a family was left out
  std::vector<Coverage> intervals;           // of the latency, one per level of kReportedLevels
};

// Networks trained on that are made of the same (kAlike) or whose names begin with the same word (resnet18, resnet50).
struct NetworkFamily {
  std::string name;                  // the word that their names begin with, of the first by name
  std::vector<std::string> members;  // by name
  NetworkAccuracy held_out;          // on engines held out; the family's networks were trained on, on other engines
  NetworkAccuracy left_out;          // the same with all networks of the family and their variants left out, too
};

struct NetworkReport {
  std::vector<NetworkFamily> families;      // by name; empty: no whole networks were measured
  NetworkAccuracy held_out, left_out;       // of all families
  std::map<std::string, NetworkMix> mixes;  // of the networks trained on, by name

  bool empty() const { return families.empty(); }
};

// Networks whose mixes are no farther apart are made of the same.
inline constexpr double kAlike = 0.1;

// The figures that speak for one network.
struct NetworksLikeThis {
  bool known = false;  // networks made of the same were trained on
  std::string family;  // of the nearest network trained on
  std::vector<std::string> members;
  std::string nearest;       // network trained on
  double distance = 0;       // of its mix
  NetworkAccuracy accuracy;  // known: the family's on engines held out; else of all families, left out of training
};
// `report` must not be empty.
NetworksLikeThis networks_like(const NetworkReport& report, const NetworkMix& mix);

}  // namespace lanewise::estimator
