// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: which files and folders calls may name.
#pragma once

#include <string>
#include <vector>

namespace lanewise::mcp {

// Files that a client may name lie below the current folder, below one that was allowed, or come with the tool; folders
// that it may have written below the first two. Links are followed before that is judged.
class Paths {
 public:
  // Throws Error where one of `allowed` is no folder.
  explicit Paths(const std::vector<std::string>& allowed);

  // `name` as it is, once it is found to be such a file, or the bare name of one of the folder `kind` of those that
  // come with the tool. `argument` is named where it is not. Throws Error.
  std::string input(const std::string& argument, const std::string& kind, const std::string& name) const;
  // `name` as it is, once it is found to be a folder that may be written, there or not. Throws Error.
  std::string output_folder(const std::string& argument, const std::string& name) const;

 private:
  std::vector<std::string> writable_;  // without links; the current folder first
};

}  // namespace lanewise::mcp
