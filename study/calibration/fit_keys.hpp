// SPDX-License-Identifier: Apache-2.0
// Which numbers of a description measured cycles may teach.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::study {

// Overheads, latencies and bandwidths of this kind of engine, in the reference's order.
std::vector<std::string> default_fit_keys(engine::DmaKind kind);

// "KEY,KEY…" split; "": the default keys. Throws Error naming the key where it is unknown, given twice, no number, or
// one that measured rows do not see (energy.*, area.*, command.cycles_per_pass: they count from where the loading units
// are enabled).
std::vector<std::string> parse_fit_keys(const std::string& text, engine::DmaKind kind);

}  // namespace lanewise::study
