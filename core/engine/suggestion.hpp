// SPDX-License-Identifier: Apache-2.0
// The "did you mean" behind an unknown key.
#pragma once

#include <string>
#include <vector>

namespace lanewise::engine {

// " (did you mean 'engine.clock'?)" for the nearest of `known`, or "" where none is near. A key without its section
// ("clock"), or the beginning of one ("engine.parallelism"), is near where exactly one known key fits.
std::string suggestion(const std::string& key, const std::vector<std::string>& known);

}  // namespace lanewise::engine
