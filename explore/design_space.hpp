// SPDX-License-Identifier: Apache-2.0
// From what a person chose to an engine and a network.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "explore/dial.hpp"
#include "explore/subject.hpp"
#include "nas/space/engine_space.hpp"
#include "nas/space/network_space.hpp"

namespace lanewise::explore {

// What a person chose: values by dial, of those that were moved.
struct Choice {
  std::size_t network = 0;                   // index into Subject::networks
  std::map<std::string, std::string> keys;   // of the engine
  std::map<std::string, std::string> genes;  // of the network
  bool follow = false;                       // whether keys follow those of `keys` as the family says
};

struct Design {
  Choice choice;
  engine::EngineConfig engine;                  // of no meaning where there is a refusal
  std::vector<engine::Override> changes;        // of the engine as given: what was chosen, then what is derived
  std::vector<engine::Override> followers;      // keys that follow
  std::shared_ptr<const network::Graph> graph;  // null where there is a refusal
  std::string encoding;                         // of the network in its space
  std::string refusal;                          // "", or which rule the engine or the network breaks
};

// May be asked by several threads at once.
class DesignSpace {
 public:
  // The subject must outlive it. Throws Error as spaces do.
  explicit DesignSpace(const Subject& subject);

  const std::vector<Dial>& engine_dials() const { return engine_dials_; }
  // Of one network: index into Subject::networks.
  const std::vector<Dial>& network_dials(std::size_t network) const { return networks_.at(network).dials; }
  // What moves or values a space does not offer here, with reasons.
  std::vector<std::string> left_out(std::size_t network) const;

  // Throws Error naming dial, value and rule for what is no dial, or no value of one. What is well-formed and yet
  // breaks a rule between several keys, or cannot be built, gives a design with a refusal.
  Design design(const Choice& choice) const;
  // The same network and engine give equal texts. Of a design without a refusal.
  std::string identity(const Design& design) const;

 private:
  struct Network {
    std::unique_ptr<nas::NetworkSpace> space;
    std::vector<Dial> dials;
  };
  void add_engine(Design& design) const;
  void add_network(Design& design) const;
  nas::Genotype genotype(const std::vector<nas::Gene>& genes, const std::map<std::string, std::string>& values) const;

  const Subject& subject_;
  nas::EngineSettings settings_;
  std::unique_ptr<nas::EngineSpace> engines_;
  std::vector<Dial> engine_dials_;
  std::vector<Network> networks_;
  // The networks that were built last, by what they depend on: a person drags the engine's sliders with one network.
  mutable std::mutex guard_;
  mutable std::map<std::string, std::shared_ptr<const network::Graph>> built_;
};

}  // namespace lanewise::explore
