// SPDX-License-Identifier: Apache-2.0
#include "nas/space/move_space.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/base/error.hpp"
#include "core/network/import.hpp"

namespace lanewise::nas {
namespace {

network::Graph model(const std::string& name) {
  return network::import_network(LANEWISE_SOURCE_DIR "/models/" + name + ".onnx");
}

const engine::EngineConfig& engine_of_tests() {
  static const engine::EngineConfig config = engine::load_engine(LANEWISE_SOURCE_DIR "/hwconfigs/ne-256.yaml").config;
  return config;
}

MoveSettings everything() {
  MoveSettings settings;
  settings.depth_multipliers = {0.75, 1};
  settings.even_channels = true;
  settings.kernels = {3, 5, 7};
  settings.depthwise_groups = {8, MoveSettings::kLanes, network::Moves::kStandard};
  settings.drop_repeats = true;
  settings.input_resolutions = {1, 0.75};
  settings.output_resolutions = {1, 0.5};
  return settings;
}

std::size_t gene(const MoveSpace& space, const std::string& name) {
  for (std::size_t i = 0; i < space.genes().size(); ++i) {
    if (space.genes()[i].name == name) return i;
  }
  throw Error("no gene " + name);
}

std::string reason(const MoveSpace& space, const std::string& name) {
  for (const LeftOut& left : space.left_out()) {
    if (left.gene == name) return left.reason;
  }
  return "";
}

TEST(MoveSpace, offers_a_gene_for_each_place_with_the_given_network_first) {
  const network::Graph graph = model("mobilenet_v2");
  const MoveSpace space(everything(), graph);
  const Gene& kernel = space.genes()[gene(space, "kernel.conv1")];
  EXPECT_EQ(kernel.values, (std::vector<std::string>{"3", "5", "7"}));
  const Gene& groups = space.genes()[gene(space, "groups.conv1")];
  EXPECT_EQ(groups.values, (std::vector<std::string>{"depthwise", "8", "lanes", "standard"}));
  const Gene& drop = space.genes()[gene(space, "drop.residual3")];
  EXPECT_EQ(drop.values, (std::vector<std::string>{"0", "1", "2", "3"}));
  const Gene& input = space.genes()[gene(space, "input_resolution")];
  EXPECT_EQ(input.values, (std::vector<std::string>{"224x224", "160x160"}));
  EXPECT_EQ(space.genes()[gene(space, "channels")].values, (std::vector<std::string>{"as_is", "aligned", "even"}));
  const Genotype first(space.genes().size(), 0);
  EXPECT_EQ(graph_hash(space.build(first, engine_of_tests())), graph_hash(graph));
}

TEST(MoveSpace, says_what_it_leaves_out_and_why) {
  const network::Graph vit = model("vit_b_16");
  const MoveSpace space(everything(), vit);
  EXPECT_EQ(reason(space, "kernel.conv0 (/conv_proj/Conv)"), "its kernel is 16, not 3, 5 or 7");
  EXPECT_EQ(reason(space, "input_resolution=160x160"),
            "network 'vit_b_16': at another resolution '/encoder/Add' meets 'encoder.pos_embedding', which has 197 "
            "along axis 1 where there are 101 now");
  EXPECT_EQ(reason(space, "output_resolution"), "no output is a map that a final interpolation makes");
}

TEST(MoveSpace, keeps_to_what_the_settings_ask_for) {
  const network::Graph graph = model("mobilenet_v2");
  MoveSettings settings;
  settings.fuse_ibn = false;
  settings.align_channels = false;
  const MoveSpace space(settings, graph);
  EXPECT_TRUE(space.genes().empty());
  EXPECT_TRUE(space.left_out().empty());
  EXPECT_TRUE(space.engine_keys().empty());
}

TEST(MoveSpace, gives_one_network_one_encoding) {
  const network::Graph graph = model("mobilenet_v2");
  const MoveSpace space(everything(), graph);
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    Genotype genotype;
    for (const Gene& each : space.genes()) genotype.push_back(static_cast<int>(random() % each.values.size()));
    const Genotype canonical = space.canonical(genotype);
    EXPECT_EQ(space.canonical(canonical), canonical);
    const std::string text = space.encode(genotype);
    EXPECT_EQ(space.encode(canonical), text);
    EXPECT_EQ(space.decode(text), canonical);
    EXPECT_EQ(text.find_first_of(" ,\"'"), std::string::npos);
    if (i < 8) {
      EXPECT_EQ(graph_hash(space.build(genotype, engine_of_tests())),
                graph_hash(space.build(canonical, engine_of_tests())));
    }
  }
  EXPECT_THROW(space.decode("kernel.conv1=4"), Error);
  EXPECT_THROW(space.decode("kernel.conv0.5=3"), Error);
}

TEST(MoveSpace, halves_the_map_that_a_segmenter_makes) {
  const network::Graph graph = model("lraspp_mobilenet_v3_large");
  const MoveSpace space(everything(), graph);
  Genotype genotype(space.genes().size(), 0);
  genotype[gene(space, "output_resolution")] = 1;
  const network::Graph half = space.build(genotype, engine_of_tests());
  EXPECT_EQ(half.tensor(half.outputs()[0]).shape, (std::vector<std::int64_t>{1, 21, 112, 112}));
  EXPECT_EQ(macs(half), macs(graph));
  genotype[gene(space, "input_resolution")] = 1;
  const network::Graph both = space.build(genotype, engine_of_tests());
  EXPECT_EQ(both.tensor(both.outputs()[0]).shape, (std::vector<std::int64_t>{1, 21, 80, 80}));
}

}  // namespace
}  // namespace lanewise::nas
