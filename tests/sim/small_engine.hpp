// SPDX-License-Identifier: Apache-2.0
// An engine with round numbers, so that a person can follow every cycle.
#pragma once

#include <stdexcept>
#include <string>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/measurement.hpp"

namespace lanewise::testing {

// 4 dot products of 4 lanes at 1 GHz, 4 B/cycle DRAM with 10 cycles of latency, ample on-chip bandwidth.
inline engine::EngineConfig small_engine() {
  engine::EngineConfig e;
  e.name = e.family = "small";
  e.array.parallelism_factor = 4;
  e.array.dot_product_lanes = 4;
  e.array.weight_load_kernels_per_cycle = 1;
  e.array.pipeline_latency = Cycles(5);
  e.array.clock = Hertz(1e9);
  e.array.precision_rate = {0, 2, 0, 1, 0.5, 0.5, 0.25};
  e.memory.activation_banks = 16;
  e.memory.weight_banks = 16;
  e.memory.bank_size = Bytes(1024);
  e.memory.bank_bandwidth = BytesPerCycle(16);
  e.memory.latency = Cycles(1);
  e.accumulators.size = Bytes(4 * 4 * 64);  // 64 atoms of 4 sums of 32 bits; stripes of 32 pixels
  e.accumulators.bits = 32;
  e.post_processing.width = 4;
  e.post_processing.latency = Cycles(2);
  e.post_processing.special_function_cycles = Cycles(4);
  e.dma.load_channels = 2;
  e.dma.store_channels = 1;
  e.dma.setup = Cycles(3);
  e.dram.bandwidth = BytesPerSecond(4e9);
  e.dram.latency = Seconds(10e-9);
  e.dram.burst = Bytes(4);
  e.dram.outstanding_requests = 64;
  e.command.per_pass = Cycles(10);
  e.command.per_tile = Cycles(2);
  e.energy.mac.fill(Picojoules(0.1));
  e.energy.sram_read = e.energy.sram_write = PicojoulesPerByte(0.5);
  e.energy.accumulator = PicojoulesPerByte(0.05);
  e.energy.dram = PicojoulesPerByte(100);
  e.energy.post_processing = Picojoules(0.2);
  e.energy.leakage = Milliwatts(20);
  e.area.mac = SquareMillimetres(0.001);
  e.area.sram_per_kib = SquareMillimetres(0.002);
  e.area.accumulator_per_kib = SquareMillimetres(0.004);
  e.area.post_processing_lane = SquareMillimetres(0.001);
  e.area.fixed = SquareMillimetres(0.2);
  return e;
}

// The same array with loaders that stream: a port of 4 B/cycle each way, a word (4 channels) a beat and a request, 10
// cycles of latency; unpacking a word takes a cycle, an atom 2.
inline engine::EngineConfig small_streams_engine() {
  engine::EngineConfig e = small_engine();
  e.name = e.family = "small_streams";
  e.array.input_to_mac = Cycles(3);
  e.array.weights_to_mac = Cycles(2);
  e.array.weight_release = Cycles(1);
  e.array.pass_gap = Cycles(6);
  e.memory.keep_activations = false;
  e.accumulators.credit_return = Cycles(2);
  e.post_processing.atom_overhead = Cycles(1);
  e.dma.kind = engine::DmaKind::kStreams;
  e.dma.setup = Cycles(0);
  e.dma.start = Cycles(5);
  e.dma.loaded = Cycles(2);
  e.dma.next_subgraph = Cycles(3);
  e.dma.input_release = Cycles(1);
  e.dma.split_change = Cycles(4);
  e.dma.write_buffer = 4;
  e.unpacking.first_pair = e.unpacking.second_pair = e.unpacking.column = 1;
  e.unpacking.loaded = Cycles(4);
  e.dram.word = Bytes(4);
  e.command.register_groups = 2;
  return e;
}

// A dense convolution with "same" padding; stride 1 unless said otherwise.
inline mapping::Subgraph convolution(std::int64_t in_channels, std::int64_t out_channels, std::int64_t size,
                                     std::int64_t kernel, std::int64_t stride = 1) {
  mapping::Subgraph s;
  s.name = "convolution";
  s.shape.family = mapping::SubgraphFamily::kConvolution;
  s.shape.in_channels = in_channels;
  s.shape.in_height = s.shape.in_width = size;
  s.shape.out_channels = out_channels;
  s.shape.out_height = s.shape.out_width = ceil_div(size, stride);
  for (int axis = 0; axis < 2; ++axis) {
    s.shape.window.kernel[axis] = kernel;
    s.shape.window.stride[axis] = stride;
    s.shape.window.pad_begin[axis] = (kernel - 1) / 2;
    s.shape.window.pad_end[axis] = kernel / 2;
  }
  return s;
}

inline mapping::Subgraph depthwise(std::int64_t channels, std::int64_t size, std::int64_t kernel,
                                   std::int64_t stride = 1) {
  mapping::Subgraph s = convolution(channels, channels, size, kernel, stride);
  s.name = "depthwise";
  s.shape.family = mapping::SubgraphFamily::kDepthwise;
  s.shape.groups = channels;
  return s;
}

inline mapping::Subgraph addition(std::int64_t channels, std::int64_t size) {
  mapping::Subgraph s = convolution(channels, channels, size, 1);
  s.name = "addition";
  s.shape.family = mapping::SubgraphFamily::kElementwise;
  s.shape.operand = mapping::FusedOperand::kTensor;
  return s;
}

inline const record::UnitTime& unit(const record::Measurement& m, const std::string& name) {
  for (const record::UnitTime& u : m.units) {
    if (to_string(u.unit) == name) return u;
  }
  throw std::runtime_error("no unit " + name);
}

inline std::int64_t stall(const record::Measurement& m, const std::string& name, const std::string& cause) {
  for (const record::StallTime& s : unit(m, name).stalled) {
    if (to_string(s.cause) == cause) return s.cycles.count();
  }
  return 0;
}

}  // namespace lanewise::testing
