// SPDX-License-Identifier: Apache-2.0
// The resources of an engine: what an architect would make larger or faster, each with the keys that belong together in
// doing so. What bounds a subgraph, and what a study of sensitivities changes together, is told in these.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

// In the order in which equals are named: of two resources that would help as much, the first.
enum class Resource {
  kWeightLoad,
  kOnChipBandwidth,
  kDotProductLanes,
  kDotProductArray,
  kDepthwiseLanes,
  kPostProcessor,
  kAccumulators,
  kDram,
  kDramLatency,
  kOnChipMemory,
  kUnpacking,
  kDmaSetup,
  kCommandProcessor,
  kPipelineLatency,
  kHost,
  kWeightDecoder,
};
inline constexpr std::size_t kResourceCount = 16;

// One key of a resource.
struct ResourceKey {
  const char* key;
  bool is_time;  // half of it is twice the resource
};

struct ResourceName {
  Resource resource;
  const char* text;         // "weight_load"
  const char* description;  // one sentence
  std::vector<ResourceKey> keys;
};

// Every resource once, in the order of the enumeration.
const std::vector<ResourceName>& resource_names();
const ResourceName& name_of(Resource resource);
const char* to_string(Resource resource);
// None where no resource has this text.
std::optional<Resource> parse_resource(std::string_view text);

// The engine with `times` as much of the resource, for asking what would be: neither the range of a key nor a rule
// between keys is checked. Whole numbers are rounded upwards, so that one cycle stays one.
EngineConfig scaled(const EngineConfig& config, Resource resource, double times);
inline EngineConfig doubled(const EngineConfig& config, Resource resource) { return scaled(config, resource, 2); }

// Those of its keys that doubling changes on this engine: keys that it does not use stay 0.
std::vector<std::string> keys_of(const EngineConfig& config, Resource resource);

// One value per resource.
template <class T>
class PerResource {
 public:
  T& operator[](Resource resource) { return values_[static_cast<std::size_t>(resource)]; }
  const T& operator[](Resource resource) const { return values_[static_cast<std::size_t>(resource)]; }
  void fill(const T& value) { values_.fill(value); }
  auto begin() { return values_.begin(); }
  auto end() { return values_.end(); }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }
  bool operator==(const PerResource& other) const { return values_ == other.values_; }

 private:
  std::array<T, kResourceCount> values_{};
};

}  // namespace lanewise::engine
