// SPDX-License-Identifier: Apache-2.0
// The networks of another space, whose layers may also be pruned, clustered and held in other precisions.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/network/layer_numbers.hpp"
#include "nas/space/network_space.hpp"
#include "nas/space/number_rules.hpp"

namespace lanewise::nas {

// Stands in encodings before each change of the numbers: "22212202~all.prune=2:4~all.weights.b=int4".
inline constexpr char kNumberMark = '~';
// The first value of every such gene: the layers are what they are.
inline constexpr const char* kAsIs = "as_is";

class NumberSpace : public NetworkSpace {
 public:
  // Genes are those of `networks`, then "<rule>.<property>" of each rule, with ".<place>" behind it where it decides
  // about a stage, a block or a layer. A layer goes by the last rule that means it. Throws Error where a rule means no
  // layer of any network, or there would be too many genes.
  NumberSpace(std::vector<NumberRule> rules, std::unique_ptr<NetworkSpace> networks);

  const std::vector<Gene>& genes() const override { return genes_; }
  Genotype canonical(const Genotype& genotype) const override;
  network::Graph build(const Genotype& genotype, const engine::EngineConfig& engine) const override;
  const std::vector<std::string>& engine_keys() const override { return networks_->engine_keys(); }
  std::string encode(const Genotype& genotype) const override;
  Genotype decode(const std::string& encoding) const override;
  const std::vector<LeftOut>& left_out() const override { return left_out_; }
  const NetworkSpace& topology() const override { return networks_->topology(); }

 private:
  enum class Property { kPrune, kCluster, kWeights, kActivations };
  struct NumberGene {
    std::size_t rule = 0;
    std::vector<std::size_t> layers;             // that it decides about
    std::vector<network::LayerNumbers> numbers;  // by value; empty of the first
  };

  std::vector<NumberRule> rules_;
  std::unique_ptr<NetworkSpace> networks_;
  std::vector<SpaceLayer> layers_;
  std::map<std::string, std::size_t> layer_of_;  // by name
  std::vector<std::size_t> rule_of_;             // by layer; the number of rules: none
  std::vector<NumberGene> number_genes_;
  std::vector<Gene> own_;  // of the numbers
  std::vector<Gene> genes_;
  std::vector<LeftOut> left_out_;

  void assign_rules();
  void add_genes(std::size_t rule, Property property, const std::vector<std::string>& values);
  void list_refused(const Gene& gene, const NumberGene& decides);
  Genotype network_part(const Genotype& genotype) const;
  Genotype number_part(const Genotype& genotype) const;
};

}  // namespace lanewise::nas
