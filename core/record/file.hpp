// SPDX-License-Identifier: Apache-2.0
// Whole-file output that is either there complete or not there.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace lanewise::record {

// For what is too large to hold: pieces go to a file beside `path`, which takes its name when all are there.
class FileWriter {
 public:
  // All throw Error naming the path when it cannot be written.
  explicit FileWriter(const std::string& path);
  ~FileWriter();  // without finish(), nothing is left
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  void write(std::string_view text);
  void finish();

 private:
  struct Opened;
  std::unique_ptr<Opened> opened_;
};

// Writes beside `path` and renames. Throws Error naming the path when it cannot be written.
void write_file(const std::string& path, const std::string& content);
// Throws Error naming the path when it cannot be read.
std::string read_file(const std::string& path);

}  // namespace lanewise::record
