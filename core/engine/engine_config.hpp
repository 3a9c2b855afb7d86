// SPDX-License-Identifier: Apache-2.0
// A Neural Engine as numbers: validated and immutable once loaded. docs/hwconfig.md explains every key.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/base/precision.hpp"
#include "core/base/units.hpp"

namespace lanewise::engine {

// How depthwise convolutions (one input channel an output channel) use the array.
enum class DepthwiseMapping {
  kDenseGroups,  // every dot product sees the same channels: min(parallelism, lanes) channels at once, one lane of each
                 // used
  kNative,       // every dot product has its own channel, kernel taps lie across its lanes
};

// What stands between DRAM and the on-chip banks.
enum class DmaKind {
  kTiles,    // channels work through a program of tiles, fixed when a subgraph is planned; outputs leave tile by tile
  kStreams,  // one loader streams the whole input, one the weights group by group, sharing the read port request by
             // request; the array starts when the whole input is there; outputs leave atom by atom
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
    // Pixels whose sums one sweep over the reduction collects: engine.longest_stripe while two of it are left, the rest
    // where it fits one, else engine.second_stripe. 0: half of what the accumulators hold, and half of that.
    std::int64_t longest_stripe = 0, second_stripe = 0;
    Cycles input_to_mac{0};    // engine.input_to_mac_cycles: from an input complete on chip to the first MAC on it
    Cycles weights_to_mac{0};  // engine.weights_to_mac_cycles: the same for a group's weights
    Cycles weight_release{0};  // engine.weight_release_cycles
    Cycles pass_gap{0};        // engine.pass_gap_cycles: from the last MAC of a subgraph to the first of the next
    // Patches: output pixels computed side by side, each with its own sums; 0: pixels take turns.
    std::int64_t patch_rows = 0, patch_columns = 0;  // engine.patch_rows, engine.patch_columns
    std::int64_t taps_at_once = 1;                   // engine.taps_at_once: kernel elements side by side
    std::int64_t outputs_at_once = 0;     // engine.outputs_at_once: of a group's output channels; 0: all of them
    std::int64_t serial_weight_bits = 0;  // engine.serial_weight_bits: weight bits a cycle; 0: all of them
    double weight_word = 1;               // engine.weight_word_cycles: from one cycle's weights to the next one's
    Cycles depthwise_preparation{0};      // engine.depthwise_preparation_cycles: of a tile, beside input_to_mac
    Hertz clock{0};                       // engine.clock
    // engine.precision_rate.int4 …: MACs a lane does in a cycle, relative to int8 = 1; 0: not supported
    std::array<double, kPrecisionCount> precision_rate{};
  } array;

  struct Memory {
    std::int64_t activation_banks = 0;  // memory.activation_banks
    std::int64_t weight_banks = 0;      // memory.weight_banks
    Bytes bank_size{0};                 // memory.bank_size
    BytesPerCycle bank_bandwidth{0};    // memory.bank_bandwidth (B/cycle), of each of a bank's two ports
    Cycles latency{0};                  // memory.latency_cycles
    bool keep_activations = true;       // memory.keep_activations: tensors may stay on chip between subgraphs
    bool resident_weights = false;      // memory.resident_weights: never loaded, the array reads them where they lie
  } memory;

  struct Accumulators {
    Bytes size{0};            // accumulators.size: finished sums that wait for the post-processor
    std::int64_t bits = 32;   // accumulators.bits of one partial sum
    Cycles credit_return{0};  // accumulators.credit_return_cycles: from a stripe's drain until its room counts as free
  } accumulators;

  struct PostProcessing {
    std::int64_t width = 0;   // post_processing.width: elements a cycle
    Cycles atom_overhead{0};  // post_processing.atom_overhead_cycles
    Cycles latency{0};        // post_processing.latency_cycles
    // Streams only: from the first word of a subgraph off the array to its first result, beside `latency`.
    Cycles elementwise_latency{0}, pooling_latency{0}, normalization_latency{0};
    bool fused_elementwise = true;  // post_processing.fused_elementwise: residual additions ride on a convolution
    bool fused_pooling = true;      // post_processing.fused_pooling
    Cycles special_function_cycles{
        1};  // post_processing.special_function_cycles: cycles an element group takes for exp, sigmoid …
  } post_processing;

