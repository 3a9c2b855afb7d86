// SPDX-License-Identifier: Apache-2.0
#include "nas/space/move_space.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "nas/space/entry_values.hpp"
#include "nas/space/gene_text.hpp"

namespace lanewise::nas {
namespace {

using engine::RawConfig;
using engine::RawEntry;

void read_multipliers(const RawConfig& raw, const RawEntry& entry, MoveSettings& moves) {
  std::vector<double>& known = moves.depth_multipliers;
  known.clear();
  for (const std::string& text : entry.values) {
    const double value = number(raw, entry, text, 0.05, 8);
    if (std::find(known.begin(), known.end(), value) != known.end()) refuse(raw, entry, text, "is given twice");
    known.push_back(value);
  }
  if (std::find(known.begin(), known.end(), 1.0) == known.end()) {
    refuse(raw, entry, fmt::format("{}", fmt::join(entry.values, ", ")), "must contain 1, the network as it is");
  }
}

}  // namespace

const std::vector<MoveKey>& move_keys() {
  using Raw = const RawConfig&;
  using Entry = const RawEntry&;
  using Moves = MoveSettings&;
  static const std::vector<MoveKey> keys = {
      {"network.fuse_ibn",
       [](Raw r, Entry e, Moves m) {
         m.fuse_ibn = choice(r, e, {"false", "true"}) == 1;
       }},
      {"network.depth_multipliers", read_multipliers},
      {"network.channel_alignment",
       [](Raw r, Entry e, Moves m) {
         m.align_channels = choice(r, e, {"none", "parallelism_factor"}) == 1;
       }},
  };
  return keys;
}

MoveSpace::MoveSpace(const MoveSettings& settings, const network::Graph& graph)
    : graph_(graph), sites_(network::find_move_sites(graph)) {
  if (settings.fuse_ibn) {
    for (const network::FusionSite& site : sites_.fusions)
      genes_.push_back({"fuse." + site.block, {"ibn", "fused_ibn"}});
    fusion_genes_ = sites_.fusions.size();
  }
  multipliers_ = {1.0};
  for (const double multiplier : settings.depth_multipliers) {
    if (multiplier != 1.0) multipliers_.push_back(multiplier);
  }
  if (multipliers_.size() > 1) {
    std::vector<std::string> texts;
    for (const double multiplier : multipliers_) texts.push_back(fmt::format("{:.10g}", multiplier));
    for (const network::Stage& stage : sites_.stages) genes_.push_back({"depth_multiplier." + stage.name, texts});
    stage_genes_ = sites_.stages.size();
  }
  if (settings.align_channels && !sites_.stages.empty()) {
    genes_.push_back({"channels", {"as_is", "aligned"}});
    channel_genes_ = 1;
  }
}

const std::vector<std::string>& MoveSpace::engine_keys() const {
  static const std::vector<std::string> none, parallelism = {"engine.parallelism_factor"};
  return channel_genes_ == 0 ? none : parallelism;
}

network::Moves MoveSpace::moves(const Genotype& genotype, std::int64_t parallelism) const {
  require_fits(genes_, genotype);
  network::Moves moves;
  for (std::size_t i = 0; i < fusion_genes_; ++i) moves.fuse.push_back(genotype[i] == 1);
  for (std::size_t i = 0; i < stage_genes_; ++i) {
    moves.depth_multiplier.push_back(multipliers_[static_cast<std::size_t>(genotype[fusion_genes_ + i])]);
  }
  if (channel_genes_ == 1 && genotype[fusion_genes_ + stage_genes_] == 1) moves.channel_multiple = parallelism;
  return moves;
}

network::Graph MoveSpace::build(const Genotype& genotype, const engine::EngineConfig& engine) const {
  return network::apply(graph_, moves(genotype, engine.array.parallelism_factor));
}

std::string MoveSpace::encode(const Genotype& genotype) const { return encode_changes(genes_, genotype, '/'); }

Genotype MoveSpace::decode(const std::string& encoding) const { return decode_changes(genes_, encoding, '/'); }

}  // namespace lanewise::nas
