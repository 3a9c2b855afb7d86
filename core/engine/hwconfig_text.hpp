// SPDX-License-Identifier: Apache-2.0
// Changes values in the text of an hwconfig and keeps everything else, comments included.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

// The new value of a key as --set takes it, and the comment to write behind it.
struct ChangedValue {
  std::string key, value, comment;
};

// The text of the hwconfig at `path` with these values instead of its own. Each new value is followed by its comment,
// and then by the comment that was there. `head` becomes comment lines above the first key. A key that the file leaves
// to its default is added to its section. Throws the errors of load_engine, and an Error where a value that changes
// does not have a line of its own.
std::string with_changed_values(const std::string& path, const std::vector<ChangedValue>& changes,
                                const std::vector<std::string>& head);

}  // namespace lanewise::engine
