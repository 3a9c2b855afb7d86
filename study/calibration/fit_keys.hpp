// SPDX-License-Identifier: Apache-2.0
// Which keys of an engine may be fitted to measured cycles.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::study {

// The overheads, latencies and bandwidths of this kind of engine, in the order of the reference.
std::vector<std::string> default_fit_keys(engine::DmaKind kind);

// Splits "KEY,KEY…"; "" stands for the default keys. Throws Error naming a key that is unknown, given twice or no
// number, or that measurements do not depend on: energy.*, area.*, and command.cycles_per_pass, because measured cycles
// begin when the loading units are enabled.
std::vector<std::string> parse_fit_keys(const std::string& text, engine::DmaKind kind);

}  // namespace lanewise::study
