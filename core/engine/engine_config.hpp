// SPDX-License-Identifier: Apache-2.0
// The description of a neural engine as numbers, validated when it is loaded and constant from then on.
// docs/hwconfig.md explains every key.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/precision.hpp"
#include "core/base/units.hpp"

namespace lanewise::engine {

// What plans are chosen for. Those that are about as good are told apart by the others.
enum class PlanGoal {
  kLatency,  // cycles
  kEnergy,
  kDram,  // DRAM bytes
};
const char* to_string(PlanGoal goal);  // "latency", "energy", "dram"

// How depthwise convolutions, which have one input channel per output channel, use the array.
enum class DepthwiseMapping {
  // All dot products see the same channels: min(parallelism, lanes) channels at once, each in one lane of one product.
  kDenseGroups,
  kNative,  // every dot product has a channel of its own, and the kernel's taps lie across its lanes
};

// The kind of engine: what moves data between DRAM and the on-chip banks. Each kind is described by one entry of the
// table in core/engine/kinds/engine_kind.hpp, at the place that this enumeration gives it.
enum class DmaKind { kTiles, kStreams };
struct EngineKind;

// N:M structured sparsity that an array makes use of: of each `of` weights that are neighbours along the input channels
// it takes `kept`. 0:0, "none": it makes use of none.
struct Structure {
  std::int64_t kept = 0, of = 0;

  bool any() const { return of > 0; }
  bool operator<(const Structure& o) const { return of != o.of ? of < o.of : kept < o.kept; }
};
inline constexpr std::int64_t kLargestStructure = 64;  // the largest M

// How weights that are zero are left out of what is stored.
enum class ZeroCoding {
  kNone,
  kBitmask,   // a bit for each weight, then those that are not zero
  kZeroRuns,  // each weight that is not zero behind the number of zeros before it
  kIndices,   // N:M structured ones only: N of each M, each with its place among them
};
const char* to_string(ZeroCoding coding);  // "none", "bitmask", "zero_runs", "indices"

// The area of an engine by unit.
struct AreaBreakdown {
  SquareMillimetres array{0}, activation_memory{0}, weight_memory{0}, accumulators{0}, post_processor{0};
  SquareMillimetres dram_interface{0};
  SquareMillimetres weight_select{0}, weight_decoder{0};  // 0 where the engine has none
  SquareMillimetres fixed{0};                             // command processor, DMA, everything else

  SquareMillimetres total() const;
};

// A KEY=VALUE of the command line, split.
struct Override {
  std::string key, value;
  std::string origin = "--set";  // the option that it comes from, for errors and origins
};

// The parameters in the units of the engine's clock. The comment behind each member begins with its hwconfig key.
struct EngineConfig {
  std::string name;         // name
  std::string family;       // family
  std::string description;  // description
  // What load_engine was asked to change from the file, one per key in the order of the reference; keys that were set
  // to what the file has anyway are left out. No parameter: a note for those who show results
  // (core/engine/engine_identity.hpp).
  std::vector<Override> overrides;

  struct Array {
    std::int64_t parallelism_factor = 0;  // engine.parallelism_factor: dot products computed at once
    std::int64_t dot_product_lanes = 0;   // engine.dot_product_lanes: length of each dot product
    DepthwiseMapping depthwise = DepthwiseMapping::kDenseGroups;  // engine.depthwise: dense_groups | native
    std::int64_t weight_load_kernels_per_cycle = 1;  // engine.weight_load_kernels_per_cycle: into the shadow registers
    Cycles pipeline_latency{0};  // engine.pipeline_latency_cycles: from the first operand to the first sum
    // Pixels whose sums are collected by one sweep over the reduction: engine.longest_stripe while at least two such
    // stripes are left, then all remaining pixels if they fit one stripe, otherwise engine.second_stripe. 0 stands for
    // half of what the accumulators hold, and for half of that.
    std::int64_t longest_stripe = 0, second_stripe = 0;
    Cycles input_to_mac{0};    // engine.input_to_mac_cycles: from an input being complete on chip to its first MAC
    Cycles weights_to_mac{0};  // engine.weights_to_mac_cycles: the same for the weights of a group
    Cycles weight_release{0};  // engine.weight_release_cycles
    Cycles pass_gap{0};        // engine.pass_gap_cycles: from the last MAC of a subgraph to the first of the next
    // A patch is a rectangle of output pixels that are computed side by side, each with its own sums. 0: one pixel
    // after the other.
    std::int64_t patch_rows = 0, patch_columns = 0;  // engine.patch_rows, engine.patch_columns
    std::int64_t taps_at_once = 1;                   // engine.taps_at_once: kernel elements taken side by side
    std::int64_t outputs_at_once = 0;                // engine.outputs_at_once: output channels of a group; 0: all
    std::int64_t serial_weight_bits = 0;             // engine.serial_weight_bits: weight bits per cycle; 0: all
    double weight_word = 1;           // engine.weight_word_cycles: between the weights of one cycle and the next
    Cycles depthwise_preparation{0};  // engine.depthwise_preparation_cycles: per tile, on top of input_to_mac
    // A run is a piece of a row of output pixels that the array takes in one go (core/mapping/array_work.hpp).
    std::int64_t run_pixels = 0;  // engine.run_pixels: of the longest run; 0: runs are not modelled
    double shortest_run = 0;      // engine.shortest_run_cycles: that a run takes, however few its pixels
    double run_overhead = 0;      // engine.run_overhead_cycles: of a run beside its pixels
    Hertz clock{0};               // engine.clock
    // engine.precision_rate.int4 …: MACs per lane and cycle, relative to int8 = 1; 0: not supported
    std::array<double, kPrecisionCount> precision_rate{};
  } array;

