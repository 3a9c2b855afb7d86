// SPDX-License-Identifier: Apache-2.0
// The shared libraries that this process runs with.
#pragma once

#include <string>
#include <vector>

namespace lanewise {

// Their files, with links followed, so that most names say their version: "/usr/lib/…/libfmt.so.9.1.0". Sorted.
std::vector<std::string> loaded_libraries();

}  // namespace lanewise
