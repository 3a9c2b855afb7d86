// SPDX-License-Identifier: Apache-2.0
// Search spaces: which genes a network and an engine family offer, and what a genotype means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/engine_config.hpp"
#include "network/rewrite.hpp"

namespace lanewise::nas {

// spaces/*.yaml, validated. docs/spaces.md explains every key.
struct SpaceDescription {
  std::string name;
  bool fuse_ibn = true;                      // network.fuse_ibn: a gene an IBN
  std::vector<double> depth_multipliers;     // network.depth_multipliers: a gene a stage; contains 1
  // network.channel_alignment: "parallelism_factor" (channels become multiples of the engine's parallelism factor) or "none"
  bool align_channels = true;
  std::vector<engine::FamilyRange> engine;   // engine: keys and values; empty: the engine family's declared ranges
  double area_budget = 0;                    // engine.area_budget: share of the base engine's area, e.g. 1.0; 0: none
  double parameter_share = 0, mac_share = 0;  // capacity.parameters, capacity.macs: shares of the baseline's
};
// Throws Error naming file:line, key, value and rule.
SpaceDescription load_space(const std::string& path);

// A gene: what it decides and what it may be. Value 0 is always the default (the network or engine as given).
struct Gene {
  std::string name;                 // "fuse.ibn3", "depth_multiplier.stage1", "channels", "engine.parallelism_factor"
  std::vector<std::string> values;  // as shown to people
};
using Genotype = std::vector<int>;  // an index into `values` for each gene

class Space {
 public:
  Space(const SpaceDescription& description, const network::MoveSites& sites, const engine::EngineConfig& base,
        const std::vector<engine::FamilyRange>& family_ranges);
  const std::vector<Gene>& genes() const { return genes_; }
  Genotype defaults() const { return Genotype(genes_.size(), 0); }
  network::Moves moves(const Genotype& genotype) const;  // channel_multiple from the genotype's own engine
  std::vector<engine::Override> engine_overrides(const Genotype& genotype) const;
  // Only genes that differ from the default, "NAME=VALUE" in gene order.
  std::vector<std::string> describe(const Genotype& genotype) const;

 private:
  std::vector<Gene> genes_;
  std::vector<double> multipliers_;      // by value index of a depth-multiplier gene
  std::int64_t base_parallelism_ = 1;
  std::size_t fusion_genes_ = 0, stage_genes_ = 0;
  bool has_channel_gene_ = false;
};

}  // namespace lanewise::nas
