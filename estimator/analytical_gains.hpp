// SPDX-License-Identifier: Apache-2.0
// What doubling each resource would save by the analytical model: what an estimated subgraph is said to be bound by.
#pragma once

#include <optional>
#include <vector>

#include "core/engine/resources.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::estimator {

class AnalyticalGains {
 public:
  explicit AnalyticalGains(const engine::EngineConfig& engine);

  // Cycles of the analytical model that doubling each resource saves. Throws Error where the engine cannot run the
  // precision of the subgraph.
  engine::PerResource<double> of(const mapping::Subgraph& subgraph) const;

 private:
  struct Doubled {
    engine::Resource resource;
    engine::EngineConfig engine;
  };
  engine::EngineConfig engine_;
  std::vector<Doubled> doubled_;
};

}  // namespace lanewise::estimator
