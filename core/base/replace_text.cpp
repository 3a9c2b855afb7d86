// SPDX-License-Identifier: Apache-2.0
#include "core/base/replace_text.hpp"

namespace lanewise {

std::string replaced(std::string text, const std::string& mark, const std::string& by) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + by.size())) {
    text.replace(at, mark.size(), by);
  }
  return text;
}

}  // namespace lanewise
