// SPDX-License-Identifier: Apache-2.0
// The shipped networks and engines that the tests of this folder use.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/import.hpp"

namespace lanewise::study::testing {

inline const std::string kEnginePath = "hwconfigs/ne-256.yaml";
inline const std::string kWorker = std::string(LANEWISE_BINARY_DIR) + "/lanewise-worker";

inline engine::EngineConfig small_engine() { return engine::load_engine(kEnginePath).config; }
inline network::Graph mobilenet() { return network::import_network("models/mobilenet_v2.onnx"); }
inline network::Graph squeezenet() { return network::import_network("models/squeezenet1_1.onnx"); }

// Files of a folder with this suffix, sorted.
inline std::vector<std::string> files_in(const std::string& folder, const std::string& suffix) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == suffix) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lanewise-study-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace lanewise::study::testing