  struct Dma {
    DmaKind kind = DmaKind::kTiles;        // dma.kind: tiles | streams
    std::int64_t load_channels = 0;        // dma.load_channels
    std::int64_t store_channels = 0;       // dma.store_channels
    std::int64_t transfers_in_flight = 2;  // dma.transfers_in_flight: asked for and not yet done, a channel
    Cycles setup{0};                       // dma.setup_cycles per transfer
    bool prefetch_input = false;           // dma.prefetch_input: a patch's input, while the one before is computed
    // Streams only.
    Cycles start{0};                // dma.start_cycles: from a subgraph programmed to its first request
    Cycles loaded{0};               // dma.loaded_cycles: from the last beat until the data counts as on chip
    bool prefetch_weights = false;  // dma.prefetch_weights: before the input's producer is done
    Cycles next_subgraph{0};        // dma.next_subgraph_cycles: from a subgraph loaded to the next one's first request
    Cycles input_release{0};    // dma.input_release_cycles: from a subgraph's last MAC until its input's room is free
    Cycles split_change{0};     // dma.split_change_cycles: the same where the banks are split anew
    Bytes weight_alignment{1};  // dma.weight_alignment: a subgraph's weights in DRAM are padded to it
    std::int64_t fetch_grain = 1;   // dma.fetch_grain_rows: input rows a fetch
    Bytes fetch_request{64};        // dma.fetch_request: largest request of the input's request generator
    Cycles request_cycles{0};       // dma.request_cycles: of that generator, a request
    Cycles fetch_cycles{0};         // dma.fetch_cycles: of that generator, a fetch beside its requests
    std::int64_t request_lead = 0;  // dma.weight_lead_requests: weight requests before the first input request
    std::int64_t write_buffer = 1;  // dma.write_buffer_atoms: between post-processor and write port
    Cycles write_lead{0};           // dma.write_lead_cycles: an atom in that buffer frees its place so long before
                                    // its write
  } dma;

  struct Dram {
    BytesPerSecond bandwidth{0};            // dram.bandwidth
    Seconds latency{0};                     // dram.latency
    Bytes burst{0};                         // dram.burst
    std::int64_t outstanding_requests = 0;  // dram.outstanding_requests, a channel of the DMA, one burst each
    Bytes row_size{0};                      // dram.row_size; 0: rows are not modelled (mapping/dram_rows.hpp)
    Seconds row_miss_latency{0};            // dram.row_miss_latency: to open a row that is not
    std::int64_t banks = 1;                 // dram.banks: rows that may be open, or opening, at once
    // Streams only: the port between engine and memory.
    Bytes word{8};                         // dram.word: what a beat moves; the channels of a pixel lie in words
    std::int64_t outstanding_beats = 256;  // dram.outstanding_beats: under way at most, over all loaders
    Cycles outstanding_return{0};          // dram.outstanding_return_cycles: from data to the next request it allows
    Cycles read_interval{1};               // dram.read_interval_cycles: between beats
    Cycles request_interval{1};            // dram.request_interval_cycles: between read requests
    Cycles write_interval{1};              // dram.write_interval_cycles: between beats
    Cycles write_request_interval{1};      // dram.write_request_interval_cycles
    Cycles write_response{1};              // dram.write_response_cycles: from the last beat to the answer
  } dram;

