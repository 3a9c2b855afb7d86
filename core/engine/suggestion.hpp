// SPDX-License-Identifier: Apache-2.0
// The "did you mean" behind an unknown key.
#pragma once

#include <string>
#include <vector>

namespace lanewise::engine {

// " (did you mean 'engine.clock'?)" with the nearest of the known keys, or "" where none is near. A key without its
// section ("clock"), or the beginning of a key ("engine.parallelism"), is near if it fits exactly one known key.
// Otherwise keys are near that differ in few letters.
std::string suggestion(const std::string& key, const std::vector<std::string>& known);

}  // namespace lanewise::engine
