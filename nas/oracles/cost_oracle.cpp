// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/cost_oracle.hpp"

#include "core/base/error.hpp"

namespace lanewise::nas {

std::vector<SubgraphCost> CostOracle::price_subgraphs(const std::vector<SubgraphOnEngine>&, const WantedCosts&) {
  throw InternalError("an oracle that prices whole networks was asked for a subgraph");
}

}  // namespace lanewise::nas
