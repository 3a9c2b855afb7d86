// SPDX-License-Identifier: Apache-2.0
#include "core/base/installation.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "core/base/error.hpp"

namespace lanewise {
namespace {

namespace fs = std::filesystem;

// Below an installation's prefix. A build tree has a link of this name to the checkout.
constexpr const char* kData = "share/lanewise";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) && !fs::is_directory(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// Of the running program, with links followed; "" where the system does not tell.
fs::path program_folder() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

// Of the shared library that holds this code, with links followed: that of the Python module, whose program is Python.
// "" where the program itself holds it.
fs::path library_folder() {
  Dl_info info{};
  void* extra = nullptr;
  if (::dladdr1(reinterpret_cast<const void*>(&program_folder), &info, &extra, RTLD_DL_LINKMAP) == 0) return {};
  const char* const file = static_cast<const link_map*>(extra)->l_name;  // empty for the program
  if (file == nullptr || *file == '\0') return {};
  std::error_code failed;
  const fs::path real = fs::canonical(file, failed);
  return failed ? fs::path() : real.parent_path();
}

// The folder of the library and those above it, the nearest first: a wheel has data and programs below the module's
// folder, a build tree and an installation some folders above.
std::vector<fs::path> library_folders() {
  std::vector<fs::path> folders;
  for (fs::path folder = library_folder(); folder.has_relative_path(); folder = folder.parent_path()) {
    folders.push_back(folder);
  }
  return folders;
}

fs::path home() {
  const char* named = std::getenv("LANEWISE_HOME");
  return named == nullptr ? fs::path() : fs::path(named);
}

// The one file of `folder` that is called `name`, or `name` and a suffix.
std::optional<std::string> look_in(const fs::path& folder, const std::string& name) {
  if (is_file(folder / name)) return (folder / name).string();
  std::vector<std::string> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (entry.path().stem() == name && is_file(entry.path())) found.push_back(entry.path().string());
  }
  if (found.empty()) return std::nullopt;
  if (found.size() > 1) {
    std::sort(found.begin(), found.end());
    throw Error(fmt::format("{}: may be {}: say which", name, fmt::join(found, " or ")));
  }
  return found.front();
}

// "" for the current folder would not be seen.
std::string shown(const fs::path& folder) { return folder.empty() ? "." : folder.string(); }

}  // namespace

std::vector<std::string> installed_data_folders() {
  std::vector<std::string> folders;
  std::error_code ignored;
  const auto add = [&](const fs::path& folder) {
    if (!is_folder(folder)) return;
    const std::string real = fs::canonical(folder, ignored).string();
    if (std::find(folders.begin(), folders.end(), real) == folders.end()) folders.push_back(real);
  };
  if (!home().empty()) {
    add(home());
    add(home() / kData);
  }
  const fs::path program = program_folder();
  if (!program.empty()) {
    add(program.parent_path() / kData);
    add(program / kData);
  }
  for (const fs::path& folder : library_folders()) add(folder / kData);
  return folders;
}

std::vector<std::string> data_folders() {
  std::vector<std::string> folders = {""};
  std::error_code ignored;
  const std::string current = fs::current_path(ignored).string();
  for (std::string& folder : installed_data_folders()) {
    if (folder != current) folders.push_back(std::move(folder));
  }
  return folders;
}

std::optional<std::string> look_for_data(const std::string& kind, const std::string& name) {
  const fs::path path(name);
  if (is_file(path)) return name;
  if (name.empty() || path.is_absolute()) return std::nullopt;
  const bool is_bare = !path.has_parent_path();
  for (const fs::path folder : data_folders()) {
    if (is_file(folder / path)) return (folder / path).string();
    if (!is_bare) continue;
    if (auto found = look_in(folder / kind, name)) return found;
  }
  return std::nullopt;
}

std::string find_data(const std::string& kind, const std::string& name) {
  if (auto found = look_for_data(kind, name)) return *found;
  const fs::path path(name);
  if (name.empty() || path.is_absolute()) throw Error(name + ": no such file");
  std::vector<std::string> searched;
  for (const fs::path folder : data_folders()) {
    searched.push_back(shown(folder));
    if (!path.has_parent_path()) searched.push_back((folder / kind).string());
  }
  throw Error(fmt::format("{}: no such file; searched {}", name, fmt::join(searched, ", ")));
}

std::string find_data_folder(const std::string& name) {
  for (const fs::path folder : data_folders()) {
    if (is_folder(folder / name)) return (folder / name).string();
  }
  return name;
}

std::string find_program(const std::string& name) {
  std::vector<fs::path> folders;
  const auto add_installation = [&](const fs::path& prefix) {
    folders.push_back(prefix / "libexec" / "lanewise");
    folders.push_back(prefix / "bin");
  };
  if (const fs::path program = program_folder(); !program.empty()) {
    folders.push_back(program);
    folders.push_back(program.parent_path());
    add_installation(program.parent_path());
  }
  for (const fs::path& folder : library_folders()) {
    folders.push_back(folder);
    add_installation(folder);
  }
  if (!home().empty()) {
    add_installation(home());
    folders.push_back(home() / "build" / "release");
  }
  std::vector<std::string> searched;
  for (const fs::path& folder : folders) {
    if (is_file(folder / name)) return (folder / name).string();
    searched.push_back(folder.string());
  }
  throw Error(fmt::format("{}: no such program; searched {}", name, fmt::join(searched, ", ")));
}

}  // namespace lanewise
