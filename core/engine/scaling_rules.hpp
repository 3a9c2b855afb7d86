// SPDX-License-Identifier: Apache-2.0
// Engines that are valid but lopsided: one key was made larger, and what feeds it was not.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

struct ScalingWarning {
  std::vector<std::string> keys;  // concerned, the ones to set first
  double ratio = 0;               // needed over given: above 1
  std::string message;            // one line: keys, values, the ratio and what to set
};

// The rules that `config` breaks, in a fixed order. Each compares what one group of keys asks for in a cycle with what
// another gives, by formula and whatever the network; docs/hwconfig.md lists them.
std::vector<ScalingWarning> scaling_warnings(const EngineConfig& config);

}  // namespace lanewise::engine
