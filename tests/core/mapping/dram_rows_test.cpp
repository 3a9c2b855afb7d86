// SPDX-License-Identifier: Apache-2.0
// Rows that transfers open, counted by hand, and what opening them costs.
#include "core/mapping/dram_rows.hpp"

#include <gtest/gtest.h>

namespace lanewise::mapping {
namespace {

RunPattern stream(std::int64_t bytes) { return {1, 0, 1, 0, bytes}; }

TEST(DramRows, a_stream_opens_each_row_once) {
  EXPECT_EQ(rows_opened(stream(1), 2048), 1);
  EXPECT_EQ(rows_opened(stream(2048), 2048), 1);
  EXPECT_EQ(rows_opened(stream(2049), 2048), 2);
  EXPECT_EQ(rows_opened(stream(1 << 20), 2048), 512);
  EXPECT_EQ(rows_opened(stream(0), 2048), 0);
}

TEST(DramRows, runs_far_apart_open_a_row_each_and_close_ones_share) {
  EXPECT_EQ(rows_opened({1, 0, 7, 4096, 64}, 2048), 7);
  EXPECT_EQ(rows_opened({1, 0, 7, 4096, 3000}, 2048), 14) << "each run in two rows; the whole span would be 14 too";
  EXPECT_EQ(rows_opened({1, 0, 8, 512, 64}, 2048), 2) << "four runs a row: 7 x 512 + 64 = 3648 bytes";
  EXPECT_EQ(rows_opened({4, 65536, 8, 512, 64}, 2048), 8) << "four surfaces, two rows each";
  EXPECT_EQ(rows_opened({4, 784, 1, 112, 784}, 2048), 2) << "small surfaces lie next to each other: 3136 bytes";
}

TEST(DramRows, tiles_are_runs_of_their_surfaces) {
  // 10 of 56 rows, whole ones, 40 channels in surfaces of 16: two full ones and one of 8 channels.
  const std::vector<RunPattern> whole = tile_runs(10, 56, 40, 56, 56, 16, Precision::kInt8);
  ASSERT_EQ(whole.size(), 2u);
  EXPECT_EQ(whole[0].surfaces, 2);
  EXPECT_EQ(whole[0].surface_pitch, 56 * 56 * 16);
  EXPECT_EQ(whole[0].runs, 1);
  EXPECT_EQ(whole[0].run_bytes, 10 * 56 * 16);
  EXPECT_EQ(whole[1].run_bytes, 10 * 56 * 8);
  EXPECT_EQ(whole[0].bytes() + whole[1].bytes(), 10 * 56 * 40);
  // 20 of 56 columns: a run a row.
  const std::vector<RunPattern> part = tile_runs(10, 20, 16, 56, 56, 16, Precision::kFp16);
  ASSERT_EQ(part.size(), 1u);
  EXPECT_EQ(part[0].runs, 10);
  EXPECT_EQ(part[0].run_bytes, 20 * 16 * 2);
  EXPECT_EQ(part[0].run_pitch, 56 * 16 * 2);
}

// 1 GHz and 12.8 GB/s: 12.8 bytes a cycle, a row of 2 KiB moves in 160 cycles.
engine::EngineConfig engine_with(const char* row, const char* miss, const char* banks) {
  return engine::load_engine("hwconfigs/ne-1024.yaml",
                             {{"dram.row_size", row}, {"dram.row_miss_latency", miss}, {"dram.banks", banks}})
      .config;
}

TEST(DramRows, an_opening_costs_what_other_banks_cannot_hide) {
  const std::vector<RunPattern> two_rows{stream(4096)};
  EXPECT_DOUBLE_EQ(row_miss_cycles(two_rows, engine_with("2 KiB", "40 ns", "1")), 40) << "the first is in the latency";
  EXPECT_DOUBLE_EQ(row_miss_cycles(two_rows, engine_with("2 KiB", "40 ns", "2")), 0) << "160 cycles hide 40";
  EXPECT_DOUBLE_EQ(row_miss_cycles(two_rows, engine_with("2 KiB", "200 ns", "2")), 40);
  // Runs of 64 bytes, a row each: 5 cycles of data a row; 7 other banks hide 35 of 40 cycles, 9 times.
  const std::vector<RunPattern> scattered{{1, 0, 10, 4096, 64}};
  EXPECT_DOUBLE_EQ(row_miss_cycles(scattered, engine_with("2 KiB", "40 ns", "8")), 9 * 5);
  EXPECT_DOUBLE_EQ(row_miss_cycles(scattered, engine_with("2 KiB", "40 ns", "1")), 9 * 40);
  EXPECT_DOUBLE_EQ(row_miss_cycles({stream(2048), stream(2048)}, engine_with("2 KiB", "40 ns", "1")), 40)
      << "one first row a transfer";
}

TEST(DramRows, are_off_by_default) {
  const std::vector<RunPattern> scattered{{1, 0, 1000, 4096, 64}};
  EXPECT_EQ(row_miss_cycles(scattered, engine::load_engine("hwconfigs/ne-1024.yaml").config), 0);
  EXPECT_EQ(row_miss_cycles(scattered, engine_with("0 B", "40 ns", "1")), 0);
  EXPECT_EQ(row_miss_cycles(scattered, engine_with("2 KiB", "0 ns", "1")), 0);
  EXPECT_EQ(row_miss_cycles({}, engine_with("2 KiB", "40 ns", "1")), 0);
}

}  // namespace
}  // namespace lanewise::mapping
