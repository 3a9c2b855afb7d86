// SPDX-License-Identifier: Apache-2.0
#include "mcp/paths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/printable.hpp"

namespace lanewise::mcp {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 1000;

// A name that begins with a dash would be taken for an option.
void expect_name(const std::string& argument, const std::string& name) {
  const auto refuse = [&](const char* rule) {
    throw Error(fmt::format("{}: '{}': {}", argument, printable(name), rule));
  };
  if (name.empty()) refuse("must not be empty");
  if (name.size() > kLongestName) throw Error(fmt::format("{}: must have at most {} bytes", argument, kLongestName));
  if (name.front() == '-') refuse("must not begin with '-'");
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    refuse("must have no control characters");
  }
}

bool is_below(const fs::path& path, const std::string& folder) {
  const fs::path base(folder);
  return std::mismatch(base.begin(), base.end(), path.begin(), path.end()).first == base.end();
}

bool is_below_any(const fs::path& path, const std::vector<std::string>& folders) {
  return std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) { return is_below(path, folder); });
}

}  // namespace

Paths::Paths(const std::vector<std::string>& allowed) {
  std::error_code failed;
  writable_.push_back(fs::canonical(fs::current_path(failed), failed).string());
  if (failed) throw Error("the current folder cannot be read: " + failed.message());
  for (const std::string& folder : allowed) {
    const fs::path real = fs::canonical(folder, failed);
    if (failed || !fs::is_directory(real, failed)) throw Error("--allow: '" + folder + "' is no folder");
    writable_.push_back(real.string());
  }
}

std::string Paths::input(const std::string& argument, const std::string& kind, const std::string& name) const {
  expect_name(argument, name);
  std::error_code failed;
  std::string found = name;
  if (!kind.empty()) {
    const std::optional<std::string> path = look_for_data(kind, name);
    if (!path) {
      throw Error(fmt::format("{}: '{}' is neither a file nor the name of one that comes with the tool", argument,
                              printable(name)));
    }
    found = *path;
  } else if (!fs::is_regular_file(name, failed)) {
    throw Error(fmt::format("{}: '{}' is no file", argument, printable(name)));
  }
  const fs::path real = fs::canonical(found, failed);
  if (failed || !(is_below_any(real, writable_) || is_below_any(real, installed_data_folders()))) {
    throw Error(
        fmt::format("{}: '{}' is outside of the folders that calls may read: the current one, those of --allow, "
                    "and what comes with the tool",
                    argument, printable(name)));
  }
  return name;
}

std::string Paths::output_folder(const std::string& argument, const std::string& name) const {
  expect_name(argument, name);
  std::error_code failed;
  const fs::path real = fs::weakly_canonical(fs::absolute(name, failed), failed).lexically_normal();
  const bool is_root = std::any_of(writable_.begin(), writable_.end(), [&](const std::string& folder) {
    return real == fs::path(folder) || real == fs::path(folder) / "";
  });
  if (failed || is_root || !is_below_any(real, writable_)) {
    throw Error(fmt::format("{}: '{}' is not below a folder that calls may write: the current one and those of --allow",
                            argument, printable(name)));
  }
  return name;
}

}  // namespace lanewise::mcp
