// SPDX-License-Identifier: Apache-2.0
// Cascades simulated: three chains whose DRAM bytes and peaks are counted by hand, and random ones.
#include "core/mapping/cascade.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/base/error.hpp"
#include "core/mapping/plan_tiles.hpp"
#include "sim/simulate.hpp"
#include "tests/sim/random_layers.hpp"

namespace lanewise {
namespace {

using mapping::Cascade;
using mapping::Halo;

// Banks of 1 KiB, bursts of 4 B. Tiles cost so much that every stripe is a single one, which makes bytes countable.
engine::EngineConfig engine_of_single_tiles() {
  engine::EngineConfig e = testing::small_engine();
  e.command.per_tile = Cycles(100000);
  return e;
}

struct Simulated {
  std::int64_t dram_bytes = 0, peak_sram_bytes = 0, macs = 0;
  std::vector<mapping::Subgraph> parts;
  std::vector<record::Measurement> measured;
};

Simulated run(const Cascade& cascade, const engine::EngineConfig& e) {
  Simulated out;
  out.parts = mapping::parts_of(cascade, e, 0);
  std::vector<mapping::TilePlan> plans;
  for (const mapping::Subgraph& part : out.parts) plans.push_back(mapping::plan_tiles(part, e));
  std::vector<sim::PlannedSubgraph> planned;
  for (std::size_t i = 0; i < plans.size(); ++i) planned.push_back({&plans[i], &out.parts[i]});
  out.measured = sim::simulate_sequence(planned, e);
  for (const record::Measurement& m : out.measured) {
    out.dram_bytes += m.dram_bytes().count();
    out.peak_sram_bytes = std::max(out.peak_sram_bytes, m.peak_sram.count());
    out.macs += m.macs;
  }
  return out;
}

std::int64_t network_macs(const Cascade& cascade) {
  std::int64_t macs = 0;
  for (const mapping::Subgraph& subgraph : cascade.subgraphs) macs += subgraph.shape.macs();
  return macs;
}

// 8 channels become 16, 3 x 3 depthwise, and 8 again, on 16 x 16 pixels, in 4 stripes of 4 rows.
//   input and output: 8 x 16 x 16 = 2048 B, 128 B a row; between: 16 x 16 x 16 = 4096 B, 256 B a row, twice
//   weights: 8 x 16 = 128 B, 16 x 9 = 144 B, 16 x 8 = 128 B: 400 B, in a bank each
Cascade inverted_bottleneck(Halo halo) {
  Cascade cascade;
  cascade.subgraphs = {testing::convolution(8, 16, 16, 1), testing::depthwise(16, 16, 3),
                       testing::convolution(16, 8, 16, 1)};
  cascade.stripe_rows = 4;
  cascade.stripes = 4;
  cascade.halo = halo;
  cascade.keeps_weights = true;
  return cascade;
}

TEST(Cascade, counted_by_hand_an_inverted_bottleneck_with_kept_halos) {
  const Simulated kept = run(inverted_bottleneck(Halo::kKept), engine_of_single_tiles());
  // Output rows 0-3, 4-7, 8-11, 12-15 need the expanded rows 0-4, 3-8, 7-12, 11-15. Computed: 0-4, 5-8, 9-12, 13-15.
  // DRAM: the input once, the output once, the weights once.
  EXPECT_EQ(kept.dram_bytes, 2048 + 2048 + 400);
  // The buffer of expanded rows has 6 of them, 1536 B: 2 banks, at all times. That behind the depthwise convolution has
  // 4 rows, 1024 B: 1 bank, while it and the projection run. 3 banks have weights. The projection stores 4 rows of 128
  // B.
  EXPECT_EQ(kept.peak_sram_bytes, (2 + 1 + 3) * 1024 + 4 * 128);
  EXPECT_EQ(kept.macs, network_macs(inverted_bottleneck(Halo::kKept)));
  // The expansion finds 2 banks and the weights taken, and loads up to 5 rows of 128 B; the depthwise convolution has
  // everything on chip.
  EXPECT_EQ(kept.measured[0].peak_sram.count(), (2 + 3) * 1024 + 5 * 128);
  EXPECT_EQ(kept.measured[1].peak_sram.count(), (2 + 1 + 3) * 1024);
  EXPECT_EQ(kept.measured[4].dram_bytes().count(), 0) << "the second stripe finds the weights on chip";
}

TEST(Cascade, counted_by_hand_an_inverted_bottleneck_with_recomputed_halos) {
  const Simulated again = run(inverted_bottleneck(Halo::kRecomputed), engine_of_single_tiles());
  // The expanded rows 0-4, 3-8, 7-12, 11-15 are 5 + 6 + 6 + 5 = 22 of 16, and so many input rows are read.
  EXPECT_EQ(again.dram_bytes, 22 * 128 + 2048 + 400);
  EXPECT_EQ(again.macs, network_macs(inverted_bottleneck(Halo::kRecomputed)) + (22 - 16) * 16 * 16 * 8);
  // The depthwise convolution has both buffers: 6 rows of 256 B in 2 banks and 4 in 1. When the projection runs, the
  // first is free: 1 bank and 4 rows of 128 B to store.
  EXPECT_EQ(again.peak_sram_bytes, (2 + 1 + 3) * 1024);
  EXPECT_EQ(again.measured[2].peak_sram.count(), (1 + 3) * 1024 + 4 * 128);
}

TEST(Cascade, counted_by_hand_weights_that_do_not_stay) {
  Cascade cascade = inverted_bottleneck(Halo::kKept);
  cascade.keeps_weights = false;
  const Simulated loaded = run(cascade, engine_of_single_tiles());
  // All weights come again with each of the 4 stripes; the largest are in a buffer of 144 B while the depthwise
  // convolution runs, the projection's in one of 128 B.
  EXPECT_EQ(loaded.dram_bytes, 2048 + 2048 + 4 * 400);
  EXPECT_EQ(loaded.peak_sram_bytes, (2 + 1) * 1024 + 4 * 128 + 128);
}

TEST(Cascade, counted_by_hand_two_convolutions_with_stride) {
  // 3 x 3 with stride 2, twice: 4 channels of 32 x 32, 8 of 16 x 16, 8 of 8 x 8, in 4 stripes of 2 rows.
  Cascade cascade;
  cascade.subgraphs = {testing::convolution(4, 8, 32, 3, 2), testing::convolution(8, 8, 16, 3, 2)};
  cascade.stripe_rows = 2;
  cascade.stripes = 4;
  cascade.halo = Halo::kKept;
  cascade.keeps_weights = true;
  const Simulated kept = run(cascade, engine_of_single_tiles());
  // The last output rows 0-1, 2-3, 4-5, 6-7 need the rows 0-3, 3-7, 7-11, 11-15 between. Those computed, 0-3, 4-7,
  // 8-11, 12-15, need the input rows 0-7, 7-15, 15-23, 23-31: 8 + 9 + 9 + 9 = 35 rows of 32 x 4 = 128 B. Output: 8 x 8
  // x 8 = 512 B. Weights: 4 x 8 x 9 = 288 B and 8 x 8 x 9 = 576 B.
  EXPECT_EQ(kept.dram_bytes, 35 * 128 + 512 + 288 + 576);
  // Between 5 rows of 16 x 8 = 128 B: 1 bank; weights: 2 banks; the first convolution loads 9 rows of 128 B.
  EXPECT_EQ(kept.peak_sram_bytes, (1 + 2) * 1024 + 9 * 128);
  EXPECT_EQ(kept.macs, network_macs(cascade));

  cascade.halo = Halo::kRecomputed;
  const Simulated again = run(cascade, engine_of_single_tiles());
  // The rows 0-3, 3-7, 7-11, 11-15 between need the input rows 0-7, 5-15, 13-23, 21-31: 8 + 11 + 11 + 11 = 41.
  EXPECT_EQ(again.dram_bytes, 41 * 128 + 512 + 288 + 576);
  EXPECT_EQ(again.peak_sram_bytes, (1 + 2) * 1024 + 11 * 128);
}

TEST(Cascade, counted_by_hand_a_residual_addition) {
  // The inverted bottleneck, whose projection adds the cascade's own input.
  Cascade cascade = inverted_bottleneck(Halo::kKept);
  cascade.subgraphs[2].shape.operand = mapping::FusedOperand::kTensor;
  const Simulated from_dram = run(cascade, engine_of_single_tiles());
  // The input is read twice, by the expansion and as the operand, for which there is a buffer of 4 rows of 128 B.
  EXPECT_EQ(from_dram.dram_bytes, 2 * 2048 + 2048 + 400);
  EXPECT_EQ(from_dram.peak_sram_bytes, (2 + 1 + 3) * 1024 + 2 * 4 * 128);

  // The same with the input on chip throughout: 2 banks.
  for (mapping::Subgraph& subgraph : cascade.subgraphs) subgraph.context.resident_banks = 2;
  cascade.subgraphs[0].context.input_on_chip = true;
  cascade.subgraphs[2].context.operand_on_chip = true;
  const Simulated on_chip = run(cascade, engine_of_single_tiles());
  EXPECT_EQ(on_chip.dram_bytes, 2048 + 400);
  EXPECT_EQ(on_chip.peak_sram_bytes, (2 + 2 + 1 + 3) * 1024 + 4 * 128);
}

Cascade random_cascade(Random& random) {
  Cascade cascade;
  std::int64_t channels = random.between(1, 40), size = random.pick<std::int64_t>({5, 8, 14, 20, 28});
  const std::int64_t length = random.between(2, 4);
  for (std::int64_t i = 0; i < length && size > 1; ++i) {
    const std::int64_t kernel = random.pick<std::int64_t>({1, 3, 5}), stride = random.chance(0.3) ? 2 : 1;
    const std::int64_t outputs = random.between(1, 40);
    const bool depthwise = random.chance(0.3);
    cascade.subgraphs.push_back(depthwise ? testing::depthwise(channels, size, kernel, stride)
                                          : testing::convolution(channels, outputs, size, kernel, stride));
    cascade.subgraphs.back().name = "layer " + std::to_string(i);
    if (!depthwise) channels = outputs;
    size = ceil_div(size, stride);
  }
  if (random.chance(0.3)) cascade.subgraphs.back().shape.operand = mapping::FusedOperand::kTensor;
  cascade.stripe_rows = random.between(1, cascade.subgraphs.back().shape.out_height);
  cascade.stripes = ceil_div(cascade.subgraphs.back().shape.out_height, cascade.stripe_rows);
  cascade.halo = random.chance(0.5) ? Halo::kKept : Halo::kRecomputed;
  cascade.keeps_weights = random.chance(0.5);
  return cascade;
}

TEST(Cascade, random_ones_run_within_the_memory_and_do_all_the_work) {
  Random random(17);
  int ran = 0;
  for (int i = 0; i < 700; ++i) {
    const engine::EngineConfig e = testing::random_engine(random);
    const Cascade cascade = random_cascade(random);
    if (cascade.subgraphs.size() < 2) continue;
    const std::vector<mapping::Subgraph> parts = mapping::parts_of(cascade, e, 0);
    const bool fits = std::all_of(parts.begin(), parts.end(), [&](const mapping::Subgraph& part) {
      return part.context.resident_banks < e.memory.activation_banks &&
             part.context.resident_weight_banks <= e.memory.weight_banks;
    });
    if (!fits) continue;
    Simulated result;
    try {
      result = run(cascade, e);
    } catch (const InternalError&) {
      throw;
    } catch (const Error&) {
      continue;  // no room for the smallest tile beside the buffers
    }
    ++ran;
    EXPECT_LE(result.peak_sram_bytes, e.onchip_capacity().count());
    if (cascade.halo == Halo::kKept) {
      EXPECT_EQ(result.macs, network_macs(cascade));
    }
    std::int64_t written = 0, least_read = cascade.subgraphs.back().shape.operand_bytes().count();
    for (const record::Measurement& m : result.measured) written += m.dram_write.count();
    for (const mapping::Subgraph& whole : cascade.subgraphs) least_read += whole.shape.weight_bytes().count();
    std::int64_t read = 0;
    for (const record::Measurement& m : result.measured) read += m.dram_read.count();
    EXPECT_GE(written, cascade.subgraphs.back().shape.output_bytes().count());
    EXPECT_GE(read, least_read);
    for (std::size_t p = 0; p < parts.size(); ++p) {
      if (parts[p].part.place + 1 < cascade.subgraphs.size()) {
        EXPECT_EQ(result.measured[p].dram_write.count(), 0);
      }
    }
  }
  EXPECT_GE(ran, 300);
}

}  // namespace
}  // namespace lanewise
