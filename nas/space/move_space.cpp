// SPDX-License-Identifier: Apache-2.0
#include "nas/space/move_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "nas/space/entry_values.hpp"
#include "nas/space/gene_text.hpp"

namespace lanewise::nas {
namespace {

constexpr const char* kLanesText = "lanes";
constexpr const char* kStandardText = "standard";

bool contains(const std::vector<std::int64_t>& list, std::int64_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

using engine::RawConfig;
using engine::RawEntry;

void read_shares(const RawConfig& raw, const RawEntry& entry, double low, double high, std::vector<double>& known) {
  known.clear();
  for (const std::string& text : entry.values) {
    const double value = number(raw, entry, text, low, high);
    if (std::find(known.begin(), known.end(), value) != known.end()) refuse(raw, entry, text, "is given twice");
    known.push_back(value);
  }
  if (std::find(known.begin(), known.end(), 1.0) == known.end()) {
    refuse(raw, entry, fmt::format("{}", fmt::join(entry.values, ", ")), "must contain 1, the network as it is");
  }
}

void read_kernels(const RawConfig& raw, const RawEntry& entry, MoveSettings& moves) {
  moves.kernels.clear();
  for (const std::string& text : entry.values) {
    if (text != "3" && text != "5" && text != "7") refuse(raw, entry, text, "must be 3, 5 or 7");
    const std::int64_t edge = std::stoll(text);
    if (contains(moves.kernels, edge)) refuse(raw, entry, text, "is given twice");
    moves.kernels.push_back(edge);
  }
}

void read_groups(const RawConfig& raw, const RawEntry& entry, MoveSettings& moves) {
  constexpr double kMostChannels = 4096;
  moves.depthwise_groups.clear();
  for (const std::string& text : entry.values) {
    std::int64_t channels = network::Moves::kStandard;
    if (text == kLanesText) {
      channels = MoveSettings::kLanes;
    } else if (text != kStandardText) {
      const double given = number(raw, entry, text, 2, kMostChannels);
      if (given != std::floor(given)) {
        refuse(raw, entry, text, "must be a whole number of channels, 'lanes' or 'standard'");
      }
      channels = static_cast<std::int64_t>(given);
    }
    if (contains(moves.depthwise_groups, channels)) refuse(raw, entry, text, "is given twice");
    moves.depthwise_groups.push_back(channels);
  }
}

}  // namespace

std::int64_t edge_at(std::int64_t given, double share) {
  const std::int64_t step = given % 32 == 0 ? 32 : given % 2 == 0 ? 2 : 1;
  return std::max<std::int64_t>(1, std::llround(static_cast<double>(given) * share / static_cast<double>(step))) * step;
}

const std::vector<MoveKey>& move_keys() {
  using Raw = const RawConfig&;
  using Entry = const RawEntry&;
  using Moves = MoveSettings&;
  static const std::vector<MoveKey> keys = {
      {"network.fuse_ibn",
       [](Raw r, Entry e, Moves m) {
         m.fuse_ibn = choice(r, e, {"false", "true"}) == 1;
       }},
      {"network.depth_multipliers", [](Raw r, Entry e, Moves m) { read_shares(r, e, 0.05, 8, m.depth_multipliers); }},
      {"network.channel_alignment",
       [](Raw r, Entry e, Moves m) {
         m.align_channels = choice(r, e, {"none", "parallelism_factor"}) == 1;
       }},
      {"network.even_channels",
       [](Raw r, Entry e, Moves m) {
         m.even_channels = choice(r, e, {"false", "true"}) == 1;
       }},
      {"network.kernels", read_kernels},
      {"network.depthwise_groups", read_groups},
      {"network.drop_repeats",
       [](Raw r, Entry e, Moves m) {
         m.drop_repeats = choice(r, e, {"false", "true"}) == 1;
       }},
      {"network.input_resolutions", [](Raw r, Entry e, Moves m) { read_shares(r, e, 0.05, 1, m.input_resolutions); }},
      {"network.output_resolutions", [](Raw r, Entry e, Moves m) { read_shares(r, e, 0.01, 1, m.output_resolutions); }},
  };
  return keys;
}

MoveSpace::MoveSpace(const MoveSettings& settings, const network::Graph& graph)
    : graph_(graph), sites_(network::find_move_sites(graph)) {
  for (std::size_t i = 0; settings.fuse_ibn && i < sites_.fusions.size(); ++i) {
    add("fuse." + sites_.fusions[i].block, Kind::kFuse, i, {"ibn", "fused_ibn"}, {0, 1});
  }
  add_channel_genes(settings);
  add_layer_genes(settings);
  add_resolution_genes(settings);
  list_left_out(settings);
}

// Genes with one value decide nothing.
void MoveSpace::add(std::string name, Kind kind, std::size_t site, std::vector<std::string> values,
                    std::vector<double> numbers) {
  if (values.size() < 2) return;
  genes_.push_back({std::move(name), std::move(values)});
  entries_.push_back({kind, site, std::move(numbers)});
}

void MoveSpace::add_channel_genes(const MoveSettings& settings) {
  std::vector<std::string> texts = {"1"};
  std::vector<double> multipliers = {1};
  for (const double multiplier : settings.depth_multipliers) {
    if (multiplier == 1) continue;
    multipliers.push_back(multiplier);
    texts.push_back(fmt::format("{:.10g}", multiplier));
  }
  for (std::size_t i = 0; i < sites_.stages.size(); ++i) {
    add("depth_multiplier." + sites_.stages[i].name, Kind::kDepth, i, texts, multipliers);
  }
  if (sites_.stages.empty()) return;
  // What the channels are multiples of; the engine gives the number for kLanes.
  std::vector<std::string> rules = {"as_is"};
  std::vector<double> multiples = {1};
  if (settings.align_channels) {
    rules.push_back("aligned");
    multiples.push_back(static_cast<double>(MoveSettings::kLanes));
    reads_lanes_ = true;
  }
  if (settings.even_channels) {
    rules.push_back("even");
    multiples.push_back(2);
  }
  for (const std::int64_t multiple : settings.channel_multiples) {
    rules.push_back(fmt::format("{}", multiple));
    multiples.push_back(static_cast<double>(multiple));
  }
  add("channels", Kind::kChannels, 0, std::move(rules), std::move(multiples));
}

void MoveSpace::add_layer_genes(const MoveSettings& settings) {
  for (std::size_t i = 0; !settings.kernels.empty() && i < sites_.kernels.size(); ++i) {
    const network::KernelSite& site = sites_.kernels[i];
    std::vector<std::string> texts = {fmt::format("{}", site.kernel)};
    std::vector<double> edges = {0};
    for (const std::int64_t edge : settings.kernels) {
      if (edge == site.kernel) continue;
      texts.push_back(fmt::format("{}", edge));
      edges.push_back(static_cast<double>(edge));
    }
    add("kernel." + site.name, Kind::kKernel, i, std::move(texts), std::move(edges));
  }
  for (std::size_t i = 0; !settings.depthwise_groups.empty() && i < sites_.groups.size(); ++i) {
    const network::GroupSite& site = sites_.groups[i];
    std::vector<std::string> texts = {"depthwise"};
    std::vector<double> channels = {1};
    for (const std::int64_t wanted : settings.depthwise_groups) {
      const bool is_number = wanted != network::Moves::kStandard && wanted != MoveSettings::kLanes;
      const std::string text = is_number                             ? fmt::format("{}", wanted)
                               : wanted == network::Moves::kStandard ? kStandardText
                                                                     : kLanesText;
      if (is_number && (wanted >= site.channels || site.channels % wanted != 0)) {
        left_out_.push_back({fmt::format("groups.{}={}", site.name, wanted),
                             fmt::format("does not divide the {} channels of {}", site.channels, site.layer)});
        continue;
      }
      texts.push_back(text);
      channels.push_back(static_cast<double>(wanted));
      reads_lanes_ = reads_lanes_ || wanted == MoveSettings::kLanes;
    }
    add("groups." + site.name, Kind::kGroups, i, std::move(texts), std::move(channels));
  }
  for (std::size_t i = 0; settings.drop_repeats && i < sites_.runs.size(); ++i) {
    std::vector<std::string> texts;
    std::vector<double> counts;
    for (std::size_t n = 0; n <= sites_.runs[i].repeats.size(); ++n) {
      texts.push_back(fmt::format("{}", n));
      counts.push_back(static_cast<double>(n));
    }
    add("drop." + sites_.runs[i].name, Kind::kDrop, i, std::move(texts), std::move(counts));
  }
}

// Whether every shape follows is only known once it is tried.
void MoveSpace::try_value(Kind kind, double share, const std::string& text, std::vector<std::string>& values,
                          std::vector<double>& numbers) {
  const std::string name = kind == Kind::kInput ? "input_resolution" : "output_resolution";
  if (std::find(values.begin(), values.end(), text) != values.end()) {
    left_out_.push_back({fmt::format("{}={:.10g}", name, share), fmt::format("is {} again", text)});
    return;
  }
  network::Moves moves;
  if (kind == Kind::kInput) {
    moves.input_height = edge_at(sites_.input_height, share);
    moves.input_width = edge_at(sites_.input_width, share);
  } else {
    moves.output_share = share;
  }
  try {
    network::apply(graph_, moves);
  } catch (const Error& error) {
    left_out_.push_back({fmt::format("{}={}", name, text), error.what()});
    return;
  }
  values.push_back(text);
  numbers.push_back(share);
}

void MoveSpace::add_resolution_genes(const MoveSettings& settings) {
  const auto size = [](std::int64_t height, std::int64_t width) { return fmt::format("{}x{}", height, width); };
  if (sites_.input_height > 0) {
    std::vector<std::string> texts = {size(sites_.input_height, sites_.input_width)};
    std::vector<double> shares = {1};
    for (const double share : settings.input_resolutions) {
      if (share == 1) continue;
      const std::string text = size(edge_at(sites_.input_height, share), edge_at(sites_.input_width, share));
      try_value(Kind::kInput, share, text, texts, shares);
    }
    add("input_resolution", Kind::kInput, 0, std::move(texts), std::move(shares));
  }
  if (sites_.output_height > 0) {
    std::vector<std::string> texts = {"1"};
    std::vector<double> shares = {1};
    for (const double share : settings.output_resolutions) {
      if (share != 1) try_value(Kind::kOutput, share, fmt::format("{:.10g}", share), texts, shares);
    }
    add("output_resolution", Kind::kOutput, 0, std::move(texts), std::move(shares));
  }
}

// Of the moves that the settings ask for.
void MoveSpace::list_left_out(const MoveSettings& settings) {
  const bool scales = settings.depth_multipliers.size() > 1 || settings.align_channels || settings.even_channels ||
                      !settings.channel_multiples.empty();
  const auto is_wanted = [&](const std::string& move) {
    return (move == "fuse" && settings.fuse_ibn) || (move == "kernel" && !settings.kernels.empty()) ||
           (move == "groups" && !settings.depthwise_groups.empty()) || (move == "drop" && settings.drop_repeats) ||
           (move == "input_resolution" && settings.input_resolutions.size() > 1) ||
           (move == "output_resolution" && settings.output_resolutions.size() > 1);
  };
  for (const network::MoveLeftOut& left : sites_.left_out) {
    if (is_wanted(left.move))
      left_out_.push_back({left.move + (left.place.empty() ? "" : "." + left.place), left.reason});
  }
  for (std::size_t i = 0; scales && i < sites_.frozen.size(); ++i) {
    const std::string& line = sites_.frozen[i];
    const std::size_t end = line.find(": ");
    left_out_.push_back({"channels." + line.substr(0, end), line.substr(std::min(line.size(), end + 2))});
  }
}

const std::vector<std::string>& MoveSpace::engine_keys() const {
  static const std::vector<std::string> none, parallelism = {"engine.parallelism_factor"};
  return reads_lanes_ ? parallelism : none;
}

std::size_t MoveSpace::first(Kind kind) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.kind == kind; });
  return static_cast<std::size_t>(found - entries_.begin());
}

