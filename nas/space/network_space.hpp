// SPDX-License-Identifier: Apache-2.0
// The network half of a search space: which networks there are and how each is written as text. Two kinds implement it:
// moves on a given network, and networks built from stages of blocks without any file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "nas/space/gene.hpp"
#include "nas/space/stretch.hpp"

namespace lanewise::nas {

// A move that somebody may expect and that the network does not allow.
struct LeftOut {
  std::string gene;    // "kernel.conv7", "drop.stage2"
  std::string reason;  // one line
};

// A layer with a weight (a convolution, a fully connected layer) that networks of a space may have.
struct SpaceLayer {
  std::string name;          // of the operator
  std::string place;         // as genes name it: "b.0.expand", "conv7"
  std::string block, stage;  // that it belongs to, as genes name them: "b.0" and "b", "ibn3" and "stage2"
  bool spared = false;       // whether `--prune` and `--cluster` leave it alone: depthwise, or the first
  std::int64_t inputs = 0;   // input channels of one group; 0: they differ from network to network
};

class NetworkSpace {
 public:
  virtual ~NetworkSpace() = default;
  // Value 0 of each gene is its default.
  virtual const std::vector<Gene>& genes() const = 0;
  // The genotype that stands for all that mean the same network: genes that do not matter, given the others, take their
  // default. Idempotent.
  virtual Genotype canonical(const Genotype& genotype) const = 0;
  // The network of a genotype. Channels may follow the engine, whose parallelism factor is known to the space only
  // here. Throws Error where the genes contradict each other.
  virtual network::Graph build(const Genotype& genotype, const engine::EngineConfig& engine) const = 0;
  // The keys of the engine that `build` reads, all of them numbers: two engines that agree on them give equal networks.
  virtual const std::vector<std::string>& engine_keys() const = 0;
  // The encoding string: equal for genotypes of equal canonical form and different for others; printable ASCII without
  // spaces, commas and quotes, so that it is one cell of a CSV file and one word of a shell.
  virtual std::string encode(const Genotype& genotype) const = 0;
  // The canonical genotype of an encoding. Throws Error naming the text, the part that is wrong and the rule.
  virtual Genotype decode(const std::string& encoding) const = 0;
  // What does not apply to this network, with reasons, so that nothing is left out silently.
  virtual const std::vector<LeftOut>& left_out() const = 0;
  // How its networks fall into stretches, the same for all of them; empty where they do not, or nobody says so. With
  // them designs are priced without being built.
  virtual std::vector<Stretch> stretches() const { return {}; }
  // Every layer that any of its networks may have, in the order of the network.
  virtual std::vector<SpaceLayer> layers() const { return {}; }
  // Which of them the network of a canonical genotype has.
  virtual std::vector<bool> has_layers(const Genotype&) const { return {}; }
  // The space without what its layers' numbers may be: itself where it says nothing of them.
  virtual const NetworkSpace& topology() const { return *this; }
};

}  // namespace lanewise::nas
