// SPDX-License-Identifier: Apache-2.0
#include "core/base/random.hpp"
#include "core/network/rewrite.hpp"
#include "study/campaign/campaign.hpp"

namespace lanewise::study {

std::vector<network::Graph> network_variants(const network::Graph& graph, int count,
                                             const std::vector<std::int64_t>& multiples, std::uint64_t seed) {
  static const std::vector<double> kMultipliers = {0.5, 0.625, 0.75, 0.875, 1.0, 1.125, 1.25, 1.5};
  static const std::vector<double> kFusionChances = {0.0, 0.3, 0.7};
  Random random(seed ^ stable_hash(graph.name()));
  const network::MoveSites sites = network::find_move_sites(graph);
  std::vector<network::Graph> out = {graph};
  for (int v = 0; v < count; ++v) {
    network::Moves moves;
    const double fusion_chance = random.pick(kFusionChances);
    for (std::size_t f = 0; f < sites.fusions.size(); ++f) moves.fuse.push_back(random.chance(fusion_chance));
    for (std::size_t s = 0; s < sites.stages.size(); ++s) moves.depth_multiplier.push_back(random.pick(kMultipliers));
    moves.channel_multiple = random.pick(multiples);
    out.push_back(network::apply(graph, moves));
  }
  return out;
}

}  // namespace lanewise::study
