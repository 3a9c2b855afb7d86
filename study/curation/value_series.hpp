// SPDX-License-Identifier: Apache-2.0
// The values of one gene in one setting of the others: which of them are asked for, and what is known of the rest.
#pragma once

#include <cstddef>
#include <set>
#include <utility>
#include <vector>

#include "nas/space/gene.hpp"
#include "study/curation/curated_costs.hpp"
#include "study/curation/dominance.hpp"

namespace lanewise::study {

// Genes of at most so many values are asked for all of them.
inline constexpr std::size_t kFewValues = 12;

// The values in order of size, where all of them are numbers or pairs of numbers; empty where they are not.
std::vector<std::size_t> numeric_order(const nas::Gene& gene);

class ValueSeries {
 public:
  // `order`: the values by size, or empty: all values are asked for. The context must hold a value of the gene.
  ValueSeries(std::size_t gene, nas::Genotype context, std::size_t values, std::vector<std::size_t> order);

  std::size_t gene() const { return gene_; }
  const nas::Genotype& context() const { return context_; }
  nas::Genotype with(std::size_t value) const;
  // Values to ask for first: the ends and, by `fills`, how well each fills the array (CuratedCosts::fill), those that
  // fill it better than their neighbours, with the next larger. Empty fills where all are asked for.
  std::vector<std::size_t> first_questions(const std::vector<double>& fills) const;
  bool asks_all() const { return order_.empty(); }
  void answer(std::size_t value, const PricedNetwork* network) { networks_[value] = network; }
  // What to ask next: the middle of each stretch between two answers where cost rises, until none is left between, and
  // of each where it is level once.
  std::vector<std::size_t> next_questions(double price);
  // Sizes of all values; of those that were not asked for, on the line between their neighbours.
  ValueSizes sizes() const;
  bool asked(std::size_t value) const { return networks_[value] != nullptr; }
  std::size_t asked() const;
  const PricedNetwork* network(std::size_t value) const { return networks_[value]; }

 private:
  std::size_t gene_;
  nas::Genotype context_;
  std::vector<std::size_t> order_;
  std::vector<const PricedNetwork*> networks_;           // by value
  std::set<std::pair<std::size_t, std::size_t>> level_;  // stretches, by their ends in order_, that were looked into
};

}  // namespace lanewise::study
