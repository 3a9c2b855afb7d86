// SPDX-License-Identifier: Apache-2.0
// The networks and engines that benchmarks run on.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/network/import.hpp"

namespace lanewise {

// The files of a folder with this ending, in the order of their names.
inline std::vector<std::string> shipped_files(const char* folder, const char* ending) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ending) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// All of hwconfigs/*.yaml.
inline std::vector<std::string> shipped_engines() { return shipped_files("hwconfigs", ".yaml"); }

// The networks of models/ that look at images, over which the figures in the docs go: not the decoder of language, and
// not the one that listens.
inline std::vector<network::Graph> shipped_networks() {
  std::vector<network::Graph> graphs;
  for (const std::string& path : shipped_files("models", ".onnx")) {
    const std::string name = std::filesystem::path(path).filename().string();
    const bool looks = name.rfind("decoder_", 0) != 0 && name.rfind("kws_", 0) != 0;
    if (looks) graphs.push_back(network::import_network(path));
  }
  return graphs;
}

}  // namespace lanewise
