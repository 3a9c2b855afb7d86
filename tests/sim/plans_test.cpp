// SPDX-License-Identifier: Apache-2.0
// Plans as they are simulated: layers larger than the memory, better engines, and what plans are chosen for.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/subgraph.hpp"
#include "sim/planning.hpp"

namespace lanewise {
namespace {

engine::EngineConfig engine_of(const std::string& name, const std::vector<engine::Override>& overrides = {}) {
  return engine::load_engine("hwconfigs/" + name + ".yaml", overrides).config;
}

mapping::Subgraph layer(const std::string& text, const std::string& operand = "none") {
  return mapping::parse_subgraph_key(text + " bias=0 act=none operand=" + operand +
                                     " pool=- n=1 prec=int8/int8/int8 at=dram/dram/dram resident=0");
}

std::int64_t cycles(const mapping::Subgraph& s, const engine::EngineConfig& e) {
  return sim::plan_and_simulate(s, e).measurement.latency.count();
}

const char* const kDeep = "family=convolution b=1 in=8192x1x256 out=2048x1x256 w=1x1/1x1/1x1/0,0,0,0 g=1";
const char* const kAlexNet = "family=grouped b=1 in=96x27x27 out=256x27x27 w=5x5/1x1/1x1/2,2,2,2 g=2";
const char* const kScores = "family=matmul b=1 in=1024x1x2048 out=16384x1x2048 w=1x1/1x1/1x1/0,0,0,0 g=8";
const char* const kValues = "family=matmul b=1 in=16384x1x2048 out=1024x1x2048 w=1x1/1x1/1x1/0,0,0,0 g=8";
const char* const kSpeech = "family=convolution b=1 in=512x1x3199 out=512x1x3199 w=1x3/1x1/1x1/0,1,0,1 g=1";
const char* const kSuperResolution = "family=convolution b=1 in=12x540x960 out=12x540x960 w=3x3/1x1/1x1/1,1,1,1 g=1";

TEST(Plans, what_can_be_cut_runs_on_every_shipped_engine) {
  int engines = 0;
  for (const auto& entry : std::filesystem::directory_iterator("hwconfigs")) {
    if (entry.path().extension() != ".yaml") continue;
    const engine::EngineConfig e = engine::load_engine(entry.path().string()).config;
    ++engines;
    for (const char* text : {kAlexNet, kScores, kValues, kSpeech}) {
      const mapping::Subgraph s = layer(text);
      const record::Measurement m = sim::plan_and_simulate(s, e).measurement;
      EXPECT_GE(static_cast<double>(m.latency.count()), mapping::bounds(s, e).roofline_cycles) << text << e.name;
      EXPECT_EQ(m.macs, s.shape.macs());
    }
  }
  EXPECT_GE(engines, 12);
}

TEST(Plans, a_group_need_not_fit_the_weight_memory) {
  for (const char* name : {"ne-64", "ne-256", "ne-1024"}) {
    const engine::EngineConfig e = engine_of(name);
    for (const char* text : {kAlexNet, kScores, kValues}) {
      const mapping::Subgraph s = layer(text);
      EXPECT_LT(static_cast<double>(cycles(s, e)), 1.05 * mapping::bounds(s, e).roofline_cycles) << text << name;
    }
  }
}

TEST(Plans, deep_reductions_leave_their_sums_on_chip) {
  const engine::EngineConfig e = engine_of("ne-256");
  const mapping::Subgraph s = layer(kDeep);
  const sim::PlannedMeasurement planned = sim::plan_and_simulate(s, e);
  EXPECT_LE(planned.measurement.latency.count(), 25'000'000);
  // By hand: the input comes once for each set of output channels at work, the weights once for each set of pixels,
  // and the output leaves once.
  const mapping::TilePlan& plan = planned.plan;
  const std::int64_t input = 8192 * 256, weights = 8192 * 2048, output = 2048 * 256;
  EXPECT_EQ(plan.dram_read.count(), input * ceil_div(std::int64_t{2048}, plan.tile_out_channels) +
                                        weights * ceil_div(std::int64_t{256}, plan.tile_rows * plan.tile_columns));
  EXPECT_EQ(plan.dram_write.count(), output);
  // Sums of 4 bytes are written for all parts but the last and read for all but the first, beside the output itself,
  // the operands of the array and what comes from DRAM.
  std::int64_t sums = 0, macs = 0;
  for (const mapping::TileStep& step : plan.steps) {
    macs += step.macs;
    if (step.partial_sums) sums += step.post_write_bytes;
  }
  const std::int64_t parts = ceil_div(std::int64_t{8192}, plan.tile_in_channels);
  EXPECT_EQ(sums, (parts - 1) * output * 4);
  EXPECT_EQ(macs, s.shape.macs());
  EXPECT_GE(planned.measurement.sram_write.count(), sums + output + plan.dram_read.count());
}

// A store that is ready waited behind a later load, so that a slower DRAM was the better one.
TEST(Plans, a_worse_engine_is_not_faster_on_high_resolutions) {
  const mapping::Subgraph s = layer(kSuperResolution);
  const std::int64_t base = cycles(s, engine_of("ne-256"));
  const std::vector<engine::Override> worse = {{"dram.latency", "400 ns"},       {"accumulators.size", "8 KiB"},
                                               {"post_processing.width", "4"},   {"memory.activation_banks", "8"},
                                               {"memory.bank_size", "4 KiB"},    {"dram.bandwidth", "1.6 GB/s"},
                                               {"dma.transfers_in_flight", "1"}, {"engine.dot_product_lanes", "8"}};
  for (const engine::Override& change : worse) {
    EXPECT_GE(static_cast<double>(cycles(s, engine_of("ne-256", {change}))), 0.98 * static_cast<double>(base))
        << change.key;
  }
}

TEST(Plans, are_chosen_for_what_was_asked) {
  const char* const kLayers[] = {
      "family=convolution b=1 in=384x1x313 out=384x1x313 w=1x1/1x1/1x1/0,0,0,0 g=1",
      "family=convolution b=1 in=205x20x20 out=367x10x10 w=3x3/2x2/1x1/1,1,1,1 g=1",
      "family=convolution b=1 in=32x160x480 out=4x80x240 w=5x5/2x2/1x1/2,2,2,2 g=1",
  };
  bool differ = false;
  for (const char* text : kLayers) {
    const mapping::Subgraph s = layer(text);
    const auto planned = [&](const char* goal) {
      return sim::plan_and_simulate(s, engine_of("ne-256", {{"mapping.plan_for", goal}})).measurement;
    };
    const record::Measurement latency = planned("latency"), energy = planned("energy"), dram = planned("dram");
    EXPECT_LE(energy.energy.count(), 1.001 * latency.energy.count()) << text;
    EXPECT_LE(as_double(dram.dram_bytes()), 1.001 * as_double(latency.dram_bytes())) << text;
    EXPECT_LE(as_double(latency.latency), 1.011 * as_double(energy.latency)) << text;
    EXPECT_LE(as_double(latency.latency), 1.011 * as_double(dram.latency)) << text;
    differ = differ || dram.dram_bytes() < latency.dram_bytes();
  }
  EXPECT_TRUE(differ);
}

}  // namespace
}  // namespace lanewise