  // What the array does with weights that are zero (core/mapping/sparse_work.hpp).
  struct Sparsity {
    Structure structured;            // sparsity.structured
    double structured_rate = 0;      // sparsity.structured_rate: times the rate of dense weights; 0: M / N
    Cycles structured_overhead{0};   // sparsity.structured_overhead_cycles: of a block
    bool zero_skipping = false;      // sparsity.zero_skipping
    std::int64_t window_blocks = 4;  // sparsity.window_blocks: of the reduction, among which zeros are skipped
  } sparsity;

  // How weights are stored in DRAM and on chip (core/mapping/weight_storage.hpp).
  struct Compression {
    ZeroCoding zeros = ZeroCoding::kNone;  // compression.zeros
    std::int64_t zero_run_bits = 4;        // compression.zero_run_bits: of the number of zeros before a weight
    bool palette = false;                  // compression.palette: weights of few values as indices
    std::int64_t largest_palette = 256;    // compression.largest_palette: values that the decoder holds
    bool on_chip = false;                  // compression.on_chip: the decoder lies behind the weight banks
    std::int64_t weights_per_cycle = 16;   // compression.weights_per_cycle: of the decoder
    Cycles latency{0};                     // compression.latency_cycles: of the decoder
  } compression;

  struct Memory {
    std::int64_t activation_banks = 0;  // memory.activation_banks
    std::int64_t weight_banks = 0;      // memory.weight_banks
    Bytes bank_size{0};                 // memory.bank_size
    BytesPerCycle bank_bandwidth{0};    // memory.bank_bandwidth: B/cycle of each of the two ports of a bank
    Cycles latency{0};                  // memory.latency_cycles
    bool keep_activations = true;       // memory.keep_activations: tensors may stay on chip between subgraphs
    bool resident_weights = false;      // memory.resident_weights: never loaded, read where they lie
    bool unified = false;               // memory.unified: inputs and weights of given tiles share all banks
  } memory;

  struct Accumulators {
    Bytes size{0};            // accumulators.size: for the sums that wait for the post-processor
    std::int64_t bits = 32;   // accumulators.bits: of one partial sum
    Cycles credit_return{0};  // accumulators.credit_return_cycles: from a stripe drained to its room free
    // accumulators.hold_outputs: outputs of given tiles wait there for their store, and need no room in the banks
    bool hold_outputs = false;
  } accumulators;

  struct PostProcessing {
    std::int64_t width = 0;   // post_processing.width: elements per cycle
    Cycles atom_overhead{0};  // post_processing.atom_overhead_cycles
    Cycles latency{0};        // post_processing.latency_cycles
    // For the kind `streams`: from the first word of a subgraph that does not use the array to its first result, on top
    // of `latency`.
    Cycles elementwise_latency{0}, pooling_latency{0}, normalization_latency{0};
    bool fused_elementwise = true;  // post_processing.fused_elementwise: additions run with the convolution
    bool fused_pooling = true;      // post_processing.fused_pooling
    // post_processing.special_function_cycles: that `width` elements take for exp, sigmoid and the like
    Cycles special_function_cycles{1};
  } post_processing;

