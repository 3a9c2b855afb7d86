// SPDX-License-Identifier: Apache-2.0
#include "study/curation/curated_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/engine/raw_config.hpp"
#include "nas/space/gene_places.hpp"
#include "nas/space/space_text.hpp"
#include "study/curation/value_series.hpp"

namespace lanewise::study {
namespace {

// The key of a space of moves whose list holds the values of a gene; "" where they are no list.
std::string list_key(const std::string& gene) {
  static const std::pair<const char*, const char*> kLists[] = {
      {"depth_multiplier.", "network.depth_multipliers"}, {"kernel.", "network.kernels"},
      {"depthwise_groups.", "network.depthwise_groups"},  {"groups.", "network.depthwise_groups"},
      {"input_resolution", "network.input_resolutions"},  {"output_resolution", "network.output_resolutions"}};
  for (const auto& [prefix, key] : kLists) {
    if (gene.rfind(prefix, 0) == 0) return key;
  }
  return "";
}

bool all_kept(const GeneChoices& gene) {
  return std::all_of(gene.choices.begin(), gene.choices.end(), [](const Choice& choice) { return choice.kept; });
}

void put_back(Choice& choice, const std::string& why) {
  if (choice.kept) return;
  choice.kept = true;
  choice.reason = fmt::format("{}; by itself it would go: {}", why, choice.reason);
}

std::string comment_of(const GeneChoices& gene) {
  std::string text;
  for (const Choice& choice : gene.choices) {
    if (choice.kept) continue;
    text += fmt::format("{}without {}: {}", text.empty() ? "" : "\n", choice.value, choice.reason);
  }
  if (gene.default_value != 0) {
    text += fmt::format("{}default {} in place of {}", text.empty() ? "" : "\n",
                        gene.choices[static_cast<std::size_t>(gene.default_value)].value, gene.choices.front().value);
  }
  return text;
}

nas::KeptValues kept_values(const GeneChoices& gene) {
  nas::KeptValues kept;
  nas::Gene texts{gene.gene, {}};
  for (const Choice& choice : gene.choices) {
    if (choice.kept) texts.values.push_back(choice.value);
  }
  const std::vector<std::size_t> order = numeric_order(texts);
  for (std::size_t i = 0; i < texts.values.size(); ++i) {
    kept.values.push_back(order.empty() ? texts.values[i] : texts.values[order[i]]);
  }
  kept.default_value = gene.choices[static_cast<std::size_t>(gene.default_value)].value;
  return kept;
}

// The lists of a space of moves, with the values that some place keeps.
void edit_lists(const engine::RawConfig& raw, const Curation& curation, nas::SpaceEdit& edit) {
  for (const GeneChoices& gene : curation.genes) {
    const std::string key = list_key(gene.gene);
    const engine::RawEntry* const entry = key.empty() ? nullptr : raw.find(key);
    if (entry == nullptr || edit.genes.count(key) > 0) continue;
    nas::KeptValues kept;
    for (const std::string& text : entry->values) {
      bool stays = false, known = false;
      std::string why;
      for (const GeneChoices& other : curation.genes) {
        if (list_key(other.gene) != key) continue;
        for (const Choice& choice : other.choices) {
          if (choice.value != text) continue;
          known = true;
          stays = stays || choice.kept;
          if (!choice.kept) why = choice.reason;
        }
      }
      if (stays || !known) {
        kept.values.push_back(text);
      } else {
        edit.comments[key] += fmt::format("{}without {}: {}", edit.comments[key].empty() ? "" : "\n", text, why);
      }
    }
    if (kept.values.size() < entry->values.size() && !kept.values.empty()) edit.genes[key] = kept;
  }
}

// A move that goes at every place is switched off.
void edit_switch(const Curation& curation, const std::string& prefix, const std::string& value, const char* key,
                 const char* off, nas::SpaceEdit& edit) {
  std::string why;
  for (const GeneChoices& gene : curation.genes) {
    if (gene.gene.rfind(prefix, 0) != 0) continue;
    for (const Choice& choice : gene.choices) {
      if (choice.value != value) continue;
      if (choice.kept) return;
      why = choice.reason;
    }
  }
  if (why.empty()) return;
  edit.genes[key] = {{off}, off};
  edit.comments[key] = fmt::format("without {}: {}", value, why);
}

// What is written must read back, and its encodings must name the networks that they name in the raw space.
void require_same_encodings(const nas::SpaceDescription& description, const nas::Space& space, const std::string& text,
                            const std::string& path) {
  constexpr int kTried = 50;
  nas::SpaceDescription curated = nas::parse_space(path, text);
  const auto networks = nas::make_network_space(curated, nullptr);
  Random random(1);
  for (int i = 0; i < kTried; ++i) {
    nas::Genotype genotype;
    for (const nas::Gene& gene : networks->genes()) {
      genotype.push_back(i == 0 ? 0 : static_cast<int>(random.below(gene.values.size())));
    }
    const std::string encoding = networks->encode(genotype);
    const nas::Genotype raw = space.network().decode(encoding);
    for (std::size_t g = 0; g < genotype.size(); ++g) {
      const nas::Genotype canonical = networks->canonical(genotype);
      const auto at = std::find_if(space.genes().begin(), space.genes().end(),
                                   [&](const nas::Gene& other) { return other.name == networks->genes()[g].name; });
      const auto place = static_cast<std::size_t>(at - space.genes().begin());
      const bool matters = space.network().canonical(raw)[place] != 0 || canonical[g] != 0;
      const std::string& mine = networks->genes()[g].values[static_cast<std::size_t>(canonical[g])];
      if (!matters || at->values[static_cast<std::size_t>(raw[place])] == mine) continue;
      throw InternalError(
          fmt::format("space '{}': encoding '{}' of the curated space is another network in the raw one",
                      description.name, encoding));
    }
  }
}

}  // namespace

std::vector<std::string> genes_with_fixed_default(const nas::SpaceDescription& description, const nas::Space& space) {
  std::set<std::string> names;
  if (description.blocks == nullptr) {
    for (const nas::Gene& gene : space.network().genes()) names.insert(gene.name);
  } else {
    for (const nas::SpaceGene& gene : description.blocks->genes) {
      if (!gene.when.empty()) names.insert(gene.gene.name);
    }
    // A template writes genes that do not matter, too, at their default.
    Random random(1);
    for (int i = 0; i < 500 && !description.blocks->encoding.empty(); ++i) {
      nas::Genotype genotype;
      for (const nas::Gene& gene : space.network().genes()) {
        genotype.push_back(static_cast<int>(random.below(gene.values.size())));
      }
      const nas::Genotype canonical = space.network().canonical(genotype);
      for (std::size_t g = 0; g < genotype.size(); ++g) {
        if (genotype[g] != canonical[g]) names.insert(space.network().genes()[g].name);
      }
    }
  }
  return {names.begin(), names.end()};
}

CapacityShares capacity_shares(const nas::SpaceDescription& description, const nas::Space& space) {
  if (description.accuracy.oracle != "capacity") return {};
  const network::Graph graph = space.graph(space.defaults());
  const auto share = [&](const char* key, std::int64_t have) {
    const double least = description.accuracy.number(std::string("least_") + key);
    return std::max(description.accuracy.number(key), have > 0 ? least / static_cast<double>(have) : 0);
  };
  return {share("macs", network::macs(graph)), share("parameters", network::parameters(graph))};
}

void fit_to_file(const nas::SpaceDescription& description, Curation& curation) {
  if (description.blocks == nullptr) return;
  const engine::RawConfig raw = engine::parse_raw_config(description.blocks->path, description.source);
  for (const nas::GeneMention& mention : nas::gene_mentions(*description.blocks, raw)) {
    if (mention.kind != nas::GeneMention::Kind::kCondition) continue;
    const auto gene = std::find_if(curation.genes.begin(), curation.genes.end(),
                                   [&](const GeneChoices& g) { return g.gene == mention.gene; });
    const std::vector<std::string>& needed = raw.find(mention.key)->values;
    const auto is_needed = [&](const Choice& choice) {
      return std::find(needed.begin(), needed.end(), choice.value) != needed.end();
    };
    if (std::any_of(gene->choices.begin(), gene->choices.end(),
                    [&](const Choice& choice) { return choice.kept && is_needed(choice); })) {
      continue;
    }
    for (Choice& choice : gene->choices) {
      if (!is_needed(choice)) continue;
      put_back(choice, fmt::format("'{}' asks for it", mention.key));
      break;
    }
  }
}

std::string curated_text(const nas::SpaceDescription& description, const nas::Space& space, const Curation& curation,
                         const CuratedFile& file) {
  nas::SpaceEdit edit;
  edit.folder = std::filesystem::path(file.path).parent_path().string();
  if (edit.folder.empty()) edit.folder = ".";
  edit.head = fmt::format("The space '{}' with what {} favours of it, made by lanewise {} curate.", description.name,
                          file.made_for, version());
  const engine::RawConfig raw = engine::parse_raw_config(file.raw_path, description.source);
  if (description.blocks == nullptr) {
    edit_lists(raw, curation, edit);
    edit_switch(curation, "fuse.", "fused_ibn", "network.fuse_ibn", "false", edit);
    edit_switch(curation, "channels", "aligned", "network.channel_alignment", "none", edit);
    edit_switch(curation, "channels", "even", "network.even_channels", "false", edit);
    return nas::space_text(description, file.raw_path, edit);
  }
  for (const GeneChoices& gene : curation.genes) {
    if (!gene.left_as_it_is.empty() || (all_kept(gene) && gene.default_value == 0)) continue;
    edit.genes[gene.gene] = kept_values(gene);
    edit.comments[gene.gene] = comment_of(gene);
  }
  const CapacityShares& shares = file.shares;
  const network::Graph graph = space.graph(space.defaults());
  const auto least = [](double share, std::int64_t have) {
    return static_cast<std::int64_t>(std::ceil(share * static_cast<double>(have) - 1e-6));
  };
  if (shares.parameters > 0) edit.least_parameters = least(shares.parameters, network::parameters(graph));
  if (shares.macs > 0) edit.least_macs = least(shares.macs, network::macs(graph));
  if (shares.parameters > 0 || shares.macs > 0) {
    edit.head += "\nLeast capacity is in whole numbers: it is that of the raw space's default.";
  }
  const std::string text = nas::space_text(description, file.raw_path, edit);
  require_same_encodings(description, space, text, file.path);
  return text;
}

}  // namespace lanewise::study
