// SPDX-License-Identifier: Apache-2.0
// Output that is either there complete or not there.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace lanewise {

// What `path` names once links are followed, also a link whose target is not there yet. Throws Error where they lead
// nowhere.
std::string without_links(const std::string& path);

// A file or folder that is made beside `path` and takes its name when it is complete. Whatever ends before that leaves
// `path` as it was and nothing beside it, except a kill. All members throw Error naming `path` when it cannot be
// written.
class Unfinished {
 public:
  // Makes nothing yet. Links in `path` are followed. `suffix` tells several unfinished files for one path apart.
  explicit Unfinished(const std::string& path, const std::string& suffix = "");
  ~Unfinished();  // removes what finish() has not renamed
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  // Where the file or folder is to be made.
  const std::string& path() const { return partial_; }
  // Syncs it, renames it over `path` (a folder only over an empty one) and syncs the folder that both are in, so that a
  // loss of power leaves the old or the new one. Files inside a folder must have been synced before.
  void finish();

 private:
  std::string path_, target_, partial_;
  bool pending_ = true;
};

// Writes a file piece by piece, for what is too large to hold. Devices and pipes are written through.
class FileWriter {
 public:
  // All members throw Error naming the path when it cannot be written.
  explicit FileWriter(const std::string& path);
  ~FileWriter();  // without finish() nothing is left
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  void write(std::string_view text);
  void finish();

 private:
  struct Opened;
  std::unique_ptr<Opened> opened_;
};

// A whole file at once. Throws Error naming the path when it cannot be written.
void write_file(const std::string& path, const std::string& content);

}  // namespace lanewise
