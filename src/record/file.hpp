// SPDX-License-Identifier: Apache-2.0
// Whole-file output that is either there complete or not there.
#pragma once

#include <string>

namespace lanewise::record {

// Writes beside `path` and renames. Throws Error naming the path when it cannot be written.
void write_file(const std::string& path, const std::string& content);
// Throws Error naming the path when it cannot be read.
std::string read_file(const std::string& path);

}  // namespace lanewise::record
