// SPDX-License-Identifier: Apache-2.0
// Which genotypes lie next to one another: those that differ in one gene, by one value of its order.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "core/base/random.hpp"
#include "nas/space/gene.hpp"

namespace lanewise::nas {

// The values of each gene that a genotype may have, as indices of its values.
using AllowedValues = std::vector<std::vector<int>>;
// All of them. Genes from `fixed_from` on have their default alone.
AllowedValues all_values(const std::vector<Gene>& genes, std::size_t fixed_from);

class Neighbourhood {
 public:
  // A gene whose values are all different numbers, with or without units, is ordered by them: a step goes to the next
  // of its kept values. Of any other gene each kept value is a step from each. Throws InternalError where `kept` does
  // not fit the genes.
  Neighbourhood(const std::vector<Gene>& genes, const AllowedValues& kept);
  // The kept values of a gene in its order.
  const std::vector<int>& order(std::size_t gene) const { return orders_[gene]; }
  bool is_ordered(std::size_t gene) const { return ordered_[gene]; }
  // What the gene may become by one step. A value that is not kept has the kept ones nearest in its order.
  std::vector<int> steps(std::size_t gene, int value) const;
  // Every gene with every value by one step, in the order of the genes.
  std::vector<std::pair<std::size_t, int>> steps(const Genotype& genotype) const;
  // Each gene uniformly one of its kept values.
  Genotype draw(Random& random) const;

 private:
  std::vector<std::vector<int>> orders_;
  std::vector<bool> ordered_;
};

}  // namespace lanewise::nas
