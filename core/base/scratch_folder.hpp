// SPDX-License-Identifier: Apache-2.0
// A folder that goes with its object, for what another program reads and writes.
#pragma once

#include <filesystem>
#include <string>

namespace lanewise {

class ScratchFolder {
 public:
  // Makes PARENT/PREFIX-XXXXXX. Throws Error naming it where it cannot be made.
  ScratchFolder(const std::filesystem::path& parent, const std::string& prefix);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace lanewise
