// SPDX-License-Identifier: Apache-2.0
// Networks on engines, one row per pair, as plain data.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/record/measurement.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

struct SweepRow {
  std::string network;
  std::vector<std::pair<std::string, std::string>> settings;   // the varied keys and their values, in the order given
  std::vector<std::pair<std::string, std::string>> followers;  // the keys that follow these, and their values
  std::vector<std::string> warnings;                           // of engine::scaling_warnings
  Totals total;
  bool pareto = false;  // not dominated for this network in latency, energy and area
  std::string failure;  // "", or why there is no such engine or it cannot run the network; then the totals are empty
};

struct SweepTable {
  std::string engine;  // the one that was varied
  record::Source source = record::Source::kSimulated;
  std::string tool_version;
  std::vector<std::string> free_keys;  // varied keys that cost neither area nor energy in the model
  std::vector<SweepRow> rows;          // network by network, in the order of the settings
};

}  // namespace lanewise::study
