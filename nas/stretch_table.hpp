// SPDX-License-Identifier: Apache-2.0
// The stretches of the networks that a search has met, taken apart into subgraphs. A network whose stretches are known
// is put together from them and never built. Private to the pricer of designs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/mapping/flat_network.hpp"
#include "core/network/graph.hpp"
#include "nas/space/network_space.hpp"

namespace lanewise::nas {

// What is known of a network without an engine's costs.
struct NetworkSizes {
  std::int64_t macs = 0, parameters = 0, parameter_bytes = 0;
  std::int64_t peak_activation_bytes = 0;
  std::int64_t input_pixels = 1;  // network::input_pixels
};
// `wants_peak`: whether peak_activation_bytes is asked for; it is 0 otherwise.
NetworkSizes sizes_of(const network::Graph& graph, bool wants_peak);

// A network fused for an engine.
struct FusedNetwork {
  mapping::FlatNetwork flat;
  NetworkSizes sizes;
};

class StretchTable {
 public:
  // Both must outlive the table.
  StretchTable(const NetworkSpace& space, mapping::ShapeTable& shapes);
  // The network of a genotype on an engine without cascades: as NetworkSpace::build and mapping::fuse_operators give
  // it. False where it does not fall into the stretches of the space, or there are none. Throws Error as the two.
  // `number` is that of the engine, asked for again with the same engine.
  struct EngineNumber {
    std::uint64_t number = 0;
    std::int64_t generation = -1;  // how often the table had been cleared when it was found
  };
  bool find(const Genotype& genotype, const engine::EngineConfig& engine, EngineNumber& number, FusedNetwork& network);

  // What has been kept, all of it forgotten by clear().
  std::size_t size() const { return pieces_.size(); }
  void clear();
  // Networks that had to be built because a stretch was new.
  std::int64_t builds() const { return builds_; }

 private:
  // Tensor 0 is the one that comes in, of all but the first stretch.
  struct Piece {
    mapping::FlatNetwork flat;
    std::int32_t outgoing = 0;
    NetworkSizes sizes;
  };
  using Place = std::uint32_t;  // in pieces_
  struct Key {
    std::uint64_t genes = 0;  // values of the stretch's genes, as digits of a number
    std::uint64_t rest = 0;   // the stretch and the values of the engine
    bool operator==(const Key& other) const { return genes == other.genes && rest == other.rest; }
  };
  struct Hash {
    std::size_t operator()(const Key& key) const {
      const std::uint64_t mixed = (key.genes ^ key.rest * 0xbf58476d1ce4e5b9ULL) * 0x9e3779b97f4a7c15ULL;
      return static_cast<std::size_t>(mixed ^ mixed >> 32);
    }
  };

  std::uint64_t engine_number(const engine::EngineConfig& engine);
  void find_keys(const Genotype& genotype, const engine::EngineConfig& engine, EngineNumber& number);
  bool find_places();
  bool build(const Genotype& genotype, const engine::EngineConfig& engine, EngineNumber& number);
  void append(const Piece& piece, std::int32_t& incoming, bool first, FusedNetwork& network) const;

  const NetworkSpace& space_;
  mapping::ShapeTable& shapes_;
  std::vector<Stretch> stretches_;
  std::vector<std::uint64_t> radix_;                     // by gene: how many values it has
  std::unordered_map<std::string, std::size_t> by_end_;  // numbers of stretches
  bool reads_lanes_ = false;                             // whether some network asked for the engine's lanes
  std::vector<std::vector<double>> engines_;             // values of engines that networks differ by
  std::vector<Piece> pieces_;
  std::unordered_map<Key, Place, Hash> places_;
  std::vector<Key> keys_;     // of the genotype at hand
  std::vector<Place> found_;  // of the genotype at hand
  std::int64_t builds_ = 0, generation_ = 0;
};

}  // namespace lanewise::nas