  struct Dma {
    DmaKind kind = DmaKind::kTiles;        // dma.kind
    std::int64_t load_channels = 0;        // dma.load_channels
    std::int64_t store_channels = 0;       // dma.store_channels
    std::int64_t transfers_in_flight = 2;  // dma.transfers_in_flight: per channel
    Cycles setup{0};                       // dma.setup_cycles per transfer
    bool prefetch_input = false;           // dma.prefetch_input: load a patch while the one before is computed
    // Requests on the bus (core/mapping/bus_requests.hpp). 0 B: they are not modelled.
    Bytes load_request{0}, store_request{0};  // dma.load_request, dma.store_request: the largest
    double load_request_time = 0;             // dma.load_request_cycles: of a request beside its bytes
    double store_request_time = 0;            // dma.store_request_cycles: the same of a store
    // For the kind `streams`.
    bool overlap = false;           // dma.overlap: the array starts on the rows of an input that have come
    Cycles start{0};                // dma.start_cycles: from programming a subgraph to its first request
    Cycles loaded{0};               // dma.loaded_cycles: from the last beat until the data counts as loaded
    bool prefetch_weights = false;  // dma.prefetch_weights: before the producer of the input is done
    Cycles next_subgraph{0};        // dma.next_pass_cycles: from loading one subgraph to requesting the next
    Cycles input_release{0};        // dma.input_release_cycles: from the last MAC until the room of the input is free
    Cycles split_change{0};         // dma.split_change_cycles: the same where the banks are divided anew
    Bytes weight_alignment{1};      // dma.weight_alignment: weights in DRAM are padded to a multiple of it
    std::int64_t fetch_grain = 1;   // dma.fetch_grain_rows: input rows per fetch
    Bytes fetch_request{64};        // dma.fetch_request: largest request of the input's generator
    Cycles request_cycles{0};       // dma.request_cycles: of that generator, per request
    Cycles fetch_cycles{0};         // dma.fetch_cycles: of that generator, per fetch, on top of its requests
    std::int64_t request_lead = 0;  // dma.weight_lead_requests: weight requests before the first input request
    std::int64_t write_buffer = 1;  // dma.write_buffer_atoms: between post-processor and write port
    Cycles write_lead{0};           // dma.write_lead_cycles: an atom leaves that buffer so long before it is written
  } dma;

  struct Dram {
    BytesPerSecond bandwidth{0};            // dram.bandwidth
    Seconds latency{0};                     // dram.latency
    Bytes burst{0};                         // dram.burst
    std::int64_t outstanding_requests = 0;  // dram.outstanding_requests: per DMA channel, one burst each
    Bytes row_size{0};                      // dram.row_size; 0: rows are not modelled (core/mapping/dram_rows.hpp)
    Seconds row_miss_latency{0};            // dram.row_miss_latency: to open a row
    std::int64_t banks = 1;                 // dram.banks: rows that may be open, or being opened, at once
    // For the kind `streams`: the port between engine and memory.
    bool half_duplex = false;              // dram.half_duplex: reads and writes share the bandwidth
    Bytes word{8};                         // dram.word: moved by one beat; the channels of a pixel lie in words
    std::int64_t outstanding_beats = 256;  // dram.outstanding_beats: under way at most, of all loaders
    Cycles outstanding_return{0};          // dram.outstanding_return_cycles: from data to the request it makes room for
    Cycles read_interval{1};               // dram.read_interval_cycles: between beats
    Cycles request_interval{1};            // dram.request_interval_cycles: between read requests
    Cycles write_interval{1};              // dram.write_interval_cycles: between beats
    Cycles write_request_interval{1};      // dram.write_request_interval_cycles
    Cycles write_response{1};              // dram.write_response_cycles: from the last beat to the answer
  } dram;

  // A cache in front of DRAM that the DMA reads and writes through (core/mapping/line_cache.hpp).
  struct Cache {
    Bytes size{0};          // cache.size; 0: there is none
    std::int64_t ways = 8;  // cache.ways
    Bytes line{64};         // cache.line
    double load_miss = 0;   // cache.load_miss_cycles: of a line that is loaded and not there
    double store_miss = 0;  // cache.store_miss_cycles: the same of a line that is stored to
    bool warm = false;      // cache.warm: a pass finds in it what an earlier run of the pass left there
  } cache;

