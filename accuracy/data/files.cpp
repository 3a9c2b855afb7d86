// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/printable.hpp"

namespace lanewise::accuracy {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const std::string& name) { return !name.empty() && name.front() == '.'; }

std::vector<std::string> all_names(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    out.push_back(at->path().filename().string());
  }
  if (error) throw Error(folder + ": cannot be listed: " + error.message());
  // By bytes: no locale has a say.
  std::sort(out.begin(), out.end());
  return out;
}

struct Walk {
  const std::string& root;
  DatasetReport& report;
  const std::vector<std::string>& skip;
  std::vector<std::string> found;

  void go(const std::string& below, int depth) {
    constexpr int kDeepest = 32;
    const std::string folder = below.empty() ? root : join(root, below);
    for (const std::string& name : all_names(folder)) {
      const std::string path = below.empty() ? name : below + "/" + name;
      std::error_code ignored;
      if (is_hidden(name)) {
        report.leave_out("hidden files or folders", path);
      } else if (fs::is_directory(join(root, path), ignored)) {
        if (fs::is_symlink(join(root, path), ignored)) {
          report.leave_out("links to folders", path);
        } else if (depth >= kDeepest) {
          report.leave_out("folders nested too deep", path);
        } else {
          go(path, depth + 1);
        }
      } else if (has_image_suffix(name)) {
        found.push_back(path);
      } else if (std::find(skip.begin(), skip.end(), name) == skip.end()) {
        const std::string suffix = suffix_of(name);
        report.leave_out(suffix.empty() ? "files without a suffix" : suffix + " files", path);
      }
    }
  }
};

}  // namespace

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> out = all_names(folder);
  out.erase(std::remove_if(out.begin(), out.end(), is_hidden), out.end());
  return out;
}

std::vector<std::string> folders_in(const std::string& folder) {
  std::vector<std::string> out;
  for (const std::string& name : names_in(folder)) {
    std::error_code ignored;
    if (fs::is_directory(join(folder, name), ignored)) out.push_back(name);
  }
  return out;
}

std::vector<std::string> images_below(const std::string& folder, DatasetReport& report,
                                      const std::vector<std::string>& skip) {
  Walk walk{folder, report, skip, {}};
  walk.go("", 0);
  std::sort(walk.found.begin(), walk.found.end());
  return walk.found;
}

std::string suffix_of(const std::string& name) {
  std::string suffix = fs::path(name).extension().string();
  for (char& c : suffix) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return suffix;
}

bool has_image_suffix(const std::string& name) {
  const std::string suffix = suffix_of(name);
  return suffix == ".png" || suffix == ".jpg" || suffix == ".jpeg";
}

std::string without_suffix(const std::string& path) { return fs::path(path).replace_extension().string(); }

std::vector<std::string> read_class_names(const std::string& folder) {
  for (const char* name : {"classes.txt", "names.txt"}) {
    const std::string path = join(folder, name);
    std::error_code ignored;
    if (!fs::exists(path, ignored)) continue;
    std::istringstream text(read_input(path, kLargestConfiguration, "a list of classes"));
    std::vector<std::string> out;
    std::set<std::string> known;
    for (std::string line; std::getline(text, line);) {
      const std::size_t first = line.find_first_not_of(" \t\r"), last = line.find_last_not_of(" \t\r");
      if (first == std::string::npos) continue;
      line = printable(line.substr(first, last - first + 1));
      if (!known.insert(line).second) throw Error(fmt::format("{}: names the class '{}' twice", path, line));
      out.push_back(line);
    }
    if (out.empty()) throw Error(path + ": names no class");
    return out;
  }
  return {};
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_there(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::string join(const std::string& folder, const std::string& name) { return (fs::path(folder) / name).string(); }

std::string split_of(const std::string& name) {
  for (const char* word : {"train", "training"}) {
    if (name == word) return "train";
  }
  for (const char* word : {"val", "valid", "validation"}) {
    if (name == word) return "validation";
  }
  for (const char* word : {"test", "testing"}) {
    if (name == word) return "test";
  }
  return "";
}

}  // namespace lanewise::accuracy
