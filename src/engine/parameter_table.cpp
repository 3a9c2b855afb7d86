// SPDX-License-Identifier: Apache-2.0
#include "engine/parameter_table.hpp"

#include <string>

#include "base/error.hpp"
#include "engine/suggestion.hpp"

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
      {"engine.clock", LANEWISE_SLOT(array.clock), "1 MHz", "10 GHz", nullptr, "Clock of everything but DRAM"},
      {"engine.precision_rate.int4", LANEWISE_SLOT(array.precision_rate[index_of(Precision::kInt4)]), "0", "16", "0",
       "MACs a lane does in a cycle on int4; 0: not supported"},
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
      {"accumulators.size", LANEWISE_SLOT(accumulators.size), "64 B", "64 MiB", nullptr,
       "All partial sums: the array fills one half while the post-processor drains the other"},
      {"accumulators.bits", LANEWISE_SLOT(accumulators.bits), "16", "64", nullptr, "Bits of one partial sum"},
      {"post_processing.width", LANEWISE_SLOT(post_processing.width), "1", "4096", nullptr,
       "Elements a cycle: bias, scaling, activation, addition, pooling"},
      {"post_processing.latency_cycles", LANEWISE_SLOT(post_processing.latency), "1", "1024", nullptr,
       "From a sum to its output"},
      {"post_processing.fused_elementwise", LANEWISE_SLOT(post_processing.fused_elementwise), nullptr, nullptr, nullptr,
       "Element-wise operators (residual additions) ride on the convolution before them"},
      {"post_processing.fused_pooling", LANEWISE_SLOT(post_processing.fused_pooling), nullptr, nullptr, nullptr,
       "Pooling rides on the convolution before it"},
      {"post_processing.special_function_cycles", LANEWISE_SLOT(post_processing.special_function_cycles), "1", "1024",
       nullptr, "Cycles that one group of `post_processing.width` elements takes for exp, sigmoid, tanh and the like"},
  };
}

std::vector<Parameter> off_chip() {
  return {
      {"dma.load_channels", LANEWISE_SLOT(dma.load_channels), "1", "3", nullptr,
       "Channels that load: one for all; two: weights have their own; three: element-wise operands too"},
      {"dma.store_channels", LANEWISE_SLOT(dma.store_channels), "1", "2", nullptr, "Channels that store, in turn"},
      {"dma.transfers_in_flight", LANEWISE_SLOT(dma.transfers_in_flight), "1", "8", "2",
       "Transfers that one channel has under way at once"},
      {"dma.setup_cycles", LANEWISE_SLOT(dma.setup), "0", "100000", nullptr, "Cycles before each transfer"},
      {"dram.bandwidth", LANEWISE_SLOT(dram.bandwidth), "1 MB/s", "10000 GB/s", nullptr,
       "Sustained bandwidth, reads and writes together (powers of ten)"},
      {"dram.latency", LANEWISE_SLOT(dram.latency), "0 ns", "1 ms", nullptr,
       "From request to first data; rounded up to whole cycles of `engine.clock`"},
      {"dram.burst", LANEWISE_SLOT(dram.burst), "1 B", "1 KiB", nullptr,
       "Smallest transfer; partly used ones cost all of it"},
      {"dram.outstanding_requests", LANEWISE_SLOT(dram.outstanding_requests), "1", "1024", nullptr,
       "Bursts in flight on one DMA channel"},
      {"command.cycles_per_pass", LANEWISE_SLOT(command.per_pass), "0", "1000000", nullptr,
       "Decoding and programming one pass"},
      {"command.cycles_per_tile", LANEWISE_SLOT(command.per_tile), "0", "1000000", nullptr,
       "Issuing one tile to the units"},
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
      {"energy.mac.int4", LANEWISE_SLOT(energy.mac[index_of(Precision::kInt4)]), "0 pJ", "1000 nJ", "0 pJ",
       "One int4 multiply-accumulate"},
      {"energy.mac.int8", LANEWISE_SLOT(energy.mac[index_of(Precision::kInt8)]), "0 pJ", "1000 nJ", nullptr,
       "One int8 multiply-accumulate"},
      {"energy.mac.int16", LANEWISE_SLOT(energy.mac[index_of(Precision::kInt16)]), "0 pJ", "1000 nJ", "0 pJ",
       "One int16 multiply-accumulate"},
      {"energy.mac.fp16", LANEWISE_SLOT(energy.mac[index_of(Precision::kFp16)]), "0 pJ", "1000 nJ", "0 pJ",
       "One fp16 multiply-accumulate"},
      {"energy.mac.fp32", LANEWISE_SLOT(energy.mac[index_of(Precision::kFp32)]), "0 pJ", "1000 nJ", "0 pJ",
       "One fp32 multiply-accumulate"},
      {"energy.sram_read", LANEWISE_SLOT(energy.sram_read), "0 pJ/B", "1000000 pJ/B", nullptr,
       "One byte read from a bank"},
      {"energy.sram_write", LANEWISE_SLOT(energy.sram_write), "0 pJ/B", "1000000 pJ/B", nullptr,
       "One byte written to a bank"},
      {"energy.accumulator", LANEWISE_SLOT(energy.accumulator), "0 pJ/B", "1000000 pJ/B", nullptr,
       "One byte of one access to the accumulators"},
      {"energy.dram", LANEWISE_SLOT(energy.dram), "0 pJ/B", "1000000 pJ/B", nullptr,
       "One byte moved to or from DRAM, the memory's own share included"},
      {"energy.post_processing", LANEWISE_SLOT(energy.post_processing), "0 pJ", "1000 nJ", nullptr,
       "One element through the post-processor"},
      {"energy.leakage_per_mm2", LANEWISE_SLOT(energy.leakage), "0 mW", "10 W", nullptr,
       "Power that one mm² draws whether it works or not"},
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
      {"area.fixed", LANEWISE_SLOT(area.fixed), "0 mm2", "1000 mm2", nullptr,
       "Command processor, DMA, everything else"},
  };
}

#undef LANEWISE_SLOT

}  // namespace

const std::vector<Parameter>& parameter_table() {
  static const std::vector<Parameter> table = [] {
    std::vector<Parameter> all;
    for (const auto& section : {identity(), array(), on_chip(), off_chip(), host(), energy(), area()}) {
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
  throw Error("key '" + key + "': unknown key" + suggestion(key, parameter_keys()));
}

}  // namespace lanewise::engine
