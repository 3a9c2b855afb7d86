// SPDX-License-Identifier: Apache-2.0
// Which keys of an engine may be fitted to measured cycles.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::study {

// The overheads, latencies and bandwidths of this kind of engine, in the order of the reference. What comes before the
// loading units are enabled is one number to rows that count it: command.launch_time stands for it.
std::vector<std::string> default_fit_keys(engine::DmaKind kind);

// Splits "KEY,KEY…"; "" stands for the default keys. `from_command`: measured cycles count from the command, so that
// they hold command.cycles_per_pass; otherwise from where the loading units are enabled. Throws Error naming a key that
// is unknown, given twice or no number, or that measurements do not depend on: energy.*, area.*, engine.clock, by which
// times become cycles, and command.cycles_per_pass where no measured cycles count from the command.
std::vector<std::string> parse_fit_keys(const std::string& text, engine::DmaKind kind, bool from_command);

}  // namespace lanewise::study
