// SPDX-License-Identifier: Apache-2.0
// Random layers on random engines of both kinds, and what a failing check says of them.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/mapping/plan_tiles.hpp"
#include "tests/sim/small_engine.hpp"

namespace lanewise::testing {

inline engine::EngineConfig random_engine(Random& random) {
  engine::EngineConfig e = small_engine();
  e.array.parallelism_factor = random.pick<std::int64_t>({4, 8, 16, 24});
  e.array.dot_product_lanes = random.pick<std::int64_t>({4, 8, 16, 32});
  e.array.depthwise = random.chance(0.5) ? engine::DepthwiseMapping::kDenseGroups : engine::DepthwiseMapping::kNative;
  e.memory.bank_size = Bytes(random.pick<std::int64_t>({1024, 2048, 8192}));
  e.memory.bank_bandwidth = BytesPerCycle(random.pick<double>({1, 2, 8}));
  e.accumulators.size = Bytes(random.pick<std::int64_t>({2048, 4096, 16384}));
  e.post_processing.width = random.pick<std::int64_t>({1, 2, 4, 16});
  e.dma.load_channels = random.between(1, 3);
  e.dma.store_channels = random.between(1, 2);
  e.dram.bandwidth = BytesPerSecond(random.pick<double>({1e9, 4e9, 12.8e9}));
  e.dram.latency = Seconds(random.pick<double>({10e-9, 100e-9}));
  e.dram.burst = Bytes(random.pick<std::int64_t>({16, 64}));
  e.dram.outstanding_requests = random.between(1, 64);
  return e;
}

// In the manner of NVDLA, with memories from fast to slow.
inline engine::EngineConfig random_streams_engine(Random& random) {
  engine::EngineConfig e = small_streams_engine();
  e.array.parallelism_factor = random.pick<std::int64_t>({4, 8, 16, 32});
  e.array.dot_product_lanes = random.pick<std::int64_t>({4, 8, 32, 64});
  e.array.depthwise = random.chance(0.7) ? engine::DepthwiseMapping::kDenseGroups : engine::DepthwiseMapping::kNative;
  e.array.longest_stripe = random.pick<std::int64_t>({8, 16, 32});
  e.array.pass_gap = Cycles(random.between(0, 70));
  e.array.weight_release = Cycles(random.between(0, 4));
  e.memory.activation_banks = random.between(2, 16);
  e.memory.weight_banks = random.between(1, 16);
  e.memory.bank_size = Bytes(random.pick<std::int64_t>({1024, 4096, 16384}));
  e.memory.bank_bandwidth = BytesPerCycle(random.pick<double>({4, 8, 64}));
  e.accumulators.size = Bytes(e.array.parallelism_factor * 4 * e.array.longest_stripe * random.between(1, 2));
  e.accumulators.credit_return = Cycles(random.between(0, 25));
  e.post_processing.width = random.pick<std::int64_t>({1, 4, 16});
  e.dma.loaded = Cycles(random.between(0, 20));
  e.dma.next_subgraph = Cycles(random.between(0, 13));
  e.dma.prefetch_weights = random.chance(0.5);
  e.dma.fetch_grain = random.between(1, 4);
  e.dma.request_cycles = Cycles(random.between(0, 2));
  e.dma.request_lead = random.between(0, 2);
  e.dma.write_buffer = random.between(1, 16);
  e.dma.write_lead = Cycles(random.between(0, 1) * 20);
  e.unpacking.second_pair = random.pick<double>({1, 1.5});
  e.unpacking.row = Cycles(random.between(0, 1));
  e.dram.word = Bytes(random.pick<std::int64_t>({8, 16, 32}));
  e.dram.burst = Bytes(e.dram.word.count() * random.pick<std::int64_t>({1, 4}));
  e.dram.bandwidth = BytesPerSecond(1e9 * static_cast<double>(e.dram.word.count()));
  e.dram.latency = Seconds(random.pick<double>({10e-9, 32e-9, 200e-9}));
  e.dram.outstanding_beats = random.pick<std::int64_t>({16, 64, 256});
  e.dram.outstanding_return = Cycles(random.between(0, 3));
  e.dram.read_interval = Cycles(random.between(1, 4));
  e.dram.request_interval = Cycles(random.between(1, 4));
  e.dram.write_interval = Cycles(random.between(1, 4));
  e.dram.write_request_interval = Cycles(random.between(1, 4));
  e.dram.write_response = Cycles(random.between(1, 20));
  return e;
}

inline mapping::Subgraph random_layer(Random& random, const engine::EngineConfig& e) {
  const std::int64_t channels = random.between(1, 96);
  const std::int64_t size = random.between(1, 28);
  const std::int64_t kernel = random.pick<std::int64_t>({1, 3, 5});
  const std::int64_t stride = random.between(1, 2);
  mapping::Subgraph s;
  switch (random.below(4)) {
    case 0:
      s = testing::depthwise(channels, size, kernel, stride);
      break;
    case 1:
      s = testing::addition(channels, size);
      break;
    default:
      s = testing::convolution(channels, random.between(1, 96), size, kernel, stride);
  }
  s.shape.bias = s.shape.uses_array() && random.chance(0.5);
  if (e.dma.kind == engine::DmaKind::kStreams) {
    if (s.shape.uses_array() && random.chance(0.2)) s.shape.operand = mapping::FusedOperand::kTensor;
    return s;
  }
  s.context.resident_banks = random.between(0, 8);
  const auto fits = [&](Bytes bytes) { return bytes.count() <= s.context.resident_banks * e.memory.bank_size.count(); };
  s.context.input_on_chip = random.chance(0.3) && fits(s.shape.input_bytes());
  s.context.output_on_chip = !s.context.input_on_chip && random.chance(0.3) && fits(s.shape.output_bytes());
  return s;
}

// Calls `check` with random layers on random engines, for all that have a plan; how many did.
template <class MakeEngine, class Check>
int for_random_layers(std::uint64_t seed, int count, MakeEngine make_engine, Check check) {
  Random random(seed);
  int planned = 0;
  for (int i = 0; i < count; ++i) {
    const engine::EngineConfig e = make_engine(random);
    const mapping::Subgraph s = random_layer(random, e);
    mapping::TilePlan plan;
    try {
      plan = mapping::plan_tiles(s, e);
    } catch (const Error&) {
      continue;  // too small a memory for this layer
    }
    ++planned;
    check(s, plan, e);
    if (::testing::Test::HasFailure()) break;
  }
  return planned;
}

inline std::string describe(const mapping::Subgraph& s, const engine::EngineConfig& e) {
  return mapping::subgraph_key(s) + " on " + std::to_string(e.array.parallelism_factor) + "x" +
         std::to_string(e.array.dot_product_lanes);
}

}  // namespace lanewise::testing
