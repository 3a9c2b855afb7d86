// SPDX-License-Identifier: Apache-2.0
// A small world with a known law: engines, convolutions, and a cost in closed form with whole tiles, groups and
// stripes. What the regressor can learn is judged against it; it is no model of the simulator.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/bounds.hpp"
#include "estimator/estimator.hpp"

namespace lanewise::estimator::toy {

inline engine::EngineConfig make_engine(std::int64_t parallelism, std::int64_t lanes, std::int64_t bank_kib,
                                        double dram_gb_per_second) {
  engine::EngineConfig e;
  e.name = "toy";
  e.family = "toys";
  e.array.parallelism_factor = parallelism;
  e.array.dot_product_lanes = lanes;
  e.array.weight_load_kernels_per_cycle = 1;
  e.array.pipeline_latency = Cycles(6);
  e.array.clock = Hertz(1e9);
  e.array.precision_rate = {0, 2, 0, 1, 0.25, 0.5, 0.125};
  e.memory.activation_banks = 8;
  e.memory.weight_banks = 8;
  e.memory.bank_size = Bytes(bank_kib * 1024);
  e.memory.bank_bandwidth = BytesPerCycle(32);
  e.memory.latency = Cycles(4);
  e.accumulators.size = Bytes(32 * 1024);
  e.post_processing.width = 16;
  e.post_processing.latency = Cycles(8);
  e.dma.load_channels = 2;
  e.dma.store_channels = 1;
  e.dma.setup = Cycles(16);
  e.dram.bandwidth = BytesPerSecond(dram_gb_per_second * 1e9);
  e.dram.latency = Seconds(100e-9);
  e.dram.burst = Bytes(64);
  e.dram.outstanding_requests = 16;
  e.command.per_pass = Cycles(64);
  e.command.per_tile = Cycles(8);
  for (Picojoules& mac : e.energy.mac) mac = Picojoules(0.2);
  e.energy.sram_read = PicojoulesPerByte(0.5);
  e.energy.sram_write = PicojoulesPerByte(0.6);
  e.energy.accumulator = PicojoulesPerByte(0.1);
  e.energy.dram = PicojoulesPerByte(20);
  e.energy.post_processing = Picojoules(0.3);
  e.energy.leakage = Milliwatts(5);
  e.area.mac = SquareMillimetres(0.0005);
  e.area.fixed = SquareMillimetres(0.5);
  return e;
}

inline mapping::Subgraph make_convolution(std::int64_t in, std::int64_t out, std::int64_t size, std::int64_t kernel,
                                          bool input_on_chip = false) {
  mapping::Subgraph subgraph;
  mapping::SubgraphShape& s = subgraph.shape;
  s.family = mapping::SubgraphFamily::kConvolution;
  s.in_channels = in;
  s.out_channels = out;
  s.in_height = s.in_width = s.out_height = s.out_width = size;
  for (const int axis : {0, 1}) {
    s.window.kernel[axis] = kernel;
    s.window.pad_begin[axis] = s.window.pad_end[axis] = kernel / 2;
  }
  s.bias = true;
  s.activation = network::ActivationFunction::kRelu6;
  subgraph.context.input_on_chip = input_on_chip;
  subgraph.context.resident_banks = input_on_chip ? 2 : 0;
  return subgraph;
}

// The law: whole groups and stripes on the array, all weights again for each row tile that half the memory holds.
inline record::Measurement measure(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const mapping::SubgraphShape& s = subgraph.shape;
  const mapping::Bounds bounds = mapping::bounds(subgraph, engine);
  const mapping::ArrayWork work = mapping::array_work(s, engine);
  const std::int64_t pixels = s.batch * s.out_height * s.out_width;
  const double array = static_cast<double>(work.groups) * mapping::group_cycles(work, pixels, work.blocks) +
                       6.0 * static_cast<double>(work.groups);
  const std::int64_t room =
      (engine.memory.activation_banks - subgraph.context.resident_banks) * engine.memory.bank_size.count() / 2;
  const std::int64_t tiles =
      ceil_div(std::max<std::int64_t>(1, s.input_bytes().count() + s.output_bytes().count()), room);
  const bool weights_stay = s.weight_bytes() <= engine.weight_capacity();
  const double dram_bytes =
      bounds.dram_bytes + (weights_stay ? 0.0 : static_cast<double>((tiles - 1) * s.weight_bytes().count()));
  const double dram = dram_bytes / engine.dram_bandwidth().count();
  const double overhead = 64 + 2 * 116 + 8.0 * static_cast<double>(tiles);
  const double cycles = std::max({array, dram, bounds.roofline_cycles}) + 0.1 * std::min(array, dram) + overhead;

  record::Measurement m;
  m.latency = Cycles(static_cast<std::int64_t>(std::ceil(cycles)));
  m.macs = s.macs();
  m.dram_read = Bytes(static_cast<std::int64_t>(dram_bytes) - s.output_bytes().count());
  m.dram_write = s.output_bytes();
  m.peak_sram =
      Bytes(std::min(room, s.input_bytes().count()) + std::min(s.weight_bytes(), engine.weight_capacity()).count());
  m.energy = Picojoules(mapping::energy_bound_picojoules(subgraph, engine) * 1.1 +
                        engine.static_power().count() * cycles / engine.array.clock.count() * 1e9);
  return m;
}

struct World {
  std::deque<engine::EngineConfig> engines;  // a deque: samples point into it
  std::vector<Sample> samples;
};

// `shapes` convolutions on each of `engines` engines, different on each.
inline World make_world(int engines, int shapes, std::uint64_t seed) {
  Random random(seed);
  World world;
  std::set<std::string> seen;
  const std::vector<std::int64_t> dots{8, 16, 24, 32, 64}, lanes{8, 16, 32, 64}, banks{16, 32, 64};
  const std::vector<std::int64_t> channels{3, 8, 16, 24, 40, 64, 96, 120, 160, 256, 320},
      sizes{7, 10, 14, 20, 28, 40, 56};
  const std::vector<double> bandwidths{1.6, 3.2, 6.4, 12.8};
  while (static_cast<int>(world.engines.size()) < engines) {
    world.engines.push_back(
        make_engine(random.pick(dots), random.pick(lanes), random.pick(banks), random.pick(bandwidths)));
    if (!seen.insert(engine::engine_hash(world.engines.back())).second) world.engines.pop_back();
  }
  for (const engine::EngineConfig& engine : world.engines) {
    std::set<std::string> keys;
    while (static_cast<int>(keys.size()) < shapes) {
      const mapping::Subgraph subgraph =
          make_convolution(random.pick(channels), random.pick(channels), random.pick(sizes), random.chance(0.5) ? 1 : 3,
                           random.chance(0.3));
      if (!keys.insert(mapping::subgraph_key(subgraph)).second) continue;
      Sample sample;
      sample.engine = &engine;
      sample.subgraph = subgraph;
      sample.measurement = measure(subgraph, engine);
      sample.weight = static_cast<double>(random.between(1, 5));
      world.samples.push_back(sample);
    }
  }
  return world;
}

inline TrainOptions quick_options() {
  TrainOptions options;
  options.trees = 60;
  options.depth = 6;
  options.learning_rate = 0.15;
  return options;
}

}  // namespace lanewise::estimator::toy
