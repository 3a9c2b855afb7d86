// SPDX-License-Identifier: Apache-2.0
#include "nas/space/gene_places.hpp"

#include <algorithm>
#include <set>

namespace lanewise::nas {
namespace {

constexpr const char* kGenes = "network.genes.";
constexpr const char* kStages = "network.stages.";
constexpr const char* kNetwork = "network.";

bool begins(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

// What a gene at this key of the file is called.
std::string name_at(const std::string& key) {
  if (begins(key, kGenes)) return key.substr(std::string(kGenes).size());
  if (begins(key, kStages)) return key.substr(std::string(kStages).size());
  return key.substr(std::string(kNetwork).size());
}

// The key that `tail` ends, or "".
std::string without_tail(const std::string& key, const std::string& tail) {
  if (key.size() <= tail.size() || key.compare(key.size() - tail.size(), tail.size(), tail) != 0) return "";
  return key.substr(0, key.size() - tail.size());
}

}  // namespace

std::vector<GenePlace> gene_places(const BlockSettings& settings, const engine::RawConfig& raw) {
  std::set<std::string> genes;
  for (const SpaceGene& gene : settings.genes) genes.insert(gene.gene.name);
  std::vector<GenePlace> places;
  for (const engine::RawEntry& entry : raw.entries) {
    if (!begins(entry.key, kNetwork)) continue;
    std::string key = entry.is_list ? without_tail(entry.key, ".values") : without_tail(entry.key, ".from");
    if (key.empty() && entry.is_list) key = entry.key;
    if (key.empty()) continue;
    const std::string name = name_at(key);
    if (genes.erase(name) > 0) places.push_back({name, key, begins(key, kGenes)});
  }
  return places;
}

std::vector<GeneMention> gene_mentions(const BlockSettings& settings, const engine::RawConfig& raw) {
  std::vector<GeneMention> mentions;
  for (const engine::RawEntry& entry : raw.entries) {
    if (!begins(entry.key, kNetwork)) continue;
    const std::string map = without_tail(entry.key, ".gene");
    if (!map.empty() && !entry.is_list) {
      mentions.push_back({GeneMention::Kind::kMap, entry.values.front(), map});
      continue;
    }
    for (const SpaceGene& gene : settings.genes) {
      if (without_tail(entry.key, ".when." + gene.gene.name).empty()) continue;
      mentions.push_back({GeneMention::Kind::kCondition, gene.gene.name, entry.key});
    }
  }
  return mentions;
}

}  // namespace lanewise::nas
