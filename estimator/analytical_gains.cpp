// SPDX-License-Identifier: Apache-2.0
#include "estimator/analytical_gains.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "estimator/analytical_model.hpp"

namespace lanewise::estimator {
namespace {

// Whether the resource can change what this subgraph takes. Asking in vain would only cost time.
bool concerns(engine::Resource resource, const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  using engine::Resource;
  const mapping::SubgraphShape& shape = subgraph.shape;
  switch (resource) {
    case Resource::kWeightLoad:
    case Resource::kDotProductLanes:
    case Resource::kDotProductArray:
    case Resource::kAccumulators:
      return shape.uses_array();
    case Resource::kDepthwiseLanes:
      return mapping::shares_lanes(shape, engine);
    case Resource::kHost:
      return shape.family == mapping::SubgraphFamily::kHost;
    case Resource::kUnpacking:
      return engine.streams();
    default:
      return true;
  }
}

}  // namespace

AnalyticalGains::AnalyticalGains(const engine::EngineConfig& engine) : engine_(engine) {
  for (const engine::ResourceName& name : engine::resource_names()) {
    doubled_.push_back({name.resource, engine::doubled(engine, name.resource)});
  }
}

engine::PerResource<double> AnalyticalGains::of(const mapping::Subgraph& subgraph) const {
  const double cycles = analyse(subgraph, engine_).latency_cycles;
  engine::PerResource<double> gains;
  for (const Doubled& doubled : doubled_) {
    if (!concerns(doubled.resource, subgraph, engine_)) continue;
    gains[doubled.resource] = std::max(0.0, cycles - analyse(subgraph, doubled.engine).latency_cycles);
  }
  return gains;
}

}  // namespace lanewise::estimator
