// SPDX-License-Identifier: Apache-2.0
// A search space: networks and engines. A genotype holds the genes of the network first, then those of the engine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "nas/space/engine_space.hpp"
#include "nas/space/gene.hpp"
#include "nas/space/network_space.hpp"
#include "nas/space/space_description.hpp"

namespace lanewise::nas {

// The networks that a description speaks of: its own, or moves on `model`, which must outlive what is returned. Throws
// Error where the description needs a network and `model` is null, or has networks of its own and it is not.
std::unique_ptr<NetworkSpace> make_network_space(const SpaceDescription& description, const network::Graph* model);

// The networks of a description that has its own ones and needs no engine to build them. Throws Error naming the rule
// where it has only moves on others, or where its networks follow keys of an engine.
std::unique_ptr<NetworkSpace> make_networks_without_engine(const SpaceDescription& description);

// The rules of the family by which keys follow others: what EngineSpace needs where the description says
// `engine.follow`. Throws Error as engine::load_follow_rules.
std::vector<engine::FollowRule> follow_rules(const engine::Family& family);

class Space {
 public:
  // Throws Error as EngineSpace.
  Space(const SpaceDescription& description, std::unique_ptr<NetworkSpace> network, const engine::EngineConfig& base,
        const engine::Family& family);
  const std::vector<Gene>& genes() const { return genes_; }
  // The first so many genes are the network's.
  std::size_t network_genes() const { return network_->genes().size(); }
  const NetworkSpace& network() const { return *network_; }
  const EngineSpace& engines() const { return engine_; }
  Genotype defaults() const { return Genotype(genes_.size(), 0); }
  Genotype network_part(const Genotype& genotype) const;
  Genotype engine_part(const Genotype& genotype) const;
  // The genotype that stands for all that mean the same design.
  Genotype canonical(const Genotype& genotype) const;
  // Throws Error where the engine refuses the genotype's values together.
  engine::EngineConfig engine(const Genotype& genotype) const { return engine_.engine(engine_part(genotype)); }
  std::vector<engine::Override> engine_overrides(const Genotype& genotype) const;
  // The network on the genotype's own engine. Throws Error as `engine` and NetworkSpace::build.
  network::Graph graph(const Genotype& genotype) const;
  network::Graph graph(const Genotype& genotype, const engine::EngineConfig& engine) const;
  // Equal for genotypes that have equal networks on these engines: a key for those who keep networks. No text to show.
  std::string graph_key(const Genotype& genotype, const engine::EngineConfig& engine) const;
  // The network's encoding and, where the engine is not the base, "@KEY=VALUE" for each of its changed genes:
  // "B-r-1-s8/…@engine.parallelism_factor=32@memory.bank_size=16KiB".
  std::string encode(const Genotype& genotype) const;
  // The canonical genotype of an encoding. Throws Error naming the text, the part that is wrong and the rule.
  Genotype decode(const std::string& encoding) const;
  // Only genes that differ from the default, "NAME=VALUE" in gene order.
  std::vector<std::string> describe(const Genotype& genotype) const;
  // "NAME: reason" of moves that do not apply, "KEY=VALUE: reason" of engine values that the base engine refuses.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  std::unique_ptr<NetworkSpace> network_;
  EngineSpace engine_;
  std::vector<Gene> genes_;
  std::vector<std::string> left_out_;
};

}  // namespace lanewise::nas
