// SPDX-License-Identifier: Apache-2.0
// What the network says of its live activations, and what the memory map of an engine says, are the same where the
// engine does as the network-level count supposes: it pools apart, and no tensor is a view of a part of another, as the
// heads of an attention are.
#include <gtest/gtest.h>

#include <filesystem>

#include "core/engine/engine_config.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/import.hpp"

namespace lanewise::mapping {
namespace {

TEST(LiveActivations, of_network_and_engine_agree_where_pooling_is_not_fused) {
  const engine::EngineConfig engine =
      engine::load_engine("hwconfigs/ne-1024.yaml", {{"post_processing.fused_pooling", "false"}}).config;
  for (const char* model : {"mobilenet_v2", "mobilenet_v3_large", "mnasnet1_0", "efficientnet_b0", "regnet_y_400mf",
                            "resnet18", "resnet50", "shufflenet_v2_x1_0", "squeezenet1_1"}) {
    const network::Graph graph = network::import_network(std::string("models/") + model + ".onnx", {});
    const Partition partition = partition_with_memory(graph, engine);
    EXPECT_EQ(partition.memory.peak_activations(), network::peak_activation_bytes(graph)) << model;
  }
}

}  // namespace
}  // namespace lanewise::mapping