std::vector<bool> MoveSpace::dropped(const Genotype& genotype) const {
  std::vector<bool> gone(graph_.operators().size(), false);
  for (std::size_t i = first(Kind::kDrop); i < entries_.size() && entries_[i].kind == Kind::kDrop; ++i) {
    const auto& repeats = sites_.runs[entries_[i].site].repeats;
    for (std::size_t n = 0; n < static_cast<std::size_t>(genotype[i]); ++n) {
      for (const network::OperatorId id : repeats[repeats.size() - 1 - n].operators) {
        gone[static_cast<std::size_t>(id)] = true;
      }
    }
  }
  return gone;
}

Genotype MoveSpace::canonical(const Genotype& genotype) const {
  require_fits(genes_, genotype);
  Genotype result = genotype;
  const std::vector<bool> gone = dropped(genotype);
  const auto is_gone = [&](network::OperatorId id) { return gone[static_cast<std::size_t>(id)]; };
  std::vector<bool> fused(graph_.operators().size(), false);  // depthwise layers that a fusion takes in
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const std::size_t site = entries_[i].site;
    if (entries_[i].kind == Kind::kFuse) {
      const network::FusionSite& fusion = sites_.fusions[site];
      if (is_gone(fusion.depthwise)) result[i] = 0;
      if (result[i] != 0) fused[static_cast<std::size_t>(fusion.depthwise)] = true;
    } else if (entries_[i].kind == Kind::kKernel && is_gone(sites_.kernels[site].op)) {
      result[i] = 0;
    } else if (entries_[i].kind == Kind::kGroups) {
      const network::OperatorId op = sites_.groups[site].op;
      if (is_gone(op) || fused[static_cast<std::size_t>(op)]) result[i] = 0;
    }
  }
  return result;
}

