// SPDX-License-Identifier: Apache-2.0
// What each key of an engine is worth to a network: every key twice and half of what it is, or its other values, each
// engine planned for and measured anew.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "core/engine/followers.hpp"
#include "core/network/graph.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "study/evaluation/sensitivity_table.hpp"

namespace lanewise::study {

// Keys that are changed together, each by its factor.
struct KeyGroup {
  std::string name;
  std::vector<std::pair<std::string, double>> factors;
};

// The resources of the engine (engine::resource_names) and, of `rules`, every leader doubled with its followers.
std::vector<KeyGroup> key_groups(const std::vector<engine::FollowRule>& rules);

// The changes are made from the table of parameters: all that this kind of engine reads, but for texts and for the kind
// itself. Where twice or half of a value is refused, the largest change below it that is not is tried. A whole number
// that is 0 becomes 1. Groups are left out that come down to one key, or that the engine cannot have. The result
// depends on nothing but graph, engine and groups. Throws Error where `base` itself cannot run the network.
Sensitivity sensitivity(const network::Graph& graph, const engine::EngineConfig& base,
                        const std::vector<KeyGroup>& groups, MeasurementSource& source, const Progress& progress = {});

}  // namespace lanewise::study
