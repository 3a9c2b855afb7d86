// SPDX-License-Identifier: Apache-2.0
// What a network is made of, as numbers: networks made of the same have errors of the same size, whatever their names.
#pragma once

#include <map>
#include <string>

#include "core/mapping/subgraph.hpp"

namespace lanewise::estimator {

// Shares of a network's work by kind of subgraph ("convolution 3x3"): half of the sum are shares of the MACs, half are
// shares of the bytes of all inputs and outputs; without MACs all are shares of bytes. They do not depend on the engine
// but for what it fuses and cascades.
class NetworkMix {
 public:
  NetworkMix() = default;
  explicit NetworkMix(std::map<std::string, double> shares) : shares_(std::move(shares)) {}
  const std::map<std::string, double>& shares() const { return shares_; }
  // The share of work that the networks do not have in common, 0 (the same) to 1 (nothing alike).
  double distance(const NetworkMix& other) const;

 private:
  std::map<std::string, double> shares_;  // by kind, with "macs " or "bytes " before it
};

// Collects the subgraphs of one network.
class MixCounter {
 public:
  void add(const mapping::SubgraphShape& shape, double times);
  NetworkMix mix() const;

 private:
  std::map<std::string, double> macs_, bytes_;  // by kind
};

}  // namespace lanewise::estimator
