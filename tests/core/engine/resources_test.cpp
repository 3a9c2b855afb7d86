// SPDX-License-Identifier: Apache-2.0
#include "core/engine/resources.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/core/engine/scratch_folder.hpp"

namespace lanewise::engine {
namespace {

const char* const kEngine = "hwconfigs/ne-256.yaml";

TEST(Resources, every_name_stands_once_at_its_place_and_reads_back) {
  ASSERT_EQ(resource_names().size(), kResourceCount);
  std::set<std::string> texts;
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    const ResourceName& name = resource_names()[i];
    EXPECT_EQ(static_cast<std::size_t>(name.resource), i);
    EXPECT_EQ(parse_resource(name.text), name.resource);
    EXPECT_TRUE(texts.insert(name.text).second) << name.text;
  }
  EXPECT_FALSE(parse_resource("latency").has_value());
}

TEST(Resources, doubling_and_halving_a_resource_changes_its_keys_alone) {
  const EngineConfig engine = load_engine(kEngine).config;
  for (const ResourceName& name : resource_names()) {
    const EngineConfig more = doubled(engine, name.resource);
    std::set<std::string> own;
    for (const ResourceKey& key : name.keys) {
      own.insert(key.key);
      const double before = numeric_value(engine, key.key), after = numeric_value(more, key.key);
      if (key.is_time) {
        EXPECT_LE(after, before) << key.key;
        EXPECT_GE(after, before / 2 - 1e-9) << key.key;
      } else {
        EXPECT_NEAR(after, 2 * before, 1e-6 * after) << key.key;
      }
    }
    for (const std::string& key : parameter_keys()) {
      if (own.count(key) == 0) {
        EXPECT_EQ(value_text(more, key), value_text(engine, key)) << name.text << " " << key;
      }
    }
  }
}

TEST(Resources, whole_cycles_are_halved_upwards) {
  EngineConfig engine = load_engine(kEngine).config;
  engine.dma.setup = Cycles(1);
  EXPECT_EQ(doubled(engine, Resource::kDmaSetup).dma.setup, Cycles(1));
  engine.dma.setup = Cycles(17);
  EXPECT_EQ(doubled(engine, Resource::kDmaSetup).dma.setup, Cycles(9));
  EXPECT_EQ(scaled(engine, Resource::kDmaSetup, 0.125).dma.setup, Cycles(17 * 8));
}

TEST(Resources, only_keys_that_the_engine_uses_are_offered) {
  const EngineConfig engine = load_engine(kEngine).config;
  EXPECT_EQ(keys_of(engine, Resource::kDotProductArray),
            (std::vector<std::string>{"engine.parallelism_factor", "engine.weight_load_kernels_per_cycle",
                                      "accumulators.size"}));
  EXPECT_TRUE(keys_of(engine, Resource::kUnpacking).empty());
}

TEST(Resources, the_guide_lists_every_resource_with_its_keys) {
  const std::string guide = text_of_file("docs/bounds.md");
  for (const ResourceName& name : resource_names()) {
    const std::size_t row = guide.find("| `" + std::string(name.text) + "` |");
    ASSERT_NE(row, std::string::npos) << name.text;
    const std::string line = guide.substr(row, guide.find('\n', row) - row);
    for (const ResourceKey& key : name.keys) {
      EXPECT_NE(line.find("`" + std::string(key.key) + "`"), std::string::npos) << name.text << " " << key.key;
    }
  }
}

}  // namespace
}  // namespace lanewise::engine
