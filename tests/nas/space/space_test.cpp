// SPDX-License-Identifier: Apache-2.0
#include "nas/space/space.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/error.hpp"
#include "core/network/import.hpp"

namespace lanewise::nas {
namespace {

using Vary = EngineSettings::Vary;

constexpr const char* kEngine = LANEWISE_SOURCE_DIR "/hwconfigs/ne-256.yaml";  // parallelism 16

engine::EngineConfig base() { return engine::load_engine(kEngine).config; }

const network::Graph& model() {
  static const network::Graph graph = network::import_network(LANEWISE_SOURCE_DIR "/models/mobilenet_v2.onnx");
  return graph;
}

SpaceDescription description() {
  SpaceDescription space;
  space.name = "test";
  space.moves.depth_multipliers = {0.5, 1, 1.25};
  space.engine.vary = Vary::kListed;
  space.engine.genes = {
      {"engine.parallelism_factor", {{"engine.parallelism_factor", {"8", "16", "32"}}}, "test", false},
      {"memory.bank_size", {{"memory.bank_size", {"16 KiB", "8192 B"}}}, "test", false}};
  return space;
}

Space make(const SpaceDescription& description, const engine::Family& family = {}) {
  return Space(description, make_network_space(description, &model()), base(), family);
}

Genotype with(const Space& space, const std::vector<std::pair<std::string, int>>& values) {
  Genotype genotype = space.defaults();
  for (const auto& [name, value] : values) {
    bool found = false;
    for (std::size_t i = 0; i < genotype.size(); ++i) {
      if (space.genes()[i].name != name) continue;
      genotype[i] = value;
      found = true;
    }
    EXPECT_TRUE(found) << name;
  }
  return genotype;
}

const Gene& gene(const Space& space, const std::string& name) {
  for (const Gene& gene : space.genes()) {
    if (gene.name == name) return gene;
  }
  throw Error("no gene " + name);
}

TEST(Space, the_networks_genes_come_before_the_engines) {
  const Space space = make(description());
  ASSERT_EQ(space.genes().size(), space.network_genes() + 2);
  EXPECT_EQ(space.network_genes(), space.network().genes().size());
  EXPECT_EQ(space.genes()[space.network_genes()].name, "engine.parallelism_factor");
  EXPECT_EQ(gene(space, "engine.parallelism_factor").values, (std::vector<std::string>{"16", "8", "32"}));
  EXPECT_EQ(gene(space, "memory.bank_size").values, (std::vector<std::string>{"8 KiB", "16 KiB"}));
}

TEST(Space, the_default_genotype_changes_nothing) {
  const Space space = make(description());
  EXPECT_EQ(space.graph(space.defaults()).operators().size(), model().operators().size());
  EXPECT_EQ(network::parameters(space.graph(space.defaults())), network::parameters(model()));
  EXPECT_TRUE(space.engine_overrides(space.defaults()).empty());
  EXPECT_TRUE(space.describe(space.defaults()).empty());
  EXPECT_EQ(engine::engine_hash(space.engine(space.defaults())), engine::engine_hash(base()));
}

TEST(Space, aligned_channels_follow_the_genotypes_own_engine) {
  const Space space = make(description());
  const auto channels = [&](const std::vector<std::pair<std::string, int>>& values) {
    const network::Graph graph = space.graph(with(space, values));
    return graph.tensor(graph.op(0).outputs[0]).shape[1];
  };
  EXPECT_EQ(channels({{"channels", 1}, {"depth_multiplier.stage0", 2}}), 48);  // 40 to a multiple of 16
  EXPECT_EQ(channels({{"channels", 1}, {"depth_multiplier.stage0", 2}, {"engine.parallelism_factor", 1}}), 40);
  EXPECT_EQ(channels({{"channels", 1}, {"depth_multiplier.stage0", 2}, {"engine.parallelism_factor", 2}}), 32);
}

TEST(Space, encodings_hold_network_and_engine_and_read_back) {
  const Space space = make(description());
  const Genotype genotype = with(space, {{"fuse.ibn1", 1}, {"engine.parallelism_factor", 2}, {"memory.bank_size", 1}});
  EXPECT_EQ(space.encode(genotype), "fuse.ibn1=fused_ibn@engine.parallelism_factor=32@memory.bank_size=16KiB");
  EXPECT_EQ(space.decode(space.encode(genotype)), genotype);
  EXPECT_EQ(space.decode("default"), space.defaults());
  const auto message = [&](const std::string& text) {
    try {
      space.decode(text);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message("default@memory.bank_siz=16KiB"),
            "encoding 'memory.bank_siz=16KiB': 'memory.bank_siz' is no gene of the space (did you mean "
            "'memory.bank_size'?)");
  EXPECT_EQ(message("default@memory.bank_size=17KiB"),
            "encoding 'memory.bank_size=17KiB': gene 'memory.bank_size': '17KiB' must be one of: 8 KiB, 16 KiB");
}

TEST(Space, keys_of_graphs_are_equal_where_the_networks_are) {
  const Space space = make(description());
  const auto key = [&](const std::vector<std::pair<std::string, int>>& values) {
    const Genotype genotype = with(space, values);
    return space.graph_key(genotype, space.engine(genotype));
  };
  EXPECT_EQ(key({}), key({{"memory.bank_size", 1}}));
  EXPECT_NE(key({}), key({{"fuse.ibn1", 1}}));
  EXPECT_NE(key({{"channels", 1}}), key({{"channels", 1}, {"engine.parallelism_factor", 1}}));
}

TEST(Space, the_familys_ranges_are_genes_and_never_its_outside_values) {
  SpaceDescription wide = description();
  wide.engine.vary = Vary::kFamily;
  const engine::Family family = engine::load_family(kEngine);
  const Space space = make(wide, family);
  for (const engine::FamilyRange& range : family.ranges) {
    for (const Gene& gene : space.genes()) {
      if (gene.name != range.key) continue;
      EXPECT_EQ(gene.values.front(), engine::value_text(base(), range.key));
      for (const std::string& outside : range.outside_values) {
        EXPECT_EQ(std::count(gene.values.begin() + 1, gene.values.end(), outside), 0) << range.key;
      }
    }
  }
  EXPECT_EQ(space.genes().size(), space.network_genes() + family.ranges.size());
  EXPECT_TRUE(space.left_out().empty());
}

TEST(Space, values_that_the_engine_refuses_are_errors_or_left_out) {
  SpaceDescription listed = description();
  listed.engine.genes = {
      {"engine.parallelism_factor", {{"engine.parallelism_factor", {"8", "many"}}}, "spaces/mine.yaml:7", false}};
  try {
    make(listed);
    FAIL();
  } catch (const Error& error) {
    const std::string what = error.what();
    EXPECT_EQ(what.rfind("spaces/mine.yaml:7: engine.vary: ", 0), 0u) << what;
    EXPECT_NE(what.find("engine.parallelism_factor"), std::string::npos) << what;
    EXPECT_NE(what.find("many"), std::string::npos) << what;
  }
  SpaceDescription wide = description();
  wide.engine.vary = Vary::kFamily;
  const Space space = make(wide, {"ne", {}, {{"dram.bandwidth", {"6.4 GB/s", "51200 GB/s"}, {}}}});
  EXPECT_EQ(space.genes().back().values, (std::vector<std::string>{"3.2 GB/s", "6.4 GB/s"}));
  ASSERT_EQ(space.left_out().size(), 1u);
  EXPECT_EQ(space.left_out()[0].rfind("dram.bandwidth=51200 GB/s: ", 0), 0u) << space.left_out()[0];
}

TEST(Space, shipped_spaces_fit_every_shipped_engine) {
  for (const auto& hwconfig : std::filesystem::directory_iterator(LANEWISE_SOURCE_DIR "/hwconfigs")) {
    if (hwconfig.path().extension() != ".yaml") continue;
    const engine::EngineConfig config = engine::load_engine(hwconfig.path().string()).config;
    if (config.array.patch_rows > 0) continue;  // the spaces vary engines whose pixels take turns
    const engine::Family family = engine::load_family(hwconfig.path().string());
    for (const auto& file : std::filesystem::directory_iterator(LANEWISE_SOURCE_DIR "/spaces")) {
      const SpaceDescription shipped = load_space(file.path().string());
      const network::Graph* const given = shipped.blocks == nullptr ? &model() : nullptr;
      const Space space(shipped, make_network_space(shipped, given), config, family);
      EXPECT_FALSE(space.genes().empty());
      for (const Gene& gene : space.genes()) EXPECT_GE(gene.values.size(), 2u) << gene.name;
    }
  }
}

TEST(Space, a_genotype_of_another_space_is_refused) {
  const Space space = make(description());
  EXPECT_THROW(space.graph({0, 0}), InternalError);
  Genotype genotype = space.defaults();
  genotype.back() = -1;
  EXPECT_THROW(space.engine_overrides(genotype), InternalError);
  genotype.back() = 2;
  EXPECT_THROW(space.describe(genotype), InternalError);
}

}  // namespace
}  // namespace lanewise::nas
