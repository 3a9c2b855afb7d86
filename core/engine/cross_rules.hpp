// SPDX-License-Identifier: Apache-2.0
// Rules that several parameters keep together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

struct BrokenRule {
  std::vector<std::string> keys;  // what it is about, the likeliest culprit first
  std::string message;            // values and rule
};

// The first rule that `config` breaks, in a fixed order.
std::optional<BrokenRule> broken_rule(const EngineConfig& config);

}  // namespace lanewise::engine
