// SPDX-License-Identifier: Apache-2.0
#include "core/engine/resources.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <variant>

#include "core/engine/kinds/engine_kind.hpp"
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
  bool is_time;
};

std::vector<std::vector<Change>> changes() {
  std::vector<std::vector<Change>> all;
  for (const ResourceName& name : resource_names()) {
    std::vector<Change> of_resource;
    for (const ResourceKey& key : name.keys) of_resource.push_back({&require_parameter(key.key), key.is_time});
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
       {{"engine.weight_load_kernels_per_cycle", false}}},
      {Resource::kOnChipBandwidth,
       "onchip_bandwidth",
       "Bandwidth of the on-chip banks.",
       {{"memory.bank_bandwidth", false}}},
      {Resource::kDotProductLanes,
       "dot_product_lanes",
       "Lanes of each dot product.",
       {{"engine.dot_product_lanes", false}}},
      // The sums of a pixel and the weights of a block grow with the dot products.
      {Resource::kDotProductArray,
       "dot_product_array",
       "Dot products that are computed at once.",
       {{"engine.parallelism_factor", false},
        {"engine.outputs_at_once", false},
        {"engine.weight_load_kernels_per_cycle", false},
        {"accumulators.size", false}}},
      {Resource::kDepthwiseLanes,
       "depthwise_lanes",
       "Lanes that depthwise and grouped convolutions can use: the smaller of dot products and their lanes.",
       {{"engine.parallelism_factor", false},
        {"engine.dot_product_lanes", false},
        {"engine.weight_load_kernels_per_cycle", false},
        {"accumulators.size", false}}},
      {Resource::kPostProcessor,
       "post_processor",
       "Elements that the post-processor takes per cycle.",
       {{"post_processing.width", false},
        {"post_processing.atom_overhead_cycles", true},
        {"post_processing.special_function_cycles", true}}},
      {Resource::kAccumulators,
       "accumulators",
       "Pixels whose sums are collected by one sweep over the reduction.",
       {{"accumulators.size", false}, {"engine.longest_stripe", false}, {"engine.second_stripe", false}}},
      {Resource::kDram,
       "dram",
       "Bandwidth of DRAM and of the port to it.",
       {{"dram.bandwidth", false},
        {"dram.outstanding_requests", false},
        {"dram.outstanding_beats", false},
        {"dram.word", false}}},
      {Resource::kDramLatency,
       "dram_latency",
       "Time from a request to its first data.",
       {{"dram.latency", true}, {"dram.row_miss_latency", true}}},
      {Resource::kOnChipMemory, "onchip_memory", "Size of the on-chip banks.", {{"memory.bank_size", false}}},
      {Resource::kUnpacking,
       "unpacking",
       "How fast rows are unpacked into the layout of the banks.",
       {{"unpacking.first_pair_cycles", true},
        {"unpacking.second_pair_cycles", true},
        {"unpacking.column_cycles", true},
        {"unpacking.loaded_cycles", true},
        {"unpacking.last_pair_cycles", true},
        {"unpacking.row_cycles", true}}},
      {Resource::kDmaSetup,
       "dma_setup",
       "Cycles that the DMA takes to set transfers and requests up.",
       {{"dma.setup_cycles", true},
        {"dma.start_cycles", true},
        {"dma.loaded_cycles", true},
        {"dma.next_pass_cycles", true},
        {"dma.input_release_cycles", true},
        {"dma.split_change_cycles", true},
        {"dma.request_cycles", true},
        {"dma.fetch_cycles", true}}},
      {Resource::kCommandProcessor,
       "command_processor",
       "Cycles to launch and program a subgraph and to issue its tiles.",
       {{"command.launch_time", true}, {"command.cycles_per_pass", true}, {"command.cycles_per_tile", true}}},
      {Resource::kPipelineLatency,
       "pipeline_latency",
       "Fixed latencies of array, banks and post-processor, which fill and drain them.",
       {{"engine.pipeline_latency_cycles", true},
        {"engine.input_to_mac_cycles", true},
        {"engine.weights_to_mac_cycles", true},
        {"engine.pass_gap_cycles", true},
        {"engine.depthwise_preparation_cycles", true},
        {"memory.latency_cycles", true},
        {"accumulators.credit_return_cycles", true},
        {"post_processing.latency_cycles", true},
        {"post_processing.elementwise_latency_cycles", true},
        {"post_processing.pooling_latency_cycles", true},
        {"post_processing.normalization_latency_cycles", true}}},
      {Resource::kHost,
       "host",
       "Cycles that the host takes for operators that the engine lacks.",
       {{"host.cycles_per_element", true}, {"host.cycles_per_pass", true}}},
      {Resource::kWeightDecoder,
       "weight_decoder",
       "Weights that the decoder gives per cycle.",
       {{"compression.weights_per_cycle", false}, {"compression.latency_cycles", true}}},
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

EngineConfig scaled(const EngineConfig& config, Resource resource, double times) {
  static const std::vector<std::vector<Change>> kChanges = changes();
  EngineConfig changed = config;
  for (const Change& change : kChanges.at(static_cast<std::size_t>(resource))) {
    const Value value = fetch(*change.parameter, changed);
    store(*change.parameter,
          std::visit([&](const auto& old) -> Value { return Scaled{change.is_time ? 1 / times : times}(old); }, value),
          changed);
  }
  return changed;
}

std::vector<std::string> keys_of(const EngineConfig& config, Resource resource) {
  if (resource == Resource::kWeightDecoder && !config.decodes_weights()) return {};
  const EngineConfig changed = doubled(config, resource);
  std::vector<std::string> keys;
  for (const ResourceKey& key : name_of(resource).keys) {
    if (!reads_key(config.dma.kind, key.key)) continue;
    if (value_text(changed, key.key) != value_text(config, key.key)) keys.emplace_back(key.key);
  }
  return keys;
}

}  // namespace lanewise::engine
