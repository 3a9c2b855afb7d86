// SPDX-License-Identifier: Apache-2.0
// Search spaces: which genes a network and an engine family offer, and what a genotype means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/rewrite.hpp"
#include "nas/oracles/accuracy_oracle.hpp"
#include "nas/space/gene.hpp"

namespace lanewise::nas {

// spaces/*.yaml, validated. docs/spaces.md explains every key.
struct SpaceDescription {
  std::string name;
  bool fuse_ibn = true;                   // network.fuse_ibn: one gene per IBN
  std::vector<double> depth_multipliers;  // network.depth_multipliers: one gene per stage; contains 1
  // network.channel_alignment: "parallelism_factor" (channels become multiples of the engine's parallelism factor) or
  // "none"
  bool align_channels = true;
  // engine.vary: which keys of the engine are genes. kListed: those of `engine`, with their values.
  enum class Vary { kNone, kFamily, kListed };
  Vary vary = Vary::kFamily;
  std::vector<engine::FamilyRange> engine;
  std::vector<std::string> engine_origins;  // "FILE:LINE" of each entry of `engine`, for messages
  double area_budget = 0;                   // engine.area_budget: share of the base engine's area, e.g. 1.0; 0: none
  AccuracySettings accuracy;                // what stands for quality, and how: the section of an accuracy oracle
};
// Throws Error naming file:line, key, value and rule. The values of engine keys are checked by Space, which has an
// engine.
SpaceDescription load_space(const std::string& path);
// Every key of the format, in the reference's order; "engine.vary.<key>" stands for the keys of hwconfigs.
std::vector<std::string> space_keys();

class Space {
 public:
  // `family_ranges` are the values that kFamily searches; values outside the ranges are never searched. Throws Error
  // where the base engine refuses a listed value. Two values that it accepts one by one may still be refused together.
  Space(const SpaceDescription& description, const network::MoveSites& sites, const engine::EngineConfig& base,
        const std::vector<engine::FamilyRange>& family_ranges);
  const std::vector<Gene>& genes() const { return genes_; }
  Genotype defaults() const { return Genotype(genes_.size(), 0); }
  network::Moves moves(const Genotype& genotype) const;  // channel_multiple from the genotype's own engine
  std::vector<engine::Override> engine_overrides(const Genotype& genotype) const;
  // Only genes that differ from the default, "NAME=VALUE" in gene order.
  std::vector<std::string> describe(const Genotype& genotype) const;
  // "KEY=VALUE: reason" of the family's values that the base engine refuses.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  std::size_t first_engine_gene() const { return fusion_genes_ + stage_genes_ + channel_genes_; }
  const std::string& value(std::size_t gene, const Genotype& genotype) const;
  void check(const Genotype& genotype) const;  // throws InternalError
  void add_family_genes(const engine::EngineConfig& base, const std::vector<engine::FamilyRange>& ranges);
  void add_listed_genes(const engine::EngineConfig& base, const SpaceDescription& description);

  std::vector<Gene> genes_;
  std::vector<std::string> left_out_;
  std::vector<double> multipliers_;  // indexed by the value of a depth-multiplier gene
  std::int64_t base_parallelism_ = 1;
  std::size_t fusion_genes_ = 0, stage_genes_ = 0, channel_genes_ = 0;  // in this order, then the engine's
};

}  // namespace lanewise::nas
