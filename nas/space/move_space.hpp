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
  bool even_channels = false;                   // network.even_channels: channels may be rounded to even numbers
  std::vector<std::int64_t> channel_multiples;  // no key: channels may be rounded to multiples of each of these
  std::vector<std::int64_t> kernels;            // network.kernels: edges, of 3, 5 and 7; one gene per convolution
  // network.depthwise_groups: channels of a group; one gene per depthwise convolution. kStandard and kLanes beside
  // numbers.
  std::vector<std::int64_t> depthwise_groups;
  static constexpr std::int64_t kLanes = -1;  // as many as the engine's parallelism factor
  bool drop_repeats = false;                  // network.drop_repeats: one gene per run of repeated blocks
  // network.input_resolutions, network.output_resolutions: shares of the given edges; contain 1.
  std::vector<double> input_resolutions = {1}, output_resolutions = {1};
};

// A key of the section `network` and what reads it.
struct MoveKey {
  std::string name;  // "network.fuse_ibn"
  std::function<void(const engine::RawConfig&, const engine::RawEntry&, MoveSettings&)> read;
};
const std::vector<MoveKey>& move_keys();  // in the reference's order

// The edge nearest to the share of a given one: a multiple of 32 where that is one, as networks halve their maps five
// times, else even where it is even.
std::int64_t edge_at(std::int64_t given, double share);

class MoveSpace : public NetworkSpace {
 public:
  // The graph must outlive the space.
  MoveSpace(const MoveSettings& settings, const network::Graph& graph);
  const std::vector<Gene>& genes() const override { return genes_; }
  // What no longer matters takes its default: genes of blocks that are dropped, groups of a depthwise convolution that
  // is fused.
  Genotype canonical(const Genotype& genotype) const override;
  network::Graph build(const Genotype& genotype, const engine::EngineConfig& engine) const override;
  const std::vector<std::string>& engine_keys() const override;
  std::string encode(const Genotype& genotype) const override;
  Genotype decode(const std::string& encoding) const override;
  const std::vector<LeftOut>& left_out() const override { return left_out_; }
  std::vector<Stretch> stretches() const override { return move_stretches(graph_, genes_); }
  // Blocks are those that `network show` recognises, or the layer itself; stages those of depth multipliers, by the
  // size of what the layer writes, and "rest".
  std::vector<SpaceLayer> layers() const override;
  std::vector<bool> has_layers(const Genotype& genotype) const override;

  // `parallelism` is the engine's: what aligned channels are multiples of.
  network::Moves moves(const Genotype& genotype, std::int64_t parallelism) const;
  const network::MoveSites& sites() const { return sites_; }

 private:
  enum class Kind { kFuse, kDepth, kChannels, kKernel, kGroups, kDrop, kInput, kOutput };
  // What a gene decides, and the number that each of its values stands for.
  struct Entry {
    Kind kind = Kind::kFuse;
    std::size_t site = 0;         // among the network's sites of this kind
    std::vector<double> numbers;  // by value
  };

  const network::Graph& graph_;
  network::MoveSites sites_;
  std::vector<Gene> genes_;
  std::vector<Entry> entries_;  // by gene
  std::vector<LeftOut> left_out_;
  bool reads_lanes_ = false;

  void add(std::string name, Kind kind, std::size_t site, std::vector<std::string> values, std::vector<double> numbers);
  void add_channel_genes(const MoveSettings& settings);
  void add_layer_genes(const MoveSettings& settings);
  void add_resolution_genes(const MoveSettings& settings);
  void try_value(Kind kind, double share, const std::string& text, std::vector<std::string>& values,
                 std::vector<double>& numbers);
  void list_left_out(const MoveSettings& settings);
  std::size_t first(Kind kind) const;  // gene; the number of genes where there is none
  // The operators that the genotype leaves out with the blocks that it drops.
  std::vector<bool> dropped(const Genotype& genotype) const;
};

}  // namespace lanewise::nas
