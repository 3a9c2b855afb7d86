// SPDX-License-Identifier: Apache-2.0
#include "page/assets.hpp"

#include <stdexcept>
#include <string>

#include "core/base/embedded.hpp"

namespace lanewise {

const std::vector<EmbeddedFile>& embedded_page_assets();

namespace page {

std::string_view asset(std::string_view name) {
  for (const EmbeddedFile& file : embedded_page_assets()) {
    if (file.name == name) return file.bytes;
  }
  throw std::out_of_range("no page asset '" + std::string(name) + "'");
}

}  // namespace page
}  // namespace lanewise
