// SPDX-License-Identifier: Apache-2.0
#include "estimator/default_estimator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"

namespace lanewise::estimator {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "trained";

std::vector<fs::path> folders(const std::string& hwconfig_path) {
  std::vector<fs::path> out;
  const char* named = std::getenv("LANEWISE_ESTIMATORS");
  if (named != nullptr && *named != '\0') out.emplace_back(named);
  out.push_back((fs::path(hwconfig_path).parent_path() / ".." / kFolder).lexically_normal());
  for (const fs::path data : data_folders()) {
    if (std::find(out.begin(), out.end(), data / kFolder) == out.end()) out.push_back(data / kFolder);
  }
  return out;
}

}  // namespace

std::optional<std::string> find_default_estimator(const std::string& hwconfig_path, const std::string& family) {
  for (const fs::path& folder : folders(hwconfig_path)) {
    const fs::path file = folder / (family + ".lwm");
    std::error_code ignored;
    if (fs::is_regular_file(file, ignored)) return file.string();
  }
  return std::nullopt;
}

std::string default_estimator(const std::string& hwconfig_path, const std::string& family) {
  if (const auto found = find_default_estimator(hwconfig_path, family)) return *found;
  std::vector<std::string> searched;
  for (const fs::path& folder : folders(hwconfig_path)) searched.push_back(folder.string());
  throw Error(
      fmt::format("no estimator of the family {0}: {0}.lwm is not in {1}; `scripts/make-estimator {0}` makes it, "
                  "or name one with --estimator FILE",
                  family, fmt::join(searched, " or ")));
}

}  // namespace lanewise::estimator
