// SPDX-License-Identifier: Apache-2.0
// What is said of an engine beyond its name: what was changed from its file, and no more.
#include "core/engine/engine_identity.hpp"

#include <gtest/gtest.h>

namespace lanewise::engine {
namespace {

const std::string kFile = "hwconfigs/ne-256.yaml";

TEST(EngineIdentity, of_an_engine_as_its_file_has_it_is_its_name) {
  const EngineConfig config = load_engine(kFile).config;
  EXPECT_TRUE(config.overrides.empty());
  EXPECT_EQ(engine_title(config), "ne-256");
  EXPECT_EQ(identity_of(config).hash, engine_hash(config));
  EXPECT_EQ(identity_of(config).overrides_text(), "");
}

TEST(EngineIdentity, names_each_changed_key_once_with_the_value_that_counts) {
  const EngineConfig config = load_engine(kFile, {{"engine.weight_load_kernels_per_cycle", "2"},
                                                  {"dram.bandwidth", "800 MB/s"},
                                                  {"engine.weight_load_kernels_per_cycle", "8"}})
                                  .config;
  ASSERT_EQ(config.overrides.size(), 2u);
  EXPECT_EQ(engine_title(config), "ne-256 with engine.weight_load_kernels_per_cycle=8, dram.bandwidth=800 MB/s");
  EXPECT_EQ(identity_of(config).overrides_text(), "engine.weight_load_kernels_per_cycle=8; dram.bandwidth=800 MB/s");
  EXPECT_NE(identity_of(config).hash, engine_hash(load_engine(kFile).config));
}

TEST(EngineIdentity, what_is_set_to_what_it_is_anyway_is_no_change) {
  const EngineConfig plain = load_engine(kFile).config;
  const EngineConfig same =
      load_engine(kFile, {{"dram.bandwidth", value_text(plain, "dram.bandwidth")}, {"mapping.effort", "1"}}).config;
  EXPECT_TRUE(same.overrides.empty()) << same.overrides.front().key;
  EXPECT_EQ(engine_title(same), "ne-256");
}

TEST(EngineIdentity, another_name_stands_in_the_place_of_the_name) {
  const EngineConfig config = load_engine(kFile, {{"name", "mine"}, {"mapping.effort", "2"}}).config;
  EXPECT_EQ(engine_title(config), "mine with mapping.effort=2");
}

TEST(EngineIdentity, what_a_sweep_varies_is_not_among_the_overrides) {
  const EngineConfig base = load_engine(kFile, {{"mapping.effort", "2"}}).config;
  EXPECT_EQ(engine_title(with_overrides(base, {{"dram.bandwidth", "800 MB/s"}})), "ne-256 with mapping.effort=2");
}

}  // namespace
}  // namespace lanewise::engine
