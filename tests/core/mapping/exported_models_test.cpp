// SPDX-License-Identifier: Apache-2.0
// A shipped network that was written and read again runs as the same subgraphs, and so in the same cycles: a subgraph's
// key identifies its measurement.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/import.hpp"
#include "core/network/onnx_export.hpp"

namespace lanewise::mapping {
namespace {

// The keys in order, or why the engine refuses the network.
std::vector<std::string> keys(const network::Graph& graph, const engine::EngineConfig& engine) {
  std::vector<std::string> list;
  try {
    for (const Subgraph& subgraph : partition(graph, engine)) list.push_back(subgraph_key(subgraph));
  } catch (const Error& error) {
    const std::string text = error.what();
    list.push_back(text.substr(std::min(text.size(), text.find("operator"))));
  }
  return list;
}

TEST(ExportedModels, run_as_the_same_subgraphs_on_three_engines) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("lanewise_subgraphs_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::vector<engine::EngineConfig> engines;
  for (const char* name : {"ne-256", "nvdla-small", "neureka"}) {
    engines.push_back(engine::load_engine(std::string("hwconfigs/") + name + ".yaml").config);
  }
  int compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator("models")) {
    if (entry.path().extension() != ".onnx") continue;
    const network::Graph graph = network::import_network(entry.path().string());
    const std::string copy = (folder / entry.path().filename()).string();
    network::export_onnx(graph, copy, {entry.path().string()});
    const network::Graph again = network::import_network(copy);
    for (const engine::EngineConfig& engine : engines) {
      EXPECT_EQ(keys(graph, engine), keys(again, engine)) << entry.path() << " on " << engine.name;
      ++compared;
    }
  }
  std::filesystem::remove_all(folder);
  EXPECT_GE(compared, 54);
}

}  // namespace
}  // namespace lanewise::mapping