network::Moves MoveSpace::moves(const Genotype& genotype, std::int64_t parallelism) const {
  require_fits(genes_, genotype);
  network::Moves moves;
  const auto at = [](auto& list, std::size_t size, std::size_t site, auto otherwise) -> decltype(auto) {
    if (list.empty()) list.assign(size, otherwise);
    return list[site];
  };
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    const double given = entry.numbers[static_cast<std::size_t>(genotype[i])];
    const auto whole = static_cast<std::int64_t>(given);
    const std::int64_t channels = whole == MoveSettings::kLanes ? parallelism : whole;
    switch (entry.kind) {
      case Kind::kFuse:
        at(moves.fuse, sites_.fusions.size(), entry.site, false) = given != 0;
        break;
      case Kind::kDepth:
        at(moves.depth_multiplier, sites_.stages.size(), entry.site, 1.0) = given;
        break;
      case Kind::kChannels:
        moves.channel_multiple = channels;
        break;
      case Kind::kKernel:
        at(moves.kernel, sites_.kernels.size(), entry.site, std::int64_t{0}) = whole;
        break;
      case Kind::kGroups:
        at(moves.group_channels, sites_.groups.size(), entry.site, std::int64_t{1}) = channels;
        break;
      case Kind::kDrop:
        at(moves.drop, sites_.runs.size(), entry.site, 0) = static_cast<int>(whole);
        break;
      case Kind::kInput:
        if (given == 1) break;
        moves.input_height = edge_at(sites_.input_height, given);
        moves.input_width = edge_at(sites_.input_width, given);
        break;
      case Kind::kOutput:
        moves.output_share = given;
        break;
    }
  }
  return moves;
}

network::Graph MoveSpace::build(const Genotype& genotype, const engine::EngineConfig& engine) const {
  return network::apply(graph_, moves(genotype, engine.array.parallelism_factor));
}

std::string MoveSpace::encode(const Genotype& genotype) const {
  return encode_changes(genes_, canonical(genotype), '/');
}

Genotype MoveSpace::decode(const std::string& encoding) const {
  return canonical(decode_changes(genes_, encoding, '/'));
}

}  // namespace lanewise::nas
