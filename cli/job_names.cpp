// SPDX-License-Identifier: Apache-2.0
#include "cli/job_names.hpp"

#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"

namespace lanewise::cli {
namespace {

namespace fs = std::filesystem;

fs::path real(const fs::path& path) {
  std::error_code failed;
  fs::path out = fs::weakly_canonical(fs::absolute(path, failed), failed);
  return failed ? path : out;
}

// Whether the bare name stands for this very file, wherever the tool is started.
bool stands_for(const std::string& kind, const std::string& name, const fs::path& file) {
  try {
    const auto found = look_for_data(kind, name);
    return found && real(*found) == file;
  } catch (const Error&) {
    return false;  // of several suffixes
  }
}

}  // namespace

std::string portable_name(const std::string& kind, const std::string& path, const std::string& folder) {
  const fs::path file = real(path);
  for (const std::string& data : installed_data_folders()) {
    if (kind.empty() || file.parent_path() != real(fs::path(data) / kind)) continue;
    for (const std::string& name : {file.stem().string(), file.filename().string()}) {
      if (stands_for(kind, name, file)) return name;
    }
  }
  const fs::path from = real(folder);
  // A first folder in common is what makes a path between the two mean something after both have moved together.
  auto a = file.begin(), b = from.begin();
  if (a != file.end() && b != from.end() && ++a != file.end() && ++b != from.end() && *a == *b) {
    return file.lexically_relative(from).string();
  }
  return file.string();
}

}  // namespace lanewise::cli
