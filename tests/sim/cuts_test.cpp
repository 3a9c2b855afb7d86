// SPDX-License-Identifier: Apache-2.0
// Layers that are much larger than the memory of an engine: every engine with streams or patches runs them.
#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/random.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/plan_tiles.hpp"
#include "sim/simulate.hpp"

namespace lanewise {
namespace {

std::vector<engine::EngineConfig> engines(const std::string& prefix) {
  std::vector<engine::EngineConfig> found;
  for (const auto& entry : std::filesystem::directory_iterator("hwconfigs")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".yaml" && name.rfind(prefix, 0) == 0) {
      found.push_back(engine::load_engine(entry.path().string()).config);
    }
  }
  return found;
}

// Long rows, deep reductions, several heads and large groups, with whatever can be fused.
mapping::Subgraph large_layer(Random& random) {
  using mapping::SubgraphFamily;
  mapping::Subgraph s;
  s.name = "large";
  mapping::SubgraphShape& shape = s.shape;
  const auto map = [&](std::int64_t height, std::int64_t width) {
    shape.in_height = shape.out_height = height;
    shape.in_width = shape.out_width = width;
  };
  const auto kernel = [&](int axis, std::int64_t size) {
    shape.window.kernel[axis] = size;
    shape.window.pad_begin[axis] = (size - 1) / 2;
    shape.window.pad_end[axis] = size / 2;
  };
  switch (random.below(5)) {
    case 0:  // along a row
      shape.in_channels = random.between(64, 600);
      shape.out_channels = random.between(16, 96);
      map(1, random.between(500, 3200));
      kernel(1, random.pick<std::int64_t>({1, 3, 7}));
      shape.window.dilation[1] = random.between(1, 3);
      shape.out_width -= (shape.window.kernel[1] - 1) * (shape.window.dilation[1] - 1);
      break;
    case 1:  // wide maps
      shape.in_channels = random.between(1, 200);
      shape.out_channels = random.between(8, 48);
      map(random.between(2, 6), random.between(500, 1500));
      for (int axis = 0; axis < 2; ++axis) kernel(axis, random.pick<std::int64_t>({1, 3}));
      break;
    case 2:  // over tokens
      shape.in_channels = random.between(1000, 9000);
      shape.out_channels = random.between(16, 96);
      map(1, random.between(30, 120));
      break;
    case 3:  // the products of an attention
      shape.family = SubgraphFamily::kMatMul;
      shape.groups = random.between(1, 4);
      shape.in_channels = shape.groups * random.pick<std::int64_t>({64, 128, 1024});
      shape.out_channels = shape.groups * random.pick<std::int64_t>({64, 128, 500});
      map(1, random.between(200, 700));
      if (random.chance(0.5)) std::swap(shape.in_height, shape.in_width);
      shape.out_height = shape.in_height;
      shape.out_width = shape.in_width;
      break;
    default:  // large groups
      shape.family = SubgraphFamily::kGrouped;
      shape.groups = random.between(2, 4);
      shape.in_channels = shape.groups * random.between(40, 700);
      shape.out_channels = shape.groups * random.between(10, 70);
      map(random.between(1, 4), random.between(20, 150));
      for (int axis = 0; axis < 2; ++axis) kernel(axis, random.pick<std::int64_t>({1, 3}));
  }
  shape.bias = shape.family != SubgraphFamily::kMatMul && random.chance(0.5);
  if (random.chance(0.3)) shape.operand = mapping::FusedOperand::kTensor;
  return s;
}

// How many of the plans are cut in more than rows.
int check_large_layers(const std::string& prefix, std::uint64_t seed, int layers) {
  int cut = 0;
  for (const engine::EngineConfig& e : engines(prefix)) {
    Random random(seed);
    for (int i = 0; i < layers; ++i) {
      const mapping::Subgraph s = large_layer(random);
      const std::string what = e.name + ": " + mapping::subgraph_key(s);
      const mapping::TilePlan plan = mapping::plan_tiles(s, e);
      std::int64_t macs = 0;
      for (const mapping::TileStep& step : plan.steps) macs += step.macs;
      EXPECT_EQ(macs, s.shape.macs()) << what;
      EXPECT_LE(plan.peak_sram.count(), e.onchip_capacity().count()) << what;
      for (const mapping::Cube& cube : plan.cubes) {
        EXPECT_LE(cube.in_rows * cube.in_width * cube.surfaces * e.dram.word.count(), e.activation_capacity().count())
            << what;
        cut += cube.out_width < s.shape.out_width || cube.sum_bits != 8 ? 1 : 0;
      }
      const record::Measurement m = sim::simulate(plan, s, e);
      const mapping::Bounds b = mapping::bounds(s, e);
      EXPECT_GE(static_cast<double>(m.latency.count()), b.roofline_cycles - 1e-6) << what;
      EXPECT_GE(static_cast<double>(m.dram_bytes().count()), b.dram_bytes - 1e-6) << what;
      EXPECT_EQ(m.dram_read.count(), plan.dram_read.count()) << what;
      EXPECT_EQ(m.dram_write.count(), plan.dram_write.count()) << what;
      EXPECT_EQ(m.macs, s.shape.macs()) << what;
      if (::testing::Test::HasFailure()) return cut;
    }
  }
  return cut;
}

TEST(Cuts, large_layers_run_on_all_engines_with_streams) { EXPECT_GT(check_large_layers("nvdla-", 41, 60), 100); }

TEST(Cuts, large_layers_run_on_all_engines_with_patches) { check_large_layers("neureka", 42, 12); }

TEST(Cuts, a_part_of_a_reduction_waits_until_the_sums_it_adds_up_are_written) {
  const engine::EngineConfig e = engine::load_engine("hwconfigs/nvdla-small.yaml",
                                                     {{"memory.activation_banks", "1"}, {"memory.weight_banks", "1"}})
                                     .config;
  mapping::Subgraph s;
  s.shape.in_channels = 8192;
  s.shape.out_channels = 8;
  mapping::TilePlan plan = mapping::plan_tiles(s, e);
  ASSERT_GT(plan.cubes.size(), 2u);
  ASSERT_EQ(plan.cubes[1].waits_for, 1u);
  const record::Measurement waits = sim::simulate(plan, s, e);
  // All parts but the last write their 8 sums of 32 bits, in words of 8 bytes.
  EXPECT_EQ(waits.timestamps.write_beats, 4 * static_cast<std::int64_t>(plan.cubes.size() - 1) + 1);
  for (mapping::Cube& cube : plan.cubes) cube.waits_for = 0;
  EXPECT_LT(sim::simulate(plan, s, e).latency, waits.latency);
}

TEST(Cuts, wider_accumulators_make_partial_sums_cost_more) {
  const auto written = [](const std::string& bits) {
    const engine::EngineConfig e = engine::load_engine("hwconfigs/nvdla-small.yaml", {{"memory.activation_banks", "1"},
                                                                                      {"memory.weight_banks", "1"},
                                                                                      {"accumulators.bits", bits},
                                                                                      {"accumulators.size", "1 KiB"}})
                                       .config;
    mapping::Subgraph s;
    s.shape.in_channels = 8192;
    s.shape.out_channels = 8;
    return sim::simulate(s, e).dram_write.count();
  };
  // 15 parts of 8 sums, and a word of outputs.
  EXPECT_EQ(written("16"), 15 * 16 + 8);
  EXPECT_EQ(written("32"), 15 * 32 + 8);
  EXPECT_EQ(written("64"), 15 * 64 + 8);
}

}  // namespace
}  // namespace lanewise
