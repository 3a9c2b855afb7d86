// SPDX-License-Identifier: Apache-2.0
// Reads the genes of the engine from a space file: keys that vary, keys that vary together, keys that are derived.
#pragma once

#include <string>
#include <vector>

#include "core/engine/raw_config.hpp"
#include "nas/space/engine_space.hpp"

namespace lanewise::nas {

// The keys of the format; "<key>" stands for a key of hwconfigs, "<name>" for a name that the file gives.
std::vector<std::string> engine_gene_keys();
bool is_engine_gene_entry(const engine::RawEntry& entry);
// Throws Error naming file:line, key, value and rule.
void read_engine_genes(const engine::RawConfig& raw, EngineSettings& settings);

}  // namespace lanewise::nas
