// SPDX-License-Identifier: Apache-2.0
// Which of a workload's networks an engine can run side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "study/workload/answer_workload.hpp"

namespace lanewise::study {

// All subsets are tried.
inline constexpr std::size_t kMostNetworksOfSets = 8;

struct NetworkSet {
  std::vector<std::size_t> networks;  // places in the workload, ascending
  bool fits = false;                  // as WorkloadAnswer::fits
  bool maximal = false;               // it fits, and no set of more networks that holds it does
  WorkloadObjectives objectives;      // of the set by itself
  std::string failure;                // "", or why an engine cannot run it
};

// One per subset with a network at least: those of more networks first, then in the order of the workload. Every set is
// planned and run by itself, with the memory divided among its networks. Throws Error for more than kMostNetworksOfSets
// networks.
std::vector<NetworkSet> fitting_sets(const WorkloadQuestion& question, MeasurementSource& source,
                                     const Progress& progress = {});

}  // namespace lanewise::study
