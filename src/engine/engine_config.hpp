// SPDX-License-Identifier: Apache-2.0
// A Neural Engine as numbers: validated and immutable once loaded. docs/hwconfig.md explains every key.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/precision.hpp"
#include "base/units.hpp"

namespace lanewise::engine {

// How depthwise convolutions (one input channel an output channel) use the array.
enum class DepthwiseMapping {
  kDenseGroups,  // every dot product sees the same channels: min(parallelism, lanes) channels at once, one lane of each
                 // used
  kNative,       // every dot product has its own channel, kernel taps lie across its lanes
};

// Parameters as the engine's clock sees them. Keys of the hwconfig stand behind each member.
struct EngineConfig {
  std::string name;         // name
  std::string family;       // family
  std::string description;  // description

  struct Array {
    std::int64_t parallelism_factor = 0;                          // engine.parallelism_factor: dot products at once
    std::int64_t dot_product_lanes = 0;                           // engine.dot_product_lanes: length of each
    DepthwiseMapping depthwise = DepthwiseMapping::kDenseGroups;  // engine.depthwise: dense_groups | native
    std::int64_t weight_load_kernels_per_cycle = 1;  // engine.weight_load_kernels_per_cycle: shadow loading
    Cycles pipeline_latency{0};                      // engine.pipeline_latency_cycles: first operand to first sum
    Hertz clock{0};                                  // engine.clock
    // engine.precision_rate.int4 …: MACs a lane does in a cycle, relative to int8 = 1; 0: not supported
    std::array<double, kPrecisionCount> precision_rate{};
  } array;

  struct Memory {
    std::int64_t activation_banks = 0;  // memory.activation_banks
    std::int64_t weight_banks = 0;      // memory.weight_banks
    Bytes bank_size{0};                 // memory.bank_size
    BytesPerCycle bank_bandwidth{0};    // memory.bank_bandwidth (B/cycle), of each of a bank's two ports
    Cycles latency{0};                  // memory.latency_cycles
  } memory;

  struct Accumulators {
    Bytes size{0};  // accumulators.size: all of it; the array fills one half while the post-processor drains the other
    std::int64_t bits = 32;  // accumulators.bits of one partial sum
  } accumulators;

  struct PostProcessing {
    std::int64_t width = 0;         // post_processing.width: elements a cycle
    Cycles latency{0};              // post_processing.latency_cycles
    bool fused_elementwise = true;  // post_processing.fused_elementwise: residual additions ride on a convolution
    bool fused_pooling = true;      // post_processing.fused_pooling
    Cycles special_function_cycles{
        1};  // post_processing.special_function_cycles: cycles an element group takes for exp, sigmoid …
  } post_processing;

  struct Dma {
    std::int64_t load_channels = 0;        // dma.load_channels
    std::int64_t store_channels = 0;       // dma.store_channels
    std::int64_t transfers_in_flight = 2;  // dma.transfers_in_flight: asked for and not yet done, a channel
    Cycles setup{0};                       // dma.setup_cycles per transfer
  } dma;

  struct Dram {
    BytesPerSecond bandwidth{0};            // dram.bandwidth
    Seconds latency{0};                     // dram.latency
    Bytes burst{0};                         // dram.burst
    std::int64_t outstanding_requests = 0;  // dram.outstanding_requests, a channel of the DMA, one burst each
  } dram;

  struct Command {
    Cycles per_pass{0};  // command.cycles_per_pass: decoding and programming a pass
    Cycles per_tile{0};  // command.cycles_per_tile: issuing a tile to the units
  } command;

  // What the engine lacks runs here: a coarse description of a small processor beside it.
  struct Host {
    Cycles per_element{8};  // host.cycles_per_element, in cycles of engine.clock
    Cycles per_pass{2000};  // host.cycles_per_pass: call, synchronisation and return
  } host;

