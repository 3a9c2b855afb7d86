// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/error.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

using Vary = SpaceDescription::Vary;

constexpr const char* kEngine = LANEWISE_SOURCE_DIR "/hwconfigs/ne-256.yaml";  // parallelism 16

engine::EngineConfig base() { return engine::load_engine(kEngine).config; }

network::MoveSites sites() {
  network::MoveSites found;
  found.fusions = {{"ibn0"}, {"ibn1"}, {"ibn3"}};
  found.stages = {{"stage0", 112, 112, 2}, {"stage1", 56, 56, 3}};
  return found;
}

SpaceDescription description() {
  SpaceDescription space;
  space.name = "test";
  space.depth_multipliers = {0.5, 1, 1.25};
  space.vary = Vary::kListed;
  space.engine = {{"engine.parallelism_factor", {"8", "16", "32"}, {}}, {"memory.bank_size", {"16 KiB", "8192 B"}, {}}};
  return space;
}

std::vector<std::string> names(const Space& space) {
  std::vector<std::string> all;
  for (const Gene& gene : space.genes()) all.push_back(gene.name);
  return all;
}

TEST(Space, genes_come_from_move_sites_and_engine_keys) {
  const Space space(description(), sites(), base(), {});
  EXPECT_EQ(names(space), (std::vector<std::string>{"fuse.ibn0", "fuse.ibn1", "fuse.ibn3", "depth_multiplier.stage0",
                                                    "depth_multiplier.stage1", "channels", "engine.parallelism_factor",
                                                    "memory.bank_size"}));
  EXPECT_EQ(space.genes()[0].values, (std::vector<std::string>{"ibn", "fused_ibn"}));
  EXPECT_EQ(space.genes()[3].values, (std::vector<std::string>{"1", "0.5", "1.25"}));
  EXPECT_EQ(space.genes()[5].values, (std::vector<std::string>{"as_is", "aligned"}));
  EXPECT_EQ(space.genes()[6].values, (std::vector<std::string>{"16", "8", "32"}));    // the base engine's first
  EXPECT_EQ(space.genes()[7].values, (std::vector<std::string>{"8 KiB", "16 KiB"}));  // 8192 B is the base's own
}

TEST(Space, the_default_genotype_changes_nothing) {
  const Space space(description(), sites(), base(), {});
  const Genotype defaults = space.defaults();
  const network::Moves moves = space.moves(defaults);
  EXPECT_EQ(moves.fuse, std::vector<bool>(3, false));
  EXPECT_EQ(moves.depth_multiplier, std::vector<double>(2, 1.0));
  EXPECT_EQ(moves.channel_multiple, 1);
  EXPECT_TRUE(space.engine_overrides(defaults).empty());
  EXPECT_TRUE(space.describe(defaults).empty());
}

TEST(Space, every_gene_means_its_move) {
  const Space space(description(), sites(), base(), {});
  const Genotype genotype = {0, 1, 0, 0, 2, 1, 2, 1};
  const network::Moves moves = space.moves(genotype);
  EXPECT_EQ(moves.fuse, (std::vector<bool>{false, true, false}));
  EXPECT_EQ(moves.depth_multiplier, (std::vector<double>{1, 1.25}));
  EXPECT_EQ(moves.channel_multiple, 32);                                  // of the genotype's own engine
  EXPECT_EQ(space.moves({0, 0, 0, 0, 0, 1, 0, 0}).channel_multiple, 16);  // of the base
  EXPECT_EQ(space.describe(genotype),
            (std::vector<std::string>{"fuse.ibn1=fused_ibn", "depth_multiplier.stage1=1.25", "channels=aligned",
                                      "engine.parallelism_factor=32", "memory.bank_size=16 KiB"}));
  const engine::EngineConfig changed = engine::with_overrides(base(), space.engine_overrides(genotype));
  EXPECT_EQ(changed.array.parallelism_factor, 32);
  EXPECT_EQ(changed.memory.bank_size, Bytes(16 * 1024));
}

