// SPDX-License-Identifier: Apache-2.0
#include "core/engine/resources.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <variant>

#include "core/engine/parameter_table.hpp"

namespace lanewise::engine {
namespace {

// A value times a factor, for the kinds of values that something can be doubled of.
struct Scaled {
  double factor;

  std::int64_t operator()(std::int64_t value) const {
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(value) * factor));
  }
  double operator()(double value) const { return value * factor; }
  template <class Tag, class Rep>
  Quantity<Tag, Rep> operator()(Quantity<Tag, Rep> value) const {
    return Quantity<Tag, Rep>((*this)(value.count()));
  }
  // Texts and choices cannot be scaled.
  template <class T>
  T operator()(const T& value) const {
    return value;
  }
};

struct Change {
  const Parameter* parameter;
  double factor;
};

std::vector<std::vector<Change>> changes() {
  std::vector<std::vector<Change>> all;
  for (const ResourceName& name : resource_names()) {
    std::vector<Change> of_resource;
    for (const KeyChange& change : name.keys) of_resource.push_back({&require_parameter(change.key), change.factor});
    all.push_back(of_resource);
  }
  return all;
}

}  // namespace

const std::vector<ResourceName>& resource_names() {
  static const std::vector<ResourceName> kNames{
      {Resource::kWeightLoad,
       "weight_load",
       "How fast weights go from the banks into the array's shadow registers.",
       {{"engine.weight_load_kernels_per_cycle", 2}}},
      // The sums of a pixel and the weights of a block grow with the dot products.
      {Resource::kDotProductArray,
       "dot_product_array",
       "Dot products that are computed at once.",
       {{"engine.parallelism_factor", 2},
        {"engine.outputs_at_once", 2},
        {"engine.weight_load_kernels_per_cycle", 2},
        {"accumulators.size", 2}}},
      {Resource::kDotProductLanes,
       "dot_product_lanes",
       "Lanes of each dot product.",
       {{"engine.dot_product_lanes", 2}}},
      {Resource::kDepthwiseLanes,
       "depthwise_lanes",
       "Lanes that depthwise and grouped convolutions can use: the smaller of dot products and their lanes.",
       {{"engine.parallelism_factor", 2},
        {"engine.dot_product_lanes", 2},
        {"engine.weight_load_kernels_per_cycle", 2},
        {"accumulators.size", 2}}},
      {Resource::kAccumulators,
       "accumulators",
       "Pixels whose sums are collected by one sweep over the reduction.",
       {{"accumulators.size", 2}, {"engine.longest_stripe", 2}, {"engine.second_stripe", 2}}},
      {Resource::kPostProcessor,
       "post_processor",
       "Elements that the post-processor takes per cycle.",
       {{"post_processing.width", 2},
        {"post_processing.atom_overhead_cycles", 0.5},
        {"post_processing.special_function_cycles", 0.5}}},
      {Resource::kDram,
       "dram",
       "Bandwidth of DRAM and of the port to it.",
       {{"dram.bandwidth", 2}, {"dram.outstanding_requests", 2}, {"dram.outstanding_beats", 2}, {"dram.word", 2}}},
      {Resource::kDramLatency,
       "dram_latency",
       "Time from a request to its first data.",
       {{"dram.latency", 0.5}, {"dram.row_miss_latency", 0.5}}},
      {Resource::kOnChipMemory, "onchip_memory", "Size of the on-chip banks.", {{"memory.bank_size", 2}}},
      {Resource::kOnChipBandwidth,
       "onchip_bandwidth",
       "Bandwidth of the on-chip banks.",
       {{"memory.bank_bandwidth", 2}}},
      {Resource::kUnpacking,
       "unpacking",
       "How fast rows are unpacked into the layout of the banks.",
       {{"unpacking.first_pair_cycles", 0.5},
        {"unpacking.second_pair_cycles", 0.5},
        {"unpacking.column_cycles", 0.5},
        {"unpacking.loaded_cycles", 0.5},
        {"unpacking.last_pair_cycles", 0.5},
        {"unpacking.row_cycles", 0.5}}},
      {Resource::kDmaSetup,
       "dma_setup",
       "Cycles that the DMA takes to set transfers and requests up.",
       {{"dma.setup_cycles", 0.5},
        {"dma.start_cycles", 0.5},
        {"dma.loaded_cycles", 0.5},
        {"dma.next_pass_cycles", 0.5},
        {"dma.input_release_cycles", 0.5},
        {"dma.split_change_cycles", 0.5},
        {"dma.request_cycles", 0.5},
        {"dma.fetch_cycles", 0.5}}},
      {Resource::kCommandProcessor,
       "command_processor",
       "Cycles to program a subgraph and to issue its tiles.",
       {{"command.cycles_per_pass", 0.5}, {"command.cycles_per_tile", 0.5}}},
      {Resource::kPipelineLatency,
       "pipeline_latency",
       "Fixed latencies of array, banks and post-processor, which fill and drain them.",
       {{"engine.pipeline_latency_cycles", 0.5},
        {"engine.input_to_mac_cycles", 0.5},
        {"engine.weights_to_mac_cycles", 0.5},
        {"engine.pass_gap_cycles", 0.5},
        {"engine.depthwise_preparation_cycles", 0.5},
        {"memory.latency_cycles", 0.5},
        {"accumulators.credit_return_cycles", 0.5},
        {"post_processing.latency_cycles", 0.5},
        {"post_processing.elementwise_latency_cycles", 0.5},
        {"post_processing.pooling_latency_cycles", 0.5},
        {"post_processing.normalization_latency_cycles", 0.5}}},
      {Resource::kHost,
       "host",
       "Cycles that the host takes for operators that the engine lacks.",
       {{"host.cycles_per_element", 0.5}, {"host.cycles_per_pass", 0.5}}},
  };
  return kNames;
}

const ResourceName& name_of(Resource resource) { return resource_names().at(static_cast<std::size_t>(resource)); }

const char* to_string(Resource resource) { return name_of(resource).text; }

std::optional<Resource> parse_resource(std::string_view text) {
  for (const ResourceName& name : resource_names()) {
    if (text == name.text) return name.resource;
  }
  return std::nullopt;
}

EngineConfig doubled(const EngineConfig& config, Resource resource) {
  static const std::vector<std::vector<Change>> kChanges = changes();
  EngineConfig changed = config;
  for (const Change& change : kChanges.at(static_cast<std::size_t>(resource))) {
    const Value value = fetch(*change.parameter, changed);
    store(*change.parameter, std::visit([&](const auto& old) -> Value { return Scaled{change.factor}(old); }, value),
          changed);
  }
  return changed;
}

}  // namespace lanewise::engine
