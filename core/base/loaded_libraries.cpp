// SPDX-License-Identifier: Apache-2.0
#include "core/base/loaded_libraries.hpp"

#include <link.h>

#include <algorithm>
#include <filesystem>

namespace lanewise {

std::vector<std::string> loaded_libraries() {
  std::vector<std::string> files;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* data) {
        std::error_code failed;
        const std::filesystem::path real = std::filesystem::canonical(info->dlpi_name, failed);
        if (!failed) static_cast<std::vector<std::string>*>(data)->push_back(real.string());
        return 0;
      },
      &files);
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace lanewise
