// SPDX-License-Identifier: Apache-2.0
// An hwconfig with other values, its own text and comments kept.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

// A key's new value as --set takes it, and what stands behind it as a comment.
struct ChangedValue {
  std::string key, value, comment;
};

// The text of the hwconfig at `path` with these values in place of its own, each with its comment (before the one that
// was there), and `head` as comment lines above the first key. A key that the file leaves to its default goes into its
// section. The text loads as the engine that the changes give. Throws Error as load_engine, and where a value does not
// stand on a line of its own.
std::string with_changed_values(const std::string& path, const std::vector<ChangedValue>& changes,
                                const std::vector<std::string>& head);

}  // namespace lanewise::engine
