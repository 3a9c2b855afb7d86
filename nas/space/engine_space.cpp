// SPDX-License-Identifier: Apache-2.0
#include "nas/space/engine_space.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "nas/space/gene_text.hpp"

namespace lanewise::nas {
namespace {

// The value as the engine writes it, so that "0.5 MiB" and "512 KiB" are one.
std::string written(const engine::EngineConfig& base, const engine::Override& change) {
  return engine::value_text(engine::with_overrides(base, {change}), change.key);
}

void add_value(Gene& gene, const std::string& text) {
  if (std::find(gene.values.begin(), gene.values.end(), text) == gene.values.end()) gene.values.push_back(text);
}

}  // namespace

EngineSpace::EngineSpace(const EngineSettings& settings, const engine::EngineConfig& base,
                         const std::vector<engine::FamilyRange>& family_ranges, std::vector<engine::FollowRule> follow)
    : base_(base) {
  follow_.rules = std::move(follow);
  if (settings.vary == EngineSettings::Vary::kFamily) add_family_genes(family_ranges);
  if (settings.vary == EngineSettings::Vary::kListed) add_listed_genes(settings.genes);
}

void EngineSpace::add_family_genes(const std::vector<engine::FamilyRange>& ranges) {
  for (const engine::FamilyRange& range : ranges) {
    Gene gene{range.key, {engine::value_text(base_, range.key)}};
    for (const std::string& value : range.values) {
      try {
        add_value(gene, written(base_, {range.key, value}));
      } catch (const Error& error) {
        left_out_.push_back(fmt::format("{}={}: {}", range.key, value, error.what()));
      }
    }
    if (gene.values.size() < 2) continue;
    sets_.push_back({range.key, {{range.key, gene.values}}, ""});
    genes_.push_back(std::move(gene));
  }
}

void EngineSpace::add_listed_genes(const std::vector<EngineGene>& genes) {
  for (const EngineGene& listed : genes) {
    const std::string& key = listed.keys.at(0).first;
    Gene gene{listed.name, {engine::value_text(base_, key)}};
    for (const std::string& value : listed.keys[0].second) {
      try {
        add_value(gene, written(base_, {key, value}));
      } catch (const Error& error) {
        throw Error(fmt::format("{}: engine.vary: {}", listed.origin, error.what()));
      }
    }
    if (gene.values.size() < 2) continue;
    sets_.push_back({listed.name, {{key, gene.values}}, listed.origin});
    genes_.push_back(std::move(gene));
  }
}

std::vector<engine::Override> EngineSpace::overrides(const Genotype& genotype) const {
  require_fits(genes_, genotype);
  std::vector<engine::Override> overrides;
  for (std::size_t i = 0; i < genes_.size(); ++i) {
    if (genotype[i] == 0) continue;
    for (const auto& [key, values] : sets_[i].keys) {
      overrides.push_back({key, values[static_cast<std::size_t>(genotype[i])]});
    }
  }
  return overrides;
}

engine::EngineConfig EngineSpace::engine(const Genotype& genotype) const {
  return engine::with_overrides(base_, overrides(genotype));
}

}  // namespace lanewise::nas