  struct Energy {
    std::array<Picojoules, kPrecisionCount> mac{};  // energy.mac.int8 …: one multiply-accumulate
    PicojoulesPerByte sram_read{0}, sram_write{0};  // energy.sram_read, energy.sram_write
    PicojoulesPerByte accumulator{0};               // energy.accumulator: one access
    PicojoulesPerByte dram{0};                      // energy.dram
    Picojoules post_processing{0};                  // energy.post_processing: one element
    Milliwatts leakage{0};                          // energy.leakage_per_mm2, times the area of the engine
  } energy;

  struct Area {
    SquareMillimetres mac{0};                   // area.mac: one int8 lane
    SquareMillimetres sram_per_kib{0};          // area.sram_per_kib
    SquareMillimetres accumulator_per_kib{0};   // area.accumulator_per_kib
    SquareMillimetres post_processing_lane{0};  // area.post_processing_lane
    SquareMillimetres fixed{0};                 // area.fixed: control, DMA, everything else
  } area;

  // Derived.
  std::int64_t macs_per_cycle() const { return array.parallelism_factor * array.dot_product_lanes; }  // int8
  Bytes activation_capacity() const { return memory.bank_size * memory.activation_banks; }
  Bytes weight_capacity() const { return memory.bank_size * memory.weight_banks; }
  Bytes onchip_capacity() const { return activation_capacity() + weight_capacity(); }
  BytesPerCycle activation_bandwidth() const;
  BytesPerCycle weight_bandwidth() const;
  BytesPerCycle dram_bandwidth() const;  // bandwidth over clock
  Cycles dram_latency() const;           // rounded up
  SquareMillimetres total_area() const;
  Milliwatts leakage_power() const;
  Seconds seconds(Cycles cycles) const;
};

// KEY=VALUE as on the command line, split.
struct Override {
  std::string key, value;
};
// Throws Error unless `text` is KEY=VALUE.
Override parse_override(const std::string& text);

// One leaf of the effective configuration: the value as --set takes it, and where it came from
// ("hwconfigs/ne-256.yaml:12", "--set", "default").
struct Leaf {
  std::string key, value, origin;
};

struct LoadedEngine {
  EngineConfig config;
  std::vector<Leaf> leaves;  // every key of the format, in the reference's order
};

// Reads and validates an hwconfig, overrides applied. Throws Error naming file:line, key, value and rule.
LoadedEngine load_engine(const std::string& path, const std::vector<Override>& overrides = {});
// The same engine with some keys changed, validated again: what sweeps, campaigns and searches call.
EngineConfig with_overrides(const EngineConfig& config, const std::vector<Override>& overrides);
// The value of one key, as --set takes it. Throws Error on an unknown key.
std::string value_text(const EngineConfig& config, const std::string& key);
// The value of a numeric key in the unit that EngineConfig stores it in (bytes, hertz, pJ …); an enumeration as its
// index.
double numeric_value(const EngineConfig& config, const std::string& key);
// Every key of the format, in the reference's order.
std::vector<std::string> parameter_keys();
// The reference itself, a row a key.
struct ParameterReference {
  std::string key;
  std::string notation;   // "B, KiB, MiB, GiB", "whole number", "true, false", ...
  std::string low, high;  // smallest and largest value as the key is written; both empty: any
  bool required = false;
  std::string fallback;  // value where the hwconfig has none
  std::string meaning;
};
std::vector<ParameterReference> parameter_reference();
// Hash of all values that can change a measurement (not name, family and description): 16 hexadecimal digits.
std::string engine_hash(const EngineConfig& config);

// A family: engines that differ in a few declared keys. hwconfigs/families/<family>.yaml
struct FamilyRange {
  std::string key;
  std::vector<std::string> values;          // inside the range; what campaigns train on
  std::vector<std::string> outside_values;  // beyond it; only ever used to test extrapolation
};
struct Family {
  std::string name;
  std::vector<std::string> members;  // paths of the hwconfigs that name this family, sorted
  std::vector<FamilyRange> ranges;
};
// Reads the family of the engine at `hwconfig_path` and lists its members in the same folder.
Family load_family(const std::string& hwconfig_path);

}  // namespace lanewise::engine