  // For the kind `streams`: the unit behind the read port that turns the words of a row into the layout of the banks.
  // Words come in rounds of four surfaces, where a surface is as many channels as one word holds.
  struct Unpacking {
    double first_pair = 0;   // unpacking.first_pair_cycles: per word of the first two surfaces of a round
    double second_pair = 0;  // unpacking.second_pair_cycles: per word of the third and the fourth
    double column = 0;       // unpacking.column_cycles: per word of a map that is one pixel wide
    Cycles loaded{0};        // unpacking.loaded_cycles: from the last word unpacked until the input counts as loaded
    Cycles last_pair{0};     // unpacking.last_pair_cycles: added where the last round has a second pair
    Cycles row{0};           // unpacking.row_cycles: per row of the first two surfaces, on top of its words
  } unpacking;

  struct Command {
    // command.launch_time: what software takes to launch a subgraph, from the end of the one before; 0: nothing
    Seconds launch{0};
    Cycles per_pass{0};  // command.cycles_per_pass: to decode and program a subgraph
    Cycles per_tile{0};  // command.cycles_per_tile: to issue a tile to the units
    // command.register_groups: subgraphs that may be programmed at once, the running one included
    std::int64_t register_groups = 1;
  } command;

  // How subgraphs are planned for the engine: a matter of its compiler rather than of its hardware.
  struct Mapping {
    bool cascade = false;                    // mapping.cascade: consecutive subgraphs may run stripe by stripe
    PlanGoal plan_for = PlanGoal::kLatency;  // mapping.plan_for: latency | energy | dram
    std::int64_t effort = 1;                 // mapping.effort: how many plans are simulated before one is chosen
    bool half_tiles = false;  // mapping.half_tiles: no search, the largest tiles within half of the memory
  } mapping;

  // A coarse description of the small processor beside the engine, which runs what the engine cannot.
  struct Host {
    Cycles per_element{8};  // host.cycles_per_element, in cycles of engine.clock
    Cycles per_pass{2000};  // host.cycles_per_pass: to call it, synchronise and return
  } host;

  struct Energy {
    std::array<Picojoules, kPrecisionCount> mac{};  // energy.mac.int8 …: one multiply-accumulate
    PicojoulesPerByte sram_read{0}, sram_write{0};  // energy.sram_read, energy.sram_write: for the reference bank
    Bytes sram_reference_bank{0};      // energy.sram_reference_bank; 0: the figures hold for any memory.bank_size
    PicojoulesPerByte accumulator{0};  // energy.accumulator: of one access
    PicojoulesPerByte dram{0};         // energy.dram
    Picojoules post_processing{0};     // energy.post_processing: of one element
    Picojoules weight_select{0};       // energy.weight_select: of one multiply-accumulate of a weight that was chosen
    Picojoules weight_decode{0};       // energy.weight_decode: of one weight
    Milliwatts leakage{0};             // energy.leakage_per_mm2: multiplied by the area without the DRAM interface
    Milliwatts dram_interface{0};      // energy.dram_interface_per_gb_s: of one GB/s of dram.bandwidth, all the time
  } energy;

  struct Area {
    SquareMillimetres mac{0};                   // area.mac: of one int8 lane
    SquareMillimetres sram_per_kib{0};          // area.sram_per_kib
    SquareMillimetres accumulator_per_kib{0};   // area.accumulator_per_kib
    SquareMillimetres post_processing_lane{0};  // area.post_processing_lane
    SquareMillimetres dram_interface{0};        // area.dram_interface_per_gb_s: of one GB/s of dram.bandwidth
    SquareMillimetres weight_select{0};         // area.weight_select: of one int8 lane that chooses its activation
    SquareMillimetres weight_decoder{0};        // area.weight_decoder: of one weight a cycle
    SquareMillimetres fixed{0};                 // area.fixed: of control, DMA and everything else
  } area;

  // What follows from the parameters.