  // Streams only: what turns a row's words into the banks' layout, behind the read port. Words come surface by surface
  // (a word's worth of channels), in rounds of four surfaces.
  struct Unpacking {
    double first_pair = 0;   // unpacking.first_pair_cycles: a word of the first two surfaces of a round
    double second_pair = 0;  // unpacking.second_pair_cycles: a word of the third and the fourth
    double column = 0;       // unpacking.column_cycles: a word of a map that is one pixel wide
    Cycles loaded{0};        // unpacking.loaded_cycles: from the last word unpacked until the input counts as on chip
    Cycles last_pair{0};     // unpacking.last_pair_cycles: later than that by, where the last round has a second pair
    Cycles row{0};           // unpacking.row_cycles: a row of the first and the second surface, beside its words
  } unpacking;

  struct Command {
    Cycles per_pass{0};  // command.cycles_per_pass: decoding and programming a subgraph
    Cycles per_tile{0};  // command.cycles_per_tile: issuing a tile to the units
    std::int64_t register_groups =
        1;  // command.register_groups: subgraphs programmed at once, the running one included
  } command;

  // What the engine lacks runs here: a coarse description of a small processor beside it.
  struct Host {
    Cycles per_element{8};  // host.cycles_per_element, in cycles of engine.clock
    Cycles per_pass{2000};  // host.cycles_per_pass: call, synchronisation and return
  } host;

  struct Energy {
    std::array<Picojoules, kPrecisionCount> mac{};  // energy.mac.int8 …: one multiply-accumulate
    PicojoulesPerByte sram_read{0}, sram_write{0};  // energy.sram_read, energy.sram_write: at the reference bank
    Bytes sram_reference_bank{0};  // energy.sram_reference_bank; 0: the figures are of memory.bank_size, whatever it is
    PicojoulesPerByte accumulator{0};  // energy.accumulator: one access
    PicojoulesPerByte dram{0};         // energy.dram
    Picojoules post_processing{0};     // energy.post_processing: one element
    Milliwatts leakage{0};             // energy.leakage_per_mm2, times the area of the engine
  } energy;

  struct Area {
    SquareMillimetres mac{0};                   // area.mac: one int8 lane
    SquareMillimetres sram_per_kib{0};          // area.sram_per_kib
    SquareMillimetres accumulator_per_kib{0};   // area.accumulator_per_kib
    SquareMillimetres post_processing_lane{0};  // area.post_processing_lane
    SquareMillimetres fixed{0};                 // area.fixed: control, DMA, everything else
  } area;

  // Derived.
  std::int64_t patch_pixels() const { return array.patch_rows * array.patch_columns; }
  std::int64_t macs_per_cycle() const;  // int8, at most
  Bytes activation_capacity() const { return memory.bank_size * memory.activation_banks; }
  Bytes weight_capacity() const { return memory.bank_size * memory.weight_banks; }
  Bytes onchip_capacity() const { return activation_capacity() + weight_capacity(); }
  BytesPerCycle activation_bandwidth() const;
  BytesPerCycle weight_bandwidth() const;
  BytesPerCycle dram_bandwidth() const;  // bandwidth over clock; of reads where they have a port of their own
  BytesPerCycle dram_write_bandwidth() const;
  // Of streams the outputs leave through the write port.
  bool keeps_activations() const { return memory.keep_activations && dma.kind == DmaKind::kTiles; }
  // Whether a subgraph may be under way before its predecessor is done.
  bool overlaps_subgraphs() const { return command.register_groups > 1; }
  bool separate_write_port() const { return dma.kind == DmaKind::kStreams; }
  Cycles dram_latency() const;  // rounded up
  SquareMillimetres total_area() const;
  Milliwatts leakage_power() const;
  // One byte read from or written to a bank of memory.bank_size: energy.sram_read or _write x sqrt(bank_size /
  // energy.sram_reference_bank). Word and bit lines grow with the square root of a bank's bits; docs/hwconfig.md has
  // the source.
  PicojoulesPerByte sram_read_energy() const;
  PicojoulesPerByte sram_write_energy() const;
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
// The values of all keys that have a number, in the reference's order: equal exactly when nothing that can change a
// measurement differs. The identity behind engine_hash for tables in memory, without text.
std::vector<double> numeric_values(const EngineConfig& config);
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
