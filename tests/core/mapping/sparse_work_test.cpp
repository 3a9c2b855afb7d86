// SPDX-License-Identifier: Apache-2.0
// Expected turns and stored bits against weights that are drawn and counted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/random.hpp"
#include "core/mapping/array_work.hpp"

namespace lanewise::mapping {
namespace {

TEST(SparseWork, expected_turns_are_the_mean_of_drawn_windows) {
  Random random(1);
  for (const double density : {0.1, 0.3, 0.5, 0.8}) {
    const std::int64_t blocks = 4, lanes = 8, rows = 16;
    double sum = 0;
    constexpr int kWindows = 4000;
    for (int window = 0; window < kWindows; ++window) {
      std::int64_t longest = 1;
      for (std::int64_t row = 0; row < rows; ++row) {
        std::int64_t left = 0;
        for (std::int64_t i = 0; i < blocks * lanes; ++i) left += random.chance(density) ? 1 : 0;
        longest = std::max(longest, ceil_div(left, lanes));
      }
      sum += static_cast<double>(longest);
    }
    EXPECT_NEAR(expected_turns(blocks, lanes, rows, density), sum / kWindows, 0.03) << density;
  }
}

TEST(SparseWork, windows_of_dense_weights_take_all_their_blocks) {
  for (const std::int64_t blocks : {1, 3, 16}) EXPECT_EQ(expected_turns(blocks, 32, 64, 1.0), blocks);
  double before = 0;
  for (double density = 0.05; density <= 1; density += 0.05) {
    const double turns = expected_turns(8, 16, 32, density);
    EXPECT_GE(turns, before);
    EXPECT_GE(turns, std::max(1.0, 8 * density) - 1e-9) << "no fewer than what is not zero fills";
    before = turns;
  }
}

TEST(SparseWork, a_structure_holds_in_groups_that_its_own_fill) {
  const auto holds = [](std::int64_t kept, std::int64_t of, engine::Structure structure) {
    network::WeightForm form;
    form.kept = kept;
    form.of = of;
    return satisfies(form, structure);
  };
  EXPECT_TRUE(holds(2, 4, {2, 4}));
  EXPECT_TRUE(holds(1, 4, {2, 4}));
  EXPECT_TRUE(holds(1, 2, {2, 4}));
  EXPECT_FALSE(holds(3, 4, {2, 4}));
  EXPECT_FALSE(holds(4, 8, {2, 4})) << "all four may lie in one half";
  EXPECT_TRUE(holds(2, 8, {2, 4}));
  EXPECT_FALSE(holds(0, 0, {2, 4}));
  EXPECT_FALSE(holds(2, 4, {0, 0}));
}

TEST(WeightStorage, bits_are_those_of_drawn_weights_written_down) {
  Random random(2);
  engine::EngineConfig::Compression compression;
  network::WeightForm form;
  form.density = 0.2;
  constexpr int kWeights = 400000;
  std::int64_t entries = 0, run = 0, kept = 0;
  constexpr std::int64_t kReach = 7;  // zeros before an entry of three bits
  for (std::int64_t i = 0; i < kWeights; ++i) {
    const bool zero = !random.chance(form.density);
    kept += zero ? 0 : 1;
    if (zero && run < kReach) {
      ++run;
      continue;
    }
    ++entries;
    run = 0;
  }
  compression.zeros = engine::ZeroCoding::kZeroRuns;
  compression.zero_run_bits = 3;
  EXPECT_NEAR(coded_bits(form, Precision::kInt8, kWeights, compression), 11.0 * static_cast<double>(entries) / kWeights,
              0.02);
  compression.zeros = engine::ZeroCoding::kBitmask;
  EXPECT_NEAR(coded_bits(form, Precision::kInt8, kWeights, compression), 1 + 8.0 * static_cast<double>(kept) / kWeights,
              0.02);
}

TEST(WeightStorage, palettes_and_indices_take_what_they_say) {
  engine::EngineConfig::Compression compression;
  network::WeightForm form;
  form.clusters = 16;
  EXPECT_EQ(coded_bits(form, Precision::kInt8, 1000, compression), 8) << "the decoder has no palette";
  compression.palette = true;
  EXPECT_DOUBLE_EQ(coded_bits(form, Precision::kInt8, 1000, compression), 4 + 16 * 8 / 1000.0);
  EXPECT_EQ(coded_bits(form, Precision::kInt8, 8, compression), 8) << "the palette is larger than the weights";
  form.clusters = 257;
  EXPECT_EQ(coded_bits(form, Precision::kInt8, 100000, compression), 8) << "it holds no more than 256";
  form = {};
  form.kept = 2;
  form.of = 4;
  form.density = 0.5;
  compression.zeros = engine::ZeroCoding::kIndices;
  EXPECT_DOUBLE_EQ(coded_bits(form, Precision::kInt8, 1000, compression), 0.5 * (8 + 2));
  form.kept = form.of = 0;
  EXPECT_EQ(coded_bits(form, Precision::kInt8, 1000, compression), 8) << "indices are of structures";
}

}  // namespace
}  // namespace lanewise::mapping
