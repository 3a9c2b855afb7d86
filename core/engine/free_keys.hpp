// SPDX-License-Identifier: Apache-2.0
// Keys that cost nothing in the model of area and energy.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

// Those of `keys` that change neither the engine's area, nor the energy of an action, nor what it draws at rest when
// their value is doubled (a value of 0 becomes 1; of an enumeration, another value is taken): whoever compares engines
// that differ in them gets speed for nothing. Keys of `mapping.`, which is software, are never among them. In the order
// given. Throws Error on an unknown key.
std::vector<std::string> free_keys(const EngineConfig& config, const std::vector<std::string>& keys);

}  // namespace lanewise::engine
