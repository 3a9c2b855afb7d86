// SPDX-License-Identifier: Apache-2.0
// A dial: a key of the engine or a gene of the network, with the values that a slider stops at.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "nas/space/engine_space.hpp"
#include "nas/space/gene.hpp"

namespace lanewise::explore {

struct Dial {
  std::string name;   // "engine.parallelism_factor", "fuse.ibn3", or what a space calls keys that change together
  std::string group;  // what stands before the first dot
  // Whether it is among the first that a person sees: the ranges of the engine's family, or the genes of a space.
  bool first = true;
  bool listed = false;              // whether no other values may be given than these
  std::vector<std::string> values;  // numbers in ascending order; as --set takes them
  std::vector<bool> trained;        // of each value, whether the estimator's training data reach it
  std::size_t given = 0;            // which of them is that of the engine or network as given
  std::string meaning, notation;    // one line for people, and how values are written; "" of genes
  std::string low, high;            // smallest and largest value; "" where any will do
};

// Range of the training data by key, in the unit of engine::numeric_value.
using TrainedRanges = std::map<std::string, std::pair<double, double>>;

// Every key that engines of this kind read, but for texts and the kind itself, in the order of the reference; the genes
// of `space` first, which replace the keys of their names. What a gene of several keys sets, and what is derived from
// others by a formula of `settings`, is no dial of its own.
std::vector<Dial> engine_dials(const engine::EngineConfig& base, const engine::Family& family,
                               const nas::EngineSettings& settings, const nas::EngineSpace& space, bool space_given,
                               const TrainedRanges& trained);
// Genes of networks in the order of the space. Values that are numbers are put in ascending order.
std::vector<Dial> network_dials(const std::vector<nas::Gene>& genes);

// The value as the engine writes it: "0.5 MiB" and "512 KiB" are one. Throws Error "KEY=VALUE: …" for what is out of
// the key's range or no value, and for an unknown key.
std::string written_value(const engine::EngineConfig& base, const std::string& key, const std::string& value);

}  // namespace lanewise::explore
