// SPDX-License-Identifier: Apache-2.0
// Sparse and compressed weights, simulated, against closed forms, on all three kinds of engine.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/mapping/plan_tiles.hpp"
#include "sim/simulate.hpp"
#include "tests/sim/random_layers.hpp"

namespace lanewise {
namespace {

using testing::convolution;
using testing::describe;
using testing::unit;

network::WeightForm form(std::int64_t kept, std::int64_t of, double density, std::int64_t clusters = 0) {
  network::WeightForm form;
  form.kept = kept;
  form.of = of;
  form.density = density;
  form.clusters = clusters;
  return form;
}

std::int64_t cycles(mapping::Subgraph s, const network::WeightForm& weights, const engine::EngineConfig& e) {
  s.shape.weight_form = weights;
  return sim::simulate(s, e).latency.count();
}

engine::EngineConfig shipped(const char* path, const std::vector<engine::Override>& overrides) {
  return engine::load_engine(path, overrides).config;
}

// A layer that only the array can bind: many pixels, whole blocks, and memories that bring everything at once.
TEST(SparseWeights, two_of_four_halve_the_blocks_where_the_array_binds) {
  const std::vector<engine::Override> ample = {{"sparsity.structured", "2:4"},
                                               {"memory.bank_bandwidth", "64 B/cycle"},
                                               {"post_processing.width", "64"},
                                               {"dram.bandwidth", "25 GB/s"},
                                               {"dram.outstanding_requests", "256"}};
  const engine::EngineConfig tiles = shipped("hwconfigs/ne-256.yaml", ample);
  const mapping::Subgraph s = convolution(256, 64, 28, 3);
  const double dense = static_cast<double>(cycles(s, {}, tiles)),
               sparse = static_cast<double>(cycles(s, form(2, 4, .5), tiles));
  EXPECT_NEAR(dense / sparse, 2.0, 0.04);
  EXPECT_EQ(cycles(s, form(3, 4, .75), tiles), cycles(s, {}, tiles)) << "3:4 is not 2:4";
  EXPECT_EQ(cycles(s, form(1, 4, .25), tiles), cycles(s, form(2, 4, .5), tiles)) << "the array knows 2:4 alone";
}

TEST(SparseWeights, patches_pack_the_bits_of_what_is_not_zero) {
  const engine::EngineConfig patches = shipped("hwconfigs/neureka.yaml", {{"sparsity.structured", "2:4"}});
  const mapping::Subgraph s = convolution(256, 256, 12, 3);
  const std::int64_t dense = cycles(s, {}, patches), sparse = cycles(s, form(2, 4, .5), patches);
  EXPECT_LT(sparse, dense);
  // Eight words of a block become four: the array's time is half of what it was.
  mapping::Subgraph half = s;
  half.shape.weight_form = form(2, 4, .5);
  const std::int64_t busy = unit(sim::simulate(s, patches), "dot_product_array").busy.count();
  EXPECT_NEAR(static_cast<double>(unit(sim::simulate(half, patches), "dot_product_array").busy.count()),
              static_cast<double>(busy) / 2, 1 + static_cast<double>(busy) / 1000);
}

TEST(SparseWeights, a_slow_decoder_takes_its_weights_over_its_rate) {
  // DRAM brings 4 B a cycle: plain weights take a quarter of a cycle each. With a tenth of them not zero they take
  // (1 + 0.8) / 32 of one, and a decoder of five a cycle is what they wait for.
  engine::EngineConfig e = testing::small_engine();
  e.compression.zeros = engine::ZeroCoding::kBitmask;
  e.compression.weights_per_cycle = 5;
  mapping::Subgraph s = convolution(512, 512, 1, 1);
  s.shape.weight_form = form(0, 0, 0.1);
  e.array.parallelism_factor = 64;
  e.array.dot_product_lanes = 64;
  e.array.weight_load_kernels_per_cycle = 64;
  e.accumulators.size = Bytes(64 * 1024);
  const record::Measurement m = sim::simulate(s, e);
  const double decode = 512.0 * 512 / 5;
  EXPECT_NEAR(static_cast<double>(unit(m, "weight_decoder").busy.count()), decode, 100);
  EXPECT_NEAR(static_cast<double>(m.latency.count()), decode, 0.03 * decode);
  EXPECT_EQ(m.bound_by, "weight_decoder");
}

TEST(SparseWeights, bitmasks_shorten_what_dram_binds_by_their_bits) {
  engine::EngineConfig e = testing::small_engine();
  e.compression.weights_per_cycle = 64;
  e.array.weight_load_kernels_per_cycle = 4;
  mapping::Subgraph s = convolution(512, 512, 1, 1);
  const std::int64_t plain = cycles(s, form(0, 0, 0.25), e);
  e.compression.zeros = engine::ZeroCoding::kBitmask;
  const std::int64_t coded = cycles(s, form(0, 0, 0.25), e);
  s.shape.weight_form = form(0, 0, 0.25);
  EXPECT_NEAR(as_double(sim::simulate(s, e).dram_read), 512 * 512 * 3 / 8.0 + 512, 600);
  EXPECT_LT(coded, plain);
  EXPECT_EQ(cycles(s, {}, e), plain) << "dense weights are stored as they are";
}

engine::EngineConfig sparse_tiles(Random& random) {
  engine::EngineConfig e = testing::random_engine(random);
  e.sparsity.structured = {2, 4};
  e.sparsity.zero_skipping = random.chance(0.5);
  e.compression.zeros = random.chance(0.5) ? engine::ZeroCoding::kBitmask : engine::ZeroCoding::kIndices;
  e.compression.on_chip = random.chance(0.5);
  e.compression.weights_per_cycle = random.pick<std::int64_t>({4, 64});
  return e;
}

engine::EngineConfig sparse_streams(Random& random) {
  engine::EngineConfig e = testing::random_streams_engine(random);
  e.sparsity.structured = {2, 4};
  e.sparsity.zero_skipping = random.chance(0.5);
  e.compression.zeros = engine::ZeroCoding::kBitmask;
  e.compression.on_chip = true;
  return e;
}

engine::EngineConfig sparse_patches(Random& random) {
  engine::EngineConfig e = shipped("hwconfigs/neureka.yaml", {{"sparsity.structured", "2:4"}});
  e.memory.resident_weights = random.chance(0.5);
  e.compression.zeros = engine::ZeroCoding::kBitmask;
  e.compression.on_chip = random.chance(0.5);
  return e;
}

// Plans are chosen by formula, and may be a little worse for the sparser layer: never by more than this.
constexpr double kPlans = 1.03;
constexpr double kCycles = 32;

template <class MakeEngine>
void hold_against_each_other(std::uint64_t seed, int layers, MakeEngine make_engine) {
  int faster = 0;
  const int planned =
      testing::for_random_layers(seed, layers, make_engine, [&](const auto& s, const auto&, const auto& e) {
        if (!s.shape.uses_array()) return;
        const std::int64_t dense = cycles(s, {}, e);
        EXPECT_EQ(cycles(s, form(0, 0, 1), e), dense);
        double before = static_cast<double>(dense);
        for (const network::WeightForm& sparser : {form(0, 0, 0.7), form(2, 4, 0.5), form(2, 4, 0.25)}) {
          mapping::Subgraph sparse = s;
          sparse.shape.weight_form = sparser;
          const record::Measurement m = sim::simulate(sparse, e);
          const double takes = static_cast<double>(m.latency.count());
          // Behind the banks the first block waits to be decoded.
          const double first =
              static_cast<double>(e.array.parallelism_factor * e.array.dot_product_lanes * e.array.taps_at_once) /
              static_cast<double>(e.compression.weights_per_cycle);
          EXPECT_LE(takes, kPlans * before + kCycles + (e.compression.on_chip ? first : 0)) << describe(sparse, e);
          for (const record::UnitTime& u : m.units) {
            std::int64_t sum = u.busy.count() + u.idle.count();
            for (const record::StallTime& stall : u.stalled) sum += stall.cycles.count();
            EXPECT_EQ(sum, m.latency.count()) << to_string(u.unit) << ": " << describe(sparse, e);
          }
          before = std::min(before, takes);
        }
        faster += before < static_cast<double>(dense) ? 1 : 0;
      });
  EXPECT_GE(planned, layers / 2);
  EXPECT_GE(faster, planned / 10) << "zeros are worth something";
}

TEST(SparseWeights, are_never_slower_than_denser_ones_by_tiles) { hold_against_each_other(501, 150, sparse_tiles); }
TEST(SparseWeights, are_never_slower_than_denser_ones_by_streams) { hold_against_each_other(502, 150, sparse_streams); }
TEST(SparseWeights, are_never_slower_than_denser_ones_by_patches) { hold_against_each_other(503, 60, sparse_patches); }

}  // namespace
}  // namespace lanewise
