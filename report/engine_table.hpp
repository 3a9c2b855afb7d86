// SPDX-License-Identifier: Apache-2.0
// The files of an engine table as it is handed on: tables as CSV, the card, an example that reads them.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "study/dataset/engine_table.hpp"

namespace lanewise::report {

// A row per network: encoding, accuracy, sizes, the number of its graph, its side in the split by network.
std::string table_networks_csv(const study::EngineTable& table);
// A row per engine: name, hash, origin, area, its side in the split by engine, and every key of its hwconfig.
std::string table_engines_csv(const study::EngineTable& table);
// A row per design on a front: of each engine against latency and against energy, and of all engines together.
std::string table_fronts_csv(const study::EngineTable& table);
// An hwconfig of an engine that no file describes; loads as the same engine.
std::string hwconfig_text(const engine::EngineConfig& config);

struct TableSources {
  std::string accuracy;           // where the accuracies come from and who trained, as Markdown
  std::string simulator_sources;  // identifies the simulator beyond its version; "" where nobody knows
};
// Markdown with the header that hosts of datasets read.
std::string engine_table_card(const study::EngineTable& table, const TableSources& sources);
// A program in Python that needs nothing beside the standard library: reads the table, makes the sides of the split by
// both, and recomputes the front of one engine.
std::string engine_table_loader();

}  // namespace lanewise::report
