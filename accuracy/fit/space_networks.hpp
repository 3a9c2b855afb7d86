// SPDX-License-Identifier: Apache-2.0
// The networks of a search space by their encodings, where nothing else than the space is needed to build them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "nas/space/network_space.hpp"
#include "nas/space/space_description.hpp"

namespace lanewise::fit {

class SpaceNetworks {
 public:
  // `space` is a path, or a name of spaces/. Throws Error as nas::load_space, and where the networks need a network
  // that moves are made on, or follow an engine.
  explicit SpaceNetworks(const std::string& space);
  const std::string& name() const { return description_.name; }
  // The network. Throws Error naming the encoding, the part that is wrong and the rule.
  network::Graph graph(const std::string& encoding) const;
  // The encoding of the same network as the space itself writes it.
  std::string canonical(const std::string& encoding) const;

 private:
  nas::SpaceDescription description_;
  std::unique_ptr<nas::NetworkSpace> networks_;
};

// The column `encoding` of a table, other columns not looked at, in the order of the rows, each text once. Throws Error
// naming the file where there is no such column or a cell of it is empty.
std::vector<std::string> read_encodings(const std::string& path);

}  // namespace lanewise::fit