TEST(Space, what_the_description_leaves_out_has_no_gene) {
  SpaceDescription fixed = description();
  fixed.fuse_ibn = false;
  fixed.align_channels = false;
  fixed.vary = Vary::kNone;
  EXPECT_EQ(names(Space(fixed, sites(), base(), {})),
            (std::vector<std::string>{"depth_multiplier.stage0", "depth_multiplier.stage1"}));
  fixed.depth_multipliers = {1};
  fixed.fuse_ibn = true;
  const Space fusion(fixed, sites(), base(), {{"engine.clock", {"1 GHz"}, {}}});
  EXPECT_EQ(names(fusion), (std::vector<std::string>{"fuse.ibn0", "fuse.ibn1", "fuse.ibn3"}));
  EXPECT_TRUE(fusion.moves({1, 0, 0}).depth_multiplier.empty());
  EXPECT_TRUE(Space(fixed, {}, base(), {}).genes().empty());
}

TEST(Space, the_familys_ranges_are_genes_and_never_its_outside_values) {
  SpaceDescription wide = description();
  wide.vary = Vary::kFamily;
  const engine::Family family = engine::load_family(kEngine);
  const Space space(wide, sites(), base(), family.ranges);
  for (const engine::FamilyRange& range : family.ranges) {
    for (const Gene& gene : space.genes()) {
      if (gene.name != range.key) continue;
      EXPECT_EQ(gene.values.front(), engine::value_text(base(), range.key));
      for (const std::string& outside : range.outside_values) {
        EXPECT_EQ(std::count(gene.values.begin() + 1, gene.values.end(), outside), 0) << range.key;
      }
    }
  }
  EXPECT_EQ(space.genes().size(), 6 + family.ranges.size());
  EXPECT_TRUE(space.left_out().empty());
}

TEST(Space, values_that_the_engine_refuses_are_errors_or_left_out) {
  SpaceDescription listed = description();
  listed.engine = {{"engine.parallelism_factor", {"8", "many"}, {}}};
  listed.engine_origins = {"spaces/mine.yaml:7"};
  try {
    Space(listed, sites(), base(), {});
    FAIL();
  } catch (const Error& error) {
    const std::string what = error.what();
    EXPECT_EQ(what.rfind("spaces/mine.yaml:7: engine.vary: ", 0), 0u) << what;
    EXPECT_NE(what.find("engine.parallelism_factor"), std::string::npos) << what;
    EXPECT_NE(what.find("many"), std::string::npos) << what;
  }
  SpaceDescription wide = description();
  wide.vary = Vary::kFamily;
  const Space space(wide, sites(), base(), {{"dram.bandwidth", {"6.4 GB/s", "51200 GB/s"}, {}}});
  EXPECT_EQ(space.genes().back().values, (std::vector<std::string>{"3.2 GB/s", "6.4 GB/s"}));
  ASSERT_EQ(space.left_out().size(), 1u);
  EXPECT_EQ(space.left_out()[0].rfind("dram.bandwidth=51200 GB/s: ", 0), 0u) << space.left_out()[0];
}

TEST(Space, shipped_spaces_fit_every_shipped_engine) {
  for (const auto& hwconfig : std::filesystem::directory_iterator(LANEWISE_SOURCE_DIR "/hwconfigs")) {
    if (hwconfig.path().extension() != ".yaml") continue;
    const engine::EngineConfig config = engine::load_engine(hwconfig.path().string()).config;
    if (config.array.patch_rows > 0) continue;  // the spaces vary engines whose pixels take turns
    const auto ranges = engine::load_family(hwconfig.path().string()).ranges;
    for (const auto& file : std::filesystem::directory_iterator(LANEWISE_SOURCE_DIR "/spaces")) {
      const Space space(load_space(file.path().string()), sites(), config, ranges);
      EXPECT_FALSE(space.genes().empty());
      for (const Gene& gene : space.genes()) EXPECT_GE(gene.values.size(), 2u) << gene.name;
    }
  }
}

TEST(Space, a_genotype_of_another_space_is_refused) {
  const Space space(description(), sites(), base(), {});
  EXPECT_THROW(space.moves({0, 0}), InternalError);
  EXPECT_THROW(space.describe({0, 2, 0, 0, 0, 0, 0, 0}), InternalError);
  EXPECT_THROW(space.engine_overrides({0, 0, 0, 0, 0, 0, 0, -1}), InternalError);
}

}  // namespace
}  // namespace lanewise::nas