  const EngineKind& kind() const;
  // The properties of the kind, see EngineKind. keeps_activations() also asks memory.keep_activations.
  bool streams() const;
  bool keeps_activations() const;
  bool separate_write_port() const;
  bool post_processor_reads_banks() const;
  std::int64_t patch_pixels() const { return array.patch_rows * array.patch_columns; }
  std::int64_t macs_per_cycle() const;  // at most, of int8
  Bytes activation_capacity() const { return memory.bank_size * memory.activation_banks; }
  Bytes weight_capacity() const { return memory.bank_size * memory.weight_banks; }
  Bytes onchip_capacity() const { return activation_capacity() + weight_capacity(); }
  BytesPerCycle activation_bandwidth() const;
  BytesPerCycle weight_bandwidth() const;
  BytesPerCycle dram_bandwidth() const;        // of reads, and of writes too unless they have a port of their own
  BytesPerCycle dram_write_bandwidth() const;  // the same as dram_bandwidth() where both share it
  // Whether lanes choose their activations, and whether there is a decoder of weights.
  bool selects_weights() const { return sparsity.structured.any() || sparsity.zero_skipping; }
  bool decodes_weights() const { return compression.zeros != ZeroCoding::kNone || compression.palette; }
  // Whether a subgraph may start before its predecessor is done. What software launches waits for that one's end.
  bool overlaps_subgraphs() const { return register_groups() > 1; }
  // Subgraphs that may be programmed at once.
  std::int64_t register_groups() const { return command.launch.count() > 0 ? 1 : command.register_groups; }
  Cycles launch_cycles() const;  // command.launch_time, rounded up to whole cycles
  Cycles dram_latency() const;   // rounded up to whole cycles
  AreaBreakdown area_breakdown() const;
  SquareMillimetres total_area() const;  // the sum of its parts
  // energy.leakage_per_mm2 times the area without the DRAM interface, whose power has a key of its own.
  Milliwatts leakage_power() const;
  Milliwatts dram_interface_power() const;
  // What the engine draws whether it works or not: the sum of the two above.
  Milliwatts static_power() const;
  // The energy of one byte read from, or written to, a bank of memory.bank_size: energy.sram_read or energy.sram_write
  // multiplied by sqrt(memory.bank_size / energy.sram_reference_bank), because word and bit lines grow with the square
  // root of the bits of a bank. docs/hwconfig.md names the source.
  PicojoulesPerByte sram_read_energy() const;
  PicojoulesPerByte sram_write_energy() const;
  Seconds seconds(Cycles cycles) const;
};

// Throws Error unless `text` is KEY=VALUE.
Override parse_override(const std::string& text);

// One key of the effective configuration: its value as --set takes it, and where that came from, for example
// "hwconfigs/ne-256.yaml:12", "--set" or "default".
struct Leaf {
  std::string key, value, origin;
};

struct LoadedEngine {
  EngineConfig config;
  std::vector<Leaf> leaves;  // one per key of the format, in the order of the reference
};

// Reads an hwconfig, applies the overrides and validates the result. Throws Error naming file:line, key, value and
// rule.
LoadedEngine load_engine(const std::string& path, const std::vector<Override>& overrides = {});
// The same engine with some keys changed and validated again, as sweeps, campaigns and searches need it. They show
// these changes themselves: EngineConfig::overrides stays as it was.
EngineConfig with_overrides(const EngineConfig& config, const std::vector<Override>& overrides);
// The value of one key, as --set takes it. Throws Error on an unknown key.
std::string value_text(const EngineConfig& config, const std::string& key);
// The value of a key as a number, in the unit in which EngineConfig stores it (bytes, hertz, pJ …); of an enumeration,
// its index. Throws Error for a text.
double numeric_value(const EngineConfig& config, const std::string& key);
// The values of all keys that have a number, in the order of the reference. Two engines with equal values give equal
// measurements. This is the identity behind engine_hash, for tables in memory.
std::vector<double> numeric_values(const EngineConfig& config);
// Every key of the format, in the order of the reference.
std::vector<std::string> parameter_keys();
// The value of a key that stores and hashes leave out where an engine has it, because they were made before there was
// such a key; none for keys that are always written.
std::optional<std::string> value_where_absent(const std::string& key);
// The reference of the format, one row per key.
struct ParameterReference {
  std::string key;
  std::string notation;   // "B, KiB, MiB, GiB", "whole number", "true, false", ...
  std::string low, high;  // smallest and largest value, in the notation of the key; both empty: any
  bool required = false;
  std::string fallback;  // the value where the hwconfig has none
  std::string meaning;
};
std::vector<ParameterReference> parameter_reference();
// A hash of all values that can change a measurement, that is all but name, family and description: 16 hexadecimal
// digits.
std::string engine_hash(const EngineConfig& config);

// A family is a set of engines that differ in a few declared keys: hwconfigs/families/<family>.yaml.
struct FamilyRange {
  std::string key;
  std::vector<std::string> values;          // inside the range: what campaigns train on
  std::vector<std::string> outside_values;  // beyond it: only used to test extrapolation
};
struct Family {
  std::string name;
  std::vector<std::string> members;  // paths of the hwconfigs that name this family, sorted
  std::vector<FamilyRange> ranges;
};
// Reads the family of the engine at `hwconfig_path` and lists its members in the same folder.
Family load_family(const std::string& hwconfig_path);

}  // namespace lanewise::engine
