// SPDX-License-Identifier: Apache-2.0
// Moves on a given network as a space of networks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/engine/raw_config.hpp"
#include "core/network/graph.hpp"
#include "core/network/rewrite.hpp"
#include "nas/space/network_space.hpp"

namespace lanewise::nas {

// Which moves a space file offers: the keys of its section `network` that speak of moves.
struct MoveSettings {
  bool fuse_ibn = true;                         // network.fuse_ibn: one gene per IBN
  std::vector<double> depth_multipliers = {1};  // network.depth_multipliers: one gene per stage; contains 1
  // network.channel_alignment: "parallelism_factor" (channels become multiples of the engine's parallelism factor) or
  // "none"
  bool align_channels = true;
};

// A key of the section `network` and what reads it.
struct MoveKey {
  std::string name;  // "network.fuse_ibn"
  std::function<void(const engine::RawConfig&, const engine::RawEntry&, MoveSettings&)> read;
};
const std::vector<MoveKey>& move_keys();  // in the reference's order

class MoveSpace : public NetworkSpace {
 public:
  // The graph must outlive the space.
  MoveSpace(const MoveSettings& settings, const network::Graph& graph);
  const std::vector<Gene>& genes() const override { return genes_; }
  Genotype canonical(const Genotype& genotype) const override { return genotype; }
  network::Graph build(const Genotype& genotype, const engine::EngineConfig& engine) const override;
  const std::vector<std::string>& engine_keys() const override;
  std::string encode(const Genotype& genotype) const override;
  Genotype decode(const std::string& encoding) const override;
  const std::vector<LeftOut>& left_out() const override { return left_out_; }
  std::vector<Stretch> stretches() const override { return move_stretches(graph_, genes_); }

  // `parallelism` is the engine's: what aligned channels are multiples of.
  network::Moves moves(const Genotype& genotype, std::int64_t parallelism) const;
  const network::MoveSites& sites() const { return sites_; }

 private:
  const network::Graph& graph_;
  network::MoveSites sites_;
  std::vector<Gene> genes_;
  std::vector<LeftOut> left_out_;
  std::vector<double> multipliers_;  // indexed by the value of a depth-multiplier gene
  std::size_t fusion_genes_ = 0, stage_genes_ = 0, channel_genes_ = 0;  // in this order
};

}  // namespace lanewise::nas
