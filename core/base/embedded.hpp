// SPDX-License-Identifier: Apache-2.0
// Files that are a part of the program; cmake/embed.cmake puts them there.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace lanewise {

struct EmbeddedFile {
  std::string_view name;   // "page.js"
  std::string_view bytes;  // its whole content
};

}  // namespace lanewise
