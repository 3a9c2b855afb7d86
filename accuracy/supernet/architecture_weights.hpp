// SPDX-License-Identifier: Apache-2.0
// A distribution over the networks of a space that is learnt: for each gene one number per value, whose softmax is how
// likely the value is drawn, genes apart from each other. No type of libtorch is seen here.
//
// Source: Williams, Simple statistical gradient-following algorithms for connectionist reinforcement learning, Machine
// Learning 8, 1992; as the architecture weights of ProxylessNAS (Cai, Zhu and Han, ICLR 2019) and TuNAS (Bender and
// others, CVPR 2020).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "nas/space/gene.hpp"

namespace lanewise::accuracy {

class ArchitectureWeights {
 public:
  // Every value of a gene as likely as the others.
  explicit ArchitectureWeights(const std::vector<nas::Gene>& genes);

  nas::Genotype draw(Random& random) const;
  std::vector<double> probabilities(std::size_t gene) const;
  double log_probability(const nas::Genotype& genotype) const;  // in nats
  double entropy() const;                                       // in nats, summed over genes
  double most_entropy() const;                                  // of a distribution that has learnt nothing
  // 1 - the probability of the likeliest value, the mean over genes: 0 is one network.
  double distance() const;
  // The likeliest genotype that is accepted, asked for in falling order of probability, at most `tries` of them.
  // Throws Error where none is.
  nas::Genotype likeliest(const std::function<bool(const nas::Genotype&)>& accepts, std::int64_t tries = 20'000) const;

  // Gradients of what is to become smaller: `cost` times that of the log-probability of a genotype that was drawn, and
  // `weight` times that of the entropy. They add up until descend().
  void add(const nas::Genotype& genotype, double cost);
  void add_entropy(double weight);
  // One step of Adam (Kingma and Ba, 2015) with its usual decays, and forgets the gradients.
  void descend(double rate);

  // All numbers exactly, as text; load is false, and leaves everything as it is, for a text of other genes or none.
  std::string text() const;
  bool load(const std::string& text);

 private:
  struct Number {
    double logit = 0, gradient = 0, mean = 0, square = 0;
  };
  std::vector<std::vector<Number>> genes_;
  std::int64_t steps_ = 0;
};

}  // namespace lanewise::accuracy
