// SPDX-License-Identifier: Apache-2.0
// The parts of a cascade without making all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/cascade.hpp"

namespace lanewise::mapping {

// Activation banks of a buffer for `rows` rows of the output.
std::int64_t buffer_banks_of(const SubgraphShape& shape, std::int64_t rows, const engine::EngineConfig& engine);
// Weight banks of weights that stay on chip.
std::int64_t weight_banks_of(const SubgraphShape& shape, const engine::EngineConfig& engine);
// Banks of all buffers while each subgraph runs. Buffer i lies behind subgraph i: it is taken while that subgraph and
// the next run, and all the time where it holds rows between the stripes.
std::vector<std::int64_t> live_banks(const std::vector<std::int64_t>& buffers, const std::vector<bool>& holds);

// Which rows each subgraph of a cascade computes in each stripe, and in which context.
class CascadeParts {
 public:
  // `cascade` must outlive this. Throws InternalError where there are fewer than two subgraphs or one that cannot be
  // striped.
  CascadeParts(const Cascade& cascade, const engine::EngineConfig& engine);

  std::size_t stripes() const { return static_cast<std::size_t>(cut_.stripes); }
  SubgraphShape::Range rows(std::size_t subgraph, std::size_t stripe) const { return cut_.rows[subgraph][stripe]; }
  const std::vector<std::int64_t>& buffers() const { return buffers_; }  // banks of each
  std::int64_t live_banks(std::size_t subgraph) const { return live_[subgraph]; }
  // `first`: of the stripe in which the subgraph runs first, and so loads its weights.
  SubgraphContext context(std::size_t subgraph, bool first) const;

 private:
  const Cascade& cascade_;
  RowStripes cut_;
  std::vector<std::int64_t> buffers_, live_;
  std::int64_t weight_banks_ = 0;
};

}  // namespace lanewise::mapping
