// SPDX-License-Identifier: Apache-2.0
// The networks that benchmarks run on.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/network/import.hpp"

namespace lanewise {

// All of models/*.onnx, in the order of their names.
inline std::vector<network::Graph> shipped_networks() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator("models")) {
    if (entry.path().extension() == ".onnx") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<network::Graph> graphs;
  for (const std::string& path : paths) graphs.push_back(network::import_network(path));
  return graphs;
}

}  // namespace lanewise
