// SPDX-License-Identifier: Apache-2.0
// Descriptions of a network and of an engine, as people and programs read them.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/network/graph.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::report {

// Operators with shapes, MACs, parameters and blocks, totals, and the moves that a search may make of the network, with
// those that it may not and why.
std::string network_json(const network::Graph& graph);
std::string network_text(const network::Graph& graph);
// One row per operator.
std::string network_csv(const network::Graph& graph);

// The effective configuration. JSON: sections nested as in the file, each leaf {"value", "origin"}, the value as --set
// takes it; and how far the simulator was checked against RTL of the family.
std::string engine_json(const engine::LoadedEngine& engine, const study::RtlCheckSummary& rtl);
std::string engine_text(const engine::LoadedEngine& engine);
std::string engine_csv(const engine::LoadedEngine& engine);

// A description that was found right, with all that belongs to it.
struct EngineCheck {
  std::string file, engine, family;
  engine::EngineIdentity identity;
  std::vector<std::string> warnings;  // of engine::scaling_warnings
};
// JSON: an object, or an array of them for more than one; CSV: one row each.
std::string to_json(const std::vector<EngineCheck>& checks);
std::string to_csv(const std::vector<EngineCheck>& checks);
std::string to_text(const std::vector<EngineCheck>& checks);

}  // namespace lanewise::report
