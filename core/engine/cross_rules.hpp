// SPDX-License-Identifier: Apache-2.0
// Rules between several parameters.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

struct BrokenRule {
  std::vector<std::string> keys;  // the keys concerned, the most likely cause first
  std::string message;            // the values and the rule
};

// The first rule, in a fixed order, that `config` breaks. The kind of engine adds a rule of its own.
std::optional<BrokenRule> broken_rule(const EngineConfig& config);

}  // namespace lanewise::engine
