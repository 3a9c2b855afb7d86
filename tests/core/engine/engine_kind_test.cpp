// SPDX-License-Identifier: Apache-2.0
#include "core/engine/kinds/engine_kind.hpp"

#include <gtest/gtest.h>

#include "core/engine/parameter_table.hpp"
#include "tests/core/engine/scratch_folder.hpp"

namespace lanewise::engine {
namespace {

TEST(EngineKind, stands_in_the_table_at_the_place_of_its_enumerator) {
  for (std::size_t i = 0; i < kEngineKindCount; ++i) {
    const EngineKind& kind = engine_kind(static_cast<DmaKind>(i));
    EXPECT_EQ(static_cast<std::size_t>(kind.kind), i) << kind.name;
    EXPECT_EQ(&engine_kind(std::string(kind.name)), &kind);
  }
}

TEST(EngineKind, an_unknown_name_is_refused_with_those_there_are) {
  EXPECT_EQ(error_of([] { engine_kind(std::string("pipes")); }).rfind("'pipes' is unknown: must be tiles", 0), 0U);
}

TEST(EngineKind, own_keys_are_keys_of_the_format) {
  for (std::size_t i = 0; i < kEngineKindCount; ++i) {
    for (const char* key : engine_kind(static_cast<DmaKind>(i)).own_keys()) {
      EXPECT_NE(find_parameter(key), nullptr) << key;
      EXPECT_TRUE(reads_key(static_cast<DmaKind>(i), key)) << key;
    }
  }
  EXPECT_FALSE(reads_key(DmaKind::kTiles, "dma.start_cycles"));
  EXPECT_FALSE(reads_key(DmaKind::kStreams, "dma.setup_cycles"));
  EXPECT_TRUE(reads_key(DmaKind::kTiles, "dram.bandwidth"));
  EXPECT_TRUE(reads_key(DmaKind::kStreams, "dram.bandwidth"));
}

TEST(EngineKind, decides_what_bounds_reads_and_writes) {
  // 800 MHz and 3.2 GB/s are 4 B/cycle; the port moves one word of 8 B per interval.
  const EngineConfig tiles = load_engine("hwconfigs/ne-256.yaml", {{"dram.read_interval_cycles", "8"}}).config;
  EXPECT_EQ(tiles.dram_bandwidth().count(), 4.0);
  EXPECT_FALSE(tiles.separate_write_port());
  EXPECT_TRUE(tiles.keeps_activations());
  const EngineConfig streams = with_overrides(tiles, {{"dma.kind", "streams"}, {"dram.write_interval_cycles", "4"}});
  EXPECT_EQ(streams.dram_bandwidth().count(), 1.0);
  EXPECT_EQ(streams.dram_write_bandwidth().count(), 2.0);
  EXPECT_TRUE(streams.separate_write_port());
  EXPECT_FALSE(streams.keeps_activations());
}

}  // namespace
}  // namespace lanewise::engine
