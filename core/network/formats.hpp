// SPDX-License-Identifier: Apache-2.0
// The file formats of networks: one row per format, one folder below this one per importer.
#pragma once

#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "core/network/import.hpp"

namespace lanewise::network {

struct Format {
  std::string name;                   // as error messages give it: "ONNX"
  std::vector<std::string> suffixes;  // of file names, with the dot, in lower case: ".onnx"
  // Whether a file whose suffix belongs to no format starts as this format's files do. `first_bytes` holds at most
  // kFirstBytes bytes.
  bool (*recognises)(const std::string& first_bytes);
  // Reads the file. Throws Error naming the file, and the place in it, where the file is not of this format.
  Graph (*import)(const std::string& path, const ImportOptions& options);
};

inline constexpr std::size_t kFirstBytes = 256;

// All formats, in the order in which files of an unknown suffix are offered to them.
const std::vector<Format>& formats();

// The format of a file: by its suffix if a format has that suffix, by its first bytes otherwise. A path without bytes
// to look at (a folder, a file that is missing or empty) gets the first format, whose importer says what is wrong with
// it. Throws Error naming the known formats when none recognises the file.
const Format& format_of(const std::string& path);

}  // namespace lanewise::network
