// SPDX-License-Identifier: Apache-2.0
// A space of blocks as a supernet sees it: which genes are sizes, and which layers of two networks share weights. No
// type of libtorch is seen here.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "nas/space/network_space.hpp"
#include "nas/space/space_description.hpp"

namespace lanewise::accuracy {

// What a gene does to weights that are shared. The smaller values of a size are slices of the larger ones.
enum class GeneRole {
  kChoice,     // a type of block, an activation, a stride: values that no order makes larger or smaller
  kDepth,      // repeats of a stage: the first blocks
  kExpansion,  // channels inside a block: the first channels
  kKernel,     // the centre of the kernel
  kWidth,      // channels of a stage, the stem or the head: the first channels
};
const char* to_string(GeneRole role);  // "choice", "depth", "expansion", "kernel", "width"

// A network of the space with the place of each of its weights.
struct PlacedNetwork {
  network::Graph graph;
  std::vector<std::string> places;  // by tensor; "" of those that are no weights
};

// Genes whose values have weights of their own, beside types of blocks, which always have.
struct ApartGenes {
  std::vector<std::string> weights;         // of all layers
  std::vector<std::string> normalizations;  // of normalizations alone
};

class SupernetSpace {
 public:
  // `path` names the text in messages. Throws Error as nas::parse_space, where the space has no networks of its own or
  // they follow an engine, and where a gene that is to be apart is not there.
  SupernetSpace(const std::string& path, const std::string& text, const ApartGenes& apart = {});
  const std::string& name() const { return description_.name; }
  const std::string& text() const { return description_.source; }
  const nas::NetworkSpace& networks() const { return *networks_; }
  const std::vector<nas::Gene>& genes() const { return networks_->genes(); }
  const std::vector<GeneRole>& roles() const { return roles_; }
  // The values of a size from the smallest to the largest; empty of a choice.
  const std::vector<int>& ascending(std::size_t gene) const { return ascending_[gene]; }

  nas::Genotype canonical(const nas::Genotype& genotype) const { return networks_->canonical(genotype); }
  std::string encode(const nas::Genotype& genotype) const { return networks_->encode(genotype); }
  // Throws Error naming the encoding, the part that is wrong and the rule.
  nas::Genotype decode(const std::string& encoding) const { return networks_->decode(encoding); }
  network::Graph graph(const nas::Genotype& genotype) const;
  // Weights share a place, and so numbers, where their layers have the same name, lie in blocks of the same type, and
  // agree in the number of groups, unless they are depthwise. A layer outside the stages shares with those that read
  // the same stage. Genes that are apart make places of their own.
  PlacedNetwork place(const nas::Genotype& genotype) const;
  // The place without what apart genes add: networks differ in nothing but size there.
  static std::string without_apart(const std::string& place);

 private:
  void find_roles();
  void take(const nas::Setting& setting, GeneRole role);
  std::vector<std::size_t> indices_of(const std::vector<std::string>& names) const;

  nas::SpaceDescription description_;
  std::unique_ptr<nas::NetworkSpace> networks_;
  std::vector<GeneRole> roles_;
  std::vector<bool> seen_;
  std::vector<std::vector<int>> ascending_;
  std::vector<std::size_t> apart_weights_, apart_normalizations_;
};

}  // namespace lanewise::accuracy
