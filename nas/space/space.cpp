// SPDX-License-Identifier: Apache-2.0
#include "nas/space/space.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

constexpr const char* kParallelism = "engine.parallelism_factor";

// The value as the engine writes it, so that "0.5 MiB" and "512 KiB" are one.
std::string written(const engine::EngineConfig& base, const engine::Override& change) {
  return engine::value_text(engine::with_overrides(base, {change}), change.key);
}

void add_value(Gene& gene, const std::string& text) {
  if (std::find(gene.values.begin(), gene.values.end(), text) == gene.values.end()) gene.values.push_back(text);
}

}  // namespace

Space::Space(const SpaceDescription& description, const network::MoveSites& sites, const engine::EngineConfig& base,
             const std::vector<engine::FamilyRange>& family_ranges)
    : base_parallelism_(base.array.parallelism_factor) {
  if (description.fuse_ibn) {
    for (const network::FusionSite& site : sites.fusions)
      genes_.push_back({"fuse." + site.block, {"ibn", "fused_ibn"}});
    fusion_genes_ = sites.fusions.size();
  }
  multipliers_ = {1.0};
  for (const double multiplier : description.depth_multipliers) {
    if (multiplier != 1.0) multipliers_.push_back(multiplier);
  }
  if (multipliers_.size() > 1) {
    std::vector<std::string> texts;
    for (const double multiplier : multipliers_) texts.push_back(fmt::format("{:.10g}", multiplier));
    for (const network::Stage& stage : sites.stages) genes_.push_back({"depth_multiplier." + stage.name, texts});
    stage_genes_ = sites.stages.size();
  }
  if (description.align_channels && !sites.stages.empty()) {
    genes_.push_back({"channels", {"as_is", "aligned"}});
    channel_genes_ = 1;
  }
  if (description.vary == SpaceDescription::Vary::kFamily) add_family_genes(base, family_ranges);
  if (description.vary == SpaceDescription::Vary::kListed) add_listed_genes(base, description);
}

void Space::add_family_genes(const engine::EngineConfig& base, const std::vector<engine::FamilyRange>& ranges) {
  for (const engine::FamilyRange& range : ranges) {
    Gene gene{range.key, {engine::value_text(base, range.key)}};
    for (const std::string& value : range.values) {
      try {
        add_value(gene, written(base, {range.key, value}));
      } catch (const Error& error) {
        left_out_.push_back(fmt::format("{}={}: {}", range.key, value, error.what()));
      }
    }
    if (gene.values.size() > 1) genes_.push_back(std::move(gene));
  }
}

void Space::add_listed_genes(const engine::EngineConfig& base, const SpaceDescription& description) {
  for (std::size_t i = 0; i < description.engine.size(); ++i) {
    const engine::FamilyRange& range = description.engine[i];
    Gene gene{range.key, {engine::value_text(base, range.key)}};
    for (const std::string& value : range.values) {
      try {
        add_value(gene, written(base, {range.key, value}));
      } catch (const Error& error) {
        const bool located = i < description.engine_origins.size();
        const std::string& origin = located ? description.engine_origins[i] : description.name;
        throw Error(fmt::format("{}: engine.vary: {}", origin, error.what()));
      }
    }
    if (gene.values.size() > 1) genes_.push_back(std::move(gene));
  }
}

network::Moves Space::moves(const Genotype& genotype) const {
  check(genotype);
  network::Moves moves;
  for (std::size_t i = 0; i < fusion_genes_; ++i) moves.fuse.push_back(genotype[i] == 1);
  for (std::size_t i = 0; i < stage_genes_; ++i) {
    moves.depth_multiplier.push_back(multipliers_[static_cast<std::size_t>(genotype[fusion_genes_ + i])]);
  }
  if (channel_genes_ == 0 || genotype[fusion_genes_ + stage_genes_] == 0) return moves;
  moves.channel_multiple = base_parallelism_;
  for (std::size_t i = first_engine_gene(); i < genes_.size(); ++i) {
    if (genes_[i].name == kParallelism) moves.channel_multiple = std::stoll(value(i, genotype));
  }
  return moves;
}

std::vector<engine::Override> Space::engine_overrides(const Genotype& genotype) const {
  check(genotype);
  std::vector<engine::Override> overrides;
  for (std::size_t i = first_engine_gene(); i < genes_.size(); ++i) {
    if (genotype[i] != 0) overrides.push_back({genes_[i].name, value(i, genotype)});
  }
  return overrides;
}

std::vector<std::string> Space::describe(const Genotype& genotype) const {
  check(genotype);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < genes_.size(); ++i) {
    if (genotype[i] != 0) words.push_back(fmt::format("{}={}", genes_[i].name, value(i, genotype)));
  }
  return words;
}

const std::string& Space::value(std::size_t gene, const Genotype& genotype) const {
  return genes_[gene].values[static_cast<std::size_t>(genotype[gene])];
}

void Space::check(const Genotype& genotype) const {
  bool fits = genotype.size() == genes_.size();
  for (std::size_t i = 0; fits && i < genes_.size(); ++i) {
    fits = genotype[i] >= 0 && static_cast<std::size_t>(genotype[i]) < genes_[i].values.size();
  }
  if (!fits) throw InternalError("a genotype does not fit its space");
}

}  // namespace lanewise::nas
