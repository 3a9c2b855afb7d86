// SPDX-License-Identifier: Apache-2.0
#include "core/engine/parameter_table.hpp"

#include <string>

#include "core/base/error.hpp"
#include "core/engine/guessed_keys.hpp"
#include "core/engine/kinds/engine_kind.hpp"

namespace lanewise::engine {
namespace {

std::size_t index_of(Precision precision) { return static_cast<std::size_t>(precision); }

// The key and the member behind it on one line each.
#define LANEWISE_SLOT(member) [](EngineConfig& config) -> Slot { return &config.member; }

std::vector<Parameter> identity() {
  return {
      {"name", LANEWISE_SLOT(name), nullptr, nullptr, nullptr, "Name of the engine in every report"},
      {"family", LANEWISE_SLOT(family), nullptr, nullptr, nullptr,
       "Family it belongs to: `families/<family>.yaml` beside the hwconfig declares the ranges"},
      {"description", LANEWISE_SLOT(description), nullptr, nullptr, "", "One line for people"},
  };
}

std::vector<Parameter> array() {
  return {
      {"engine.parallelism_factor", LANEWISE_SLOT(array.parallelism_factor), "1", "4096", nullptr,
       "Dot products at once: output channels computed side by side"},
      {"engine.dot_product_lanes", LANEWISE_SLOT(array.dot_product_lanes), "1", "4096", nullptr,
       "Length of each dot product: input channels summed in a cycle"},
      {"engine.depthwise", LANEWISE_SLOT(array.depthwise), nullptr, nullptr, nullptr,
       "Depthwise convolutions: `dense_groups` (every dot product sees the same channels, one lane of each is used) or "
       "`native` (every dot product has its own channel, kernel taps lie across its lanes)"},
      {"engine.weight_load_kernels_per_cycle", LANEWISE_SLOT(array.weight_load_kernels_per_cycle), "1", "4096", nullptr,
       "Dot products whose next weights are loaded in a cycle, behind the running ones"},
      {"engine.pipeline_latency_cycles", LANEWISE_SLOT(array.pipeline_latency), "1", "1024", nullptr,
       "From the first operand to its sum"},
      {"engine.longest_stripe", LANEWISE_SLOT(array.longest_stripe), "0", "65536", "0",
       "Pixels whose sums one sweep over the reduction collects, while twice as many are left, but no more than the "
       "accumulators hold; 0: half of what they hold"},
      {"engine.second_stripe", LANEWISE_SLOT(array.second_stripe), "0", "65536", "0",
       "The same where more than one but less than two of the longest are left, but no more than one; 0: half of one"},
      {"engine.input_to_mac_cycles", LANEWISE_SLOT(array.input_to_mac), "0", "1024", "0",
       "From an input complete on chip to the first MAC on it"},
      {"engine.weights_to_mac_cycles", LANEWISE_SLOT(array.weights_to_mac), "0", "1024", "0",
       "From a group's weights complete on chip to the first MAC with them"},
      {"engine.weight_release_cycles", LANEWISE_SLOT(array.weight_release), "0", "1024", "0",
       "A group's last weights are fetched from the banks so long before the array has them in its shadow registers: "
       "their room is free so much earlier"},
      {"engine.pass_gap_cycles", LANEWISE_SLOT(array.pass_gap), "0", "1024", "0",
       "From the last MAC of a pass to the first of the next, at least"},
      {"engine.patch_rows", LANEWISE_SLOT(array.patch_rows), "0", "256", "0",
       "Rows of the patch of output pixels that is computed side by side, each pixel with sums of its own; 0: pixels "
       "take turns"},
      {"engine.patch_columns", LANEWISE_SLOT(array.patch_columns), "0", "256", "0", "Columns of that patch"},
      {"engine.taps_at_once", LANEWISE_SLOT(array.taps_at_once), "1", "1024", "1",
       "Kernel elements that each dot product takes side by side, `dot_product_lanes` channels of each"},
      {"engine.outputs_at_once", LANEWISE_SLOT(array.outputs_at_once), "0", "4096", "0",
       "Output channels computed at once of the `parallelism_factor` whose sums are collected; native depthwise passes "
       "compute all of them; 0: all in all passes"},
      {"engine.serial_weight_bits", LANEWISE_SLOT(array.serial_weight_bits), "0", "16", "0",
       "Bits of a weight that a lane takes in a cycle; where a kernel leaves whole sets of taps idle they take further "
       "bits; 0: all bits at once"},
      {"engine.weight_word_cycles", LANEWISE_SLOT(array.weight_word), "1", "1024", "1",
       "Cycles from the weights of one cycle's work to those of the next; more than 1 where their memory stalls"},
      {"engine.depthwise_preparation_cycles", LANEWISE_SLOT(array.depthwise_preparation), "0", "1024", "0",
       "Native depthwise passes: from an input on chip to the first MAC on it, beside `input_to_mac_cycles`"},
      {"engine.run_pixels", LANEWISE_SLOT(array.run_pixels), "0", "65536", "0",
       "Output pixels of a row that the array takes in one run, at most: a run ends with its row; 0: pixels follow one "
       "another without a break",
       true},
      {"engine.shortest_run_cycles", LANEWISE_SLOT(array.shortest_run), "0", "1024", "0",
       "Cycles of a run for a block of the reduction, at least, however few its pixels", true},
      {"engine.run_overhead_cycles", LANEWISE_SLOT(array.run_overhead), "0", "1024", "0",
       "Cycles of a run beside one for each of its pixels", true},
      {"engine.clock", LANEWISE_SLOT(array.clock), "1 MHz", "10 GHz", nullptr, "Clock of everything but DRAM"},
      {"engine.precision_rate.int2", LANEWISE_SLOT(array.precision_rate[index_of(Precision::kInt2)]), "0", "16", "0",
       "MACs a lane does in a cycle on int2; 0: not supported"},
      {"engine.precision_rate.int4", LANEWISE_SLOT(array.precision_rate[index_of(Precision::kInt4)]), "0", "16", "0",
       "The same on int4; 0: not supported"},
      {"engine.precision_rate.int6", LANEWISE_SLOT(array.precision_rate[index_of(Precision::kInt6)]), "0", "16", "0",
       "The same on int6; 0: not supported"},
      {"engine.precision_rate.int8", LANEWISE_SLOT(array.precision_rate[index_of(Precision::kInt8)]), "1", "1", "1",
       "The same on int8, which defines a lane"},
      {"engine.precision_rate.int16", LANEWISE_SLOT(array.precision_rate[index_of(Precision::kInt16)]), "0", "16", "0",
       "The same on int16; 0: not supported"},
      {"engine.precision_rate.fp16", LANEWISE_SLOT(array.precision_rate[index_of(Precision::kFp16)]), "0", "16", "0",
       "The same on fp16; 0: not supported"},
      {"engine.precision_rate.fp32", LANEWISE_SLOT(array.precision_rate[index_of(Precision::kFp32)]), "0", "16", "0",
       "The same on fp32; 0: not supported"},
  };
}

std::vector<Parameter> sparsity() {
  return {
      {"sparsity.structured", LANEWISE_SLOT(sparsity.structured), nullptr, nullptr, "none",
       "N:M structured weights that the array runs faster: of each M neighbours along the input channels its lanes "
       "take N "
       "and choose the activations for them; other weights run as dense ones",
       true},
      {"sparsity.structured_rate", LANEWISE_SLOT(sparsity.structured_rate), "0", "64", "0",
       "MACs of such weights, zeros counted, for one of dense ones; 0: M / N, and no more than that", true},
      {"sparsity.structured_overhead_cycles", LANEWISE_SLOT(sparsity.structured_overhead), "0", "1024", "0",
       "Cycles that a block of such weights takes beside its pixels", true},
      {"sparsity.zero_skipping", LANEWISE_SLOT(sparsity.zero_skipping), nullptr, nullptr, "false",
       "Lanes skip zeros wherever they lie: the array goes on once the dot product with the most weights left is done",
       true},
      {"sparsity.window_blocks", LANEWISE_SLOT(sparsity.window_blocks), "1", "64", "4",
       "Blocks of the reduction whose activations are at hand, so that what is not zero among their weights is packed "
       "together",
       true},
      {"compression.zeros", LANEWISE_SLOT(compression.zeros), nullptr, nullptr, "none",
       "How stored weights leave zeros out: `bitmask` (a bit for each weight), `zero_runs` (each that is not zero "
       "behind "
       "the number of zeros before it) or `indices` (N:M structured ones: each behind its place among the M)",
       true},
      {"compression.zero_run_bits", LANEWISE_SLOT(compression.zero_run_bits), "1", "16", "4",
       "Bits of that number of zeros; longer runs take a zero in between", true},
      {"compression.palette", LANEWISE_SLOT(compression.palette), nullptr, nullptr, "false",
       "Weights of few different values are stored as indices into a palette of them", true},
      {"compression.largest_palette", LANEWISE_SLOT(compression.largest_palette), "2", "65536", "256",
       "Values that the decoder's palette holds", true},
      {"compression.on_chip", LANEWISE_SLOT(compression.on_chip), nullptr, nullptr, "false",
       "Weights stay compressed in the weight banks, and the decoder lies between these and the array; false: it lies "
       "between DRAM and the banks",
       true},
      {"compression.weights_per_cycle", LANEWISE_SLOT(compression.weights_per_cycle), "1", "65536", "16",
       "Weights that the decoder gives a cycle, zeros counted unless the array skips them", true},
      {"compression.latency_cycles", LANEWISE_SLOT(compression.latency), "0", "1024", "0",
       "From the last bit of a transfer to its last weight; `compression.on_chip` hides it", true},
  };
}

std::vector<Parameter> on_chip() {
  return {
      {"memory.activation_banks", LANEWISE_SLOT(memory.activation_banks), "1", "256", nullptr,
       "On-chip banks that hold activations"},
      {"memory.weight_banks", LANEWISE_SLOT(memory.weight_banks), "1", "256", nullptr,
       "On-chip banks that hold weights"},
      {"memory.bank_size", LANEWISE_SLOT(memory.bank_size), "1 KiB", "16 MiB", nullptr, "Size of one bank"},
      {"memory.bank_bandwidth", LANEWISE_SLOT(memory.bank_bandwidth), "1 B/cycle", "4096 B/cycle", nullptr,
       "Bandwidth of each of one bank's two ports"},
      {"memory.latency_cycles", LANEWISE_SLOT(memory.latency), "1", "1024", nullptr, "From request to first data"},
      {"memory.keep_activations", LANEWISE_SLOT(memory.keep_activations), nullptr, nullptr, "true",
       "Tiles: activations may stay in their banks between passes; false: all go through DRAM"},
      {"memory.resident_weights", LANEWISE_SLOT(memory.resident_weights), nullptr, nullptr, "false",
       "Weights lie in a memory that only the array reads, and are never loaded; how much fits there is not checked"},
      {"memory.unified", LANEWISE_SLOT(memory.unified), nullptr, nullptr, "false",
       "Tiles that are given: inputs and weights share all banks, as in a scratchpad; false: each has banks of its own",
       true},
      {"accumulators.size", LANEWISE_SLOT(accumulators.size), "64 B", "64 MiB", nullptr,
       "Finished sums that wait for the post-processor; a stripe's last block starts once there is room for it"},
      {"accumulators.bits", LANEWISE_SLOT(accumulators.bits), "16", "64", nullptr, "Bits of one partial sum"},
      {"accumulators.credit_return_cycles", LANEWISE_SLOT(accumulators.credit_return), "0", "1024", "0",
       "From a stripe's last sum drained until its room counts as free"},
      {"accumulators.hold_outputs", LANEWISE_SLOT(accumulators.hold_outputs), nullptr, nullptr, "false",
       "Tiles that are given: outputs wait in the accumulators for their store; false: in the activation banks", true},
      {"post_processing.width", LANEWISE_SLOT(post_processing.width), "1", "4096", nullptr,
       "Elements a cycle: bias, scaling, activation, addition, pooling"},
      {"post_processing.atom_overhead_cycles", LANEWISE_SLOT(post_processing.atom_overhead), "0", "1024", "0",
       "Cycles that each atom (one pixel of `engine.parallelism_factor` sums) takes beside `parallelism_factor` / "
       "`width`"},
      {"post_processing.latency_cycles", LANEWISE_SLOT(post_processing.latency), "1", "1024", nullptr,
       "From a sum to its output"},
      {"post_processing.elementwise_latency_cycles", LANEWISE_SLOT(post_processing.elementwise_latency), "0", "1024",
       "0", "Streams: from the first word of an element-wise pass to its first result, beside `latency_cycles`"},
      {"post_processing.pooling_latency_cycles", LANEWISE_SLOT(post_processing.pooling_latency), "0", "1024", "0",
       "The same of a pooling pass"},
      {"post_processing.normalization_latency_cycles", LANEWISE_SLOT(post_processing.normalization_latency), "0",
       "1024", "0", "The same of a normalization pass"},
      {"post_processing.fused_elementwise", LANEWISE_SLOT(post_processing.fused_elementwise), nullptr, nullptr, nullptr,
       "Element-wise operators (residual additions) ride on the convolution before them"},
      {"post_processing.fused_pooling", LANEWISE_SLOT(post_processing.fused_pooling), nullptr, nullptr, nullptr,
       "Pooling rides on the convolution before it"},
      {"post_processing.special_function_cycles", LANEWISE_SLOT(post_processing.special_function_cycles), "1", "1024",
       nullptr, "Cycles that one group of `post_processing.width` elements takes for exp, sigmoid, tanh and the like"},
  };
}

std::vector<Parameter> off_chip() {
  static const std::string kinds = engine_kind_meanings();
  return {
      {"dma.kind", LANEWISE_SLOT(dma.kind), nullptr, nullptr, "tiles", kinds.c_str()},
      {"dma.load_channels", LANEWISE_SLOT(dma.load_channels), "1", "3", "1",
       "Channels that load: one for all; two: weights have their own; three: element-wise operands too"},
      {"dma.store_channels", LANEWISE_SLOT(dma.store_channels), "1", "2", "1", "Channels that store, in turn"},
      {"dma.transfers_in_flight", LANEWISE_SLOT(dma.transfers_in_flight), "1", "8", "2",
       "Transfers that one channel has under way at once"},
      {"dma.setup_cycles", LANEWISE_SLOT(dma.setup), "0", "100000", "0", "Cycles before each transfer"},
      {"dma.prefetch_input", LANEWISE_SLOT(dma.prefetch_input), nullptr, nullptr, "false",
       "Patches: a patch's input comes while the patch before is computed; false: loading, computing, draining and "
       "storing take turns"},
      {"dma.load_request", LANEWISE_SLOT(dma.load_request), "0 B", "4 KiB", "0 B",
       "Tiles that are given, or of `mapping.half_tiles`: largest request of a load. A request takes a power of two of "
       "`dram.burst` at a multiple of its own "
       "size, "
       "and the pieces of a tile that lie apart have requests of their own; 0: requests are not modelled",
       true},
      {"dma.store_request", LANEWISE_SLOT(dma.store_request), "0 B", "4 KiB", "0 B", "The same of a store", true},
      {"dma.load_request_cycles", LANEWISE_SLOT(dma.load_request_time), "0", "1024", "0",
       "Cycles of such a load request beside those of its bytes", true},
      {"dma.store_request_cycles", LANEWISE_SLOT(dma.store_request_time), "0", "1024", "0", "The same of a store",
       true},
      {"dma.overlap", LANEWISE_SLOT(dma.overlap), nullptr, nullptr, "false",
       "Streams: the array computes on the rows of an input that have come, in pieces of no less than a stripe; false: "
       "it waits for the whole input of a pass",
       true},
      {"dma.start_cycles", LANEWISE_SLOT(dma.start), "0", "100000", "0",
       "Streams: from a pass programmed to its first request"},
      {"dma.loaded_cycles", LANEWISE_SLOT(dma.loaded), "0", "1024", "0",
       "Streams: from the last beat of an input, or of a group's weights, until it counts as on chip"},
      {"dma.prefetch_weights", LANEWISE_SLOT(dma.prefetch_weights), nullptr, nullptr, "false",
       "A pass may fetch its weights while a pass that writes its input still runs, given room and "
       "`command.register_groups` above 1 (tiles: and `dma.load_channels` above 1); false: input and weights are "
       "enabled "
       "together, once the input is there"},
      {"dma.next_pass_cycles", LANEWISE_SLOT(dma.next_subgraph), "0", "1024", "0",
       "Streams: from a pass loaded to the next one's first request"},
      {"dma.input_release_cycles", LANEWISE_SLOT(dma.input_release), "0", "1024", "0",
       "Streams: from a pass's last MAC until the room of its input is free"},
      {"dma.split_change_cycles", LANEWISE_SLOT(dma.split_change), "0", "1024", "0",
       "Streams: from a pass's last MAC until the banks are split anew between input and weights"},
      {"dma.weight_alignment", LANEWISE_SLOT(dma.weight_alignment), "1 B", "4 KiB", "1 B",
       "Streams: a pass's weights in DRAM are padded to it"},
      {"dma.fetch_grain_rows", LANEWISE_SLOT(dma.fetch_grain), "1", "4096", "1", "Streams: input rows a fetch"},
      {"dma.fetch_request", LANEWISE_SLOT(dma.fetch_request), "1 B", "4 KiB", "64 B",
       "Streams: largest request of the input's request generator"},
      {"dma.request_cycles", LANEWISE_SLOT(dma.request_cycles), "0", "1024", "0",
       "Streams: cycles of the input's request generator, a request"},
      {"dma.fetch_cycles", LANEWISE_SLOT(dma.fetch_cycles), "0", "1024", "0",
       "Streams: cycles of the input's request generator, a fetch beside its requests"},
      {"dma.weight_lead_requests", LANEWISE_SLOT(dma.request_lead), "0", "1024", "0",
       "Streams: weight requests that go out before the first input request"},
      {"dma.write_buffer_atoms", LANEWISE_SLOT(dma.write_buffer), "1", "65536", "1",
       "Streams: atoms between post-processor and write port"},
      {"dma.write_lead_cycles", LANEWISE_SLOT(dma.write_lead), "0", "1024", "0",
       "Streams: an atom in that buffer frees its place so long before its write"},
      {"dram.bandwidth", LANEWISE_SLOT(dram.bandwidth), "1 MB/s", "10000 GB/s", nullptr,
       "Sustained bandwidth, reads and writes together (powers of ten)"},
      {"dram.latency", LANEWISE_SLOT(dram.latency), "0 ns", "1 ms", nullptr,
       "From request to first data; rounded up to whole cycles of `engine.clock`"},
      {"dram.burst", LANEWISE_SLOT(dram.burst), "1 B", "1 KiB", nullptr,
       "Smallest transfer; partly used ones cost all of it"},
      {"dram.outstanding_requests", LANEWISE_SLOT(dram.outstanding_requests), "1", "1024", "64",
       "Bursts in flight on one DMA channel"},
      {"dram.row_size", LANEWISE_SLOT(dram.row_size), "0 B", "1 MiB", "0 B",
       "Tiles: bytes of one row over all channels; 0: rows are not modelled, `dram.bandwidth` stands for hits and "
       "misses"},
      {"dram.row_miss_latency", LANEWISE_SLOT(dram.row_miss_latency), "0 ns", "1 us", "0 ns",
       "To open a row that is not open: precharge and activation"},
      {"dram.banks", LANEWISE_SLOT(dram.banks), "1", "1024", "8",
       "Rows next to each other lie in different banks: so many may be open or opening at once"},
      {"dram.half_duplex", LANEWISE_SLOT(dram.half_duplex), nullptr, nullptr, "false",
       "Streams: what is read and what is written share `dram.bandwidth`, request by request, as on a chip's one "
       "memory; "
       "false: each has as much",
       true},
      {"dram.word", LANEWISE_SLOT(dram.word), "1 B", "1 KiB", "8 B",
       "Streams: what a beat of the port moves; the channels of a pixel lie in such words"},
      {"dram.outstanding_beats", LANEWISE_SLOT(dram.outstanding_beats), "1", "65536", "256",
       "Streams: beats under way at most, over all loaders"},
      {"dram.outstanding_return_cycles", LANEWISE_SLOT(dram.outstanding_return), "0", "1024", "0",
       "Streams: from a beat's data to the request that it makes room for"},
      {"dram.read_interval_cycles", LANEWISE_SLOT(dram.read_interval), "1", "1024", "1",
       "Streams: cycles a beat of read data"},
      {"dram.request_interval_cycles", LANEWISE_SLOT(dram.request_interval), "1", "1024", "1",
       "Streams: cycles a read request"},
      {"dram.write_interval_cycles", LANEWISE_SLOT(dram.write_interval), "1", "1024", "1",
       "Streams: cycles a beat of written data"},
      {"dram.write_request_interval_cycles", LANEWISE_SLOT(dram.write_request_interval), "1", "1024", "1",
       "Streams: cycles a write request"},
      {"dram.write_response_cycles", LANEWISE_SLOT(dram.write_response), "1", "100000", "1",
       "Streams: from the last beat written to the memory's answer"},
      {"cache.size", LANEWISE_SLOT(cache.size), "0 B", "64 MiB", "0 B",
       "Tiles that are given, or of `mapping.half_tiles`: cache in front of DRAM that requests of the DMA go through; "
       "0: none",
       true},
      {"cache.ways", LANEWISE_SLOT(cache.ways), "1", "64", "8", "Its ways: places that a line may lie in", true},
      {"cache.line", LANEWISE_SLOT(cache.line), "1 B", "4 KiB", "64 B", "Its lines", true},
      {"cache.load_miss_cycles", LANEWISE_SLOT(cache.load_miss), "0", "10000", "0",
       "Cycles that a load waits for a line that is not there, beside moving its bytes", true},
      {"cache.store_miss_cycles", LANEWISE_SLOT(cache.store_miss), "0", "10000", "0", "The same of a store", true},
      {"cache.warm", LANEWISE_SLOT(cache.warm), nullptr, nullptr, "false",
       "A pass finds in the cache what an earlier run of the same pass left there; false: nothing", true},
      {"unpacking.first_pair_cycles", LANEWISE_SLOT(unpacking.first_pair), "0", "64", "0",
       "Streams: cycles to unpack a word into the banks' layout, in the first two surfaces of a round of four"},
      {"unpacking.second_pair_cycles", LANEWISE_SLOT(unpacking.second_pair), "0", "64", "0",
       "The same in the third and the fourth"},
      {"unpacking.column_cycles", LANEWISE_SLOT(unpacking.column), "0", "64", "0",
       "The same in maps that are one pixel wide"},
      {"unpacking.loaded_cycles", LANEWISE_SLOT(unpacking.loaded), "0", "1024", "0",
       "Streams: from the last word unpacked until the input counts as on chip"},
      {"unpacking.last_pair_cycles", LANEWISE_SLOT(unpacking.last_pair), "0", "1024", "0",
       "Streams: cycles from the last beat beside `dma.loaded_cycles` where the last round has a second pair"},
      {"unpacking.row_cycles", LANEWISE_SLOT(unpacking.row), "0", "1024", "0",
       "Streams: cycles a row of the first and of the second surface takes beside its words"},
      {"command.launch_time", LANEWISE_SLOT(command.launch), "0 s", "100 ms", "0 s",
       "What software takes to launch a pass (driver, interrupt, profiler), from the end of the pass before: no pass "
       "is "
       "programmed ahead of it; rounded up to whole cycles of `engine.clock`",
       true},
      {"command.cycles_per_pass", LANEWISE_SLOT(command.per_pass), "0", "1000000", nullptr,
       "Decoding and programming one pass"},
      {"command.cycles_per_tile", LANEWISE_SLOT(command.per_tile), "0", "1000000", nullptr,
       "Issuing one tile to the units"},
      {"command.register_groups", LANEWISE_SLOT(command.register_groups), "1", "16", "1",
       "Passes that are programmed at once, the running one included"},
      {"mapping.cascade", LANEWISE_SLOT(mapping.cascade), nullptr, nullptr, "false",
       "Tiles: consecutive passes may run stripe by stripe where that is cheaper, so that what is between them stays "
       "on "
       "chip"},
      {"mapping.plan_for", LANEWISE_SLOT(mapping.plan_for), nullptr, nullptr, "latency",
       "What the plans of the passes are chosen for"},
      {"mapping.effort", LANEWISE_SLOT(mapping.effort), "0", "4", "1",
       "Tiles: how many plans of a pass are simulated before one is chosen: none, a few where it is doubtful which is "
       "best, and more"},
      {"mapping.half_tiles", LANEWISE_SLOT(mapping.half_tiles), nullptr, nullptr, "false",
       "Tiles: convolutions and matrix products are not searched for: they get the largest tiles that fit half of the "
       "memory and half of the accumulators, as simple libraries choose them",
       true},
  };
}

std::vector<Parameter> host() {
  return {
      {"host.cycles_per_element", LANEWISE_SLOT(host.per_element), "1", "1000000", "8",
       "Cycles of `engine.clock` that the host takes for one element of an operator that the engine lacks: its larger "
       "side, inputs or outputs"},
      {"host.cycles_per_pass", LANEWISE_SLOT(host.per_pass), "0", "1000000000", "2000",
       "Cycles of `engine.clock` for calling the host and coming back"},
  };
}

std::vector<Parameter> energy() {
  return {
      {"energy.mac.int2", LANEWISE_SLOT(energy.mac[index_of(Precision::kInt2)]), "0 pJ", "1000 nJ", "0 pJ",
       "One int2 multiply-accumulate"},
      {"energy.mac.int4", LANEWISE_SLOT(energy.mac[index_of(Precision::kInt4)]), "0 pJ", "1000 nJ", "0 pJ",
       "One int4 multiply-accumulate"},
      {"energy.mac.int6", LANEWISE_SLOT(energy.mac[index_of(Precision::kInt6)]), "0 pJ", "1000 nJ", "0 pJ",
       "One int6 multiply-accumulate"},
      {"energy.mac.int8", LANEWISE_SLOT(energy.mac[index_of(Precision::kInt8)]), "0 pJ", "1000 nJ", nullptr,
       "One int8 multiply-accumulate"},
      {"energy.mac.int16", LANEWISE_SLOT(energy.mac[index_of(Precision::kInt16)]), "0 pJ", "1000 nJ", "0 pJ",
       "One int16 multiply-accumulate"},
      {"energy.mac.fp16", LANEWISE_SLOT(energy.mac[index_of(Precision::kFp16)]), "0 pJ", "1000 nJ", "0 pJ",
       "One fp16 multiply-accumulate"},
      {"energy.mac.fp32", LANEWISE_SLOT(energy.mac[index_of(Precision::kFp32)]), "0 pJ", "1000 nJ", "0 pJ",
       "One fp32 multiply-accumulate"},
      {"energy.sram_read", LANEWISE_SLOT(energy.sram_read), "0 pJ/B", "1000000 pJ/B", nullptr,
       "One byte read from a bank of `energy.sram_reference_bank`"},
      {"energy.sram_write", LANEWISE_SLOT(energy.sram_write), "0 pJ/B", "1000000 pJ/B", nullptr,
       "One byte written to a bank of `energy.sram_reference_bank`"},
      {"energy.sram_reference_bank", LANEWISE_SLOT(energy.sram_reference_bank), "0 B", "16 MiB", "0 B",
       "Bank that the two above are given for: others cost √(`memory.bank_size` / this) times as much; 0: they are "
       "given for `memory.bank_size`, whatever it is"},
      {"energy.accumulator", LANEWISE_SLOT(energy.accumulator), "0 pJ/B", "1000000 pJ/B", nullptr,
       "One byte of one access to the accumulators"},
      {"energy.dram", LANEWISE_SLOT(energy.dram), "0 pJ/B", "1000000 pJ/B", nullptr,
       "One byte moved to or from DRAM, the memory's own share included"},
      {"energy.post_processing", LANEWISE_SLOT(energy.post_processing), "0 pJ", "1000 nJ", nullptr,
       "One element through the post-processor"},
      {"energy.weight_select", LANEWISE_SLOT(energy.weight_select), "0 pJ", "1000 nJ", "0 pJ",
       "Choosing the activation of one MAC whose weight is not at its own place", true},
      {"energy.weight_decode", LANEWISE_SLOT(energy.weight_decode), "0 pJ", "1000 nJ", "0 pJ",
       "One weight through the decoder", true},
      {"energy.leakage_per_mm2", LANEWISE_SLOT(energy.leakage), "0 mW", "10 W", nullptr,
       "Power that one mm² draws whether it works or not, the DRAM interface left out"},
      {"energy.dram_interface_per_gb_s", LANEWISE_SLOT(energy.dram_interface), "0 mW", "10 W", "0 mW",
       "Power that the interface to DRAM draws whether it works or not, for each GB/s of `dram.bandwidth`"},
  };
}

std::vector<Parameter> area() {
  return {
      {"area.mac", LANEWISE_SLOT(area.mac), "0 mm2", "1 mm2", nullptr, "One int8 lane with its share of the array"},
      {"area.sram_per_kib", LANEWISE_SLOT(area.sram_per_kib), "0 mm2", "10 mm2", nullptr, "One KiB of bank"},
      {"area.accumulator_per_kib", LANEWISE_SLOT(area.accumulator_per_kib), "0 mm2", "10 mm2", nullptr,
       "One KiB of accumulators"},
      {"area.post_processing_lane", LANEWISE_SLOT(area.post_processing_lane), "0 mm2", "10 mm2", nullptr,
       "One element of `post_processing.width`"},
      {"area.dram_interface_per_gb_s", LANEWISE_SLOT(area.dram_interface), "0 mm2", "10 mm2", "0 mm2",
       "Interface to DRAM with its pads, for each GB/s of `dram.bandwidth`"},
      {"area.weight_select", LANEWISE_SLOT(area.weight_select), "0 mm2", "1 mm2", "0 mm2",
       "What one int8 lane needs to choose its activation, where the engine has `sparsity.structured` or "
       "`sparsity.zero_skipping`",
       true},
      {"area.weight_decoder", LANEWISE_SLOT(area.weight_decoder), "0 mm2", "10 mm2", "0 mm2",
       "One weight of `compression.weights_per_cycle`, where the engine decodes weights", true},
      {"area.fixed", LANEWISE_SLOT(area.fixed), "0 mm2", "1000 mm2", nullptr,
       "Command processor, DMA, everything else"},
  };
}

#undef LANEWISE_SLOT

}  // namespace

const std::vector<Parameter>& parameter_table() {
  static const std::vector<Parameter> table = [] {
    std::vector<Parameter> all;
    for (const auto& section : {identity(), array(), sparsity(), on_chip(), off_chip(), host(), energy(), area()}) {
      all.insert(all.end(), section.begin(), section.end());
    }
    return all;
  }();
  return table;
}

const Parameter* find_parameter(const std::string& key) {
  for (const Parameter& parameter : parameter_table()) {
    if (key == parameter.key) return &parameter;
  }
  return nullptr;
}

const Parameter& require_parameter(const std::string& key) {
  if (const Parameter* parameter = find_parameter(key)) return *parameter;
  throw Error("key '" + key + "': unknown key" + key_hint(key));
}

}  // namespace lanewise::engine
