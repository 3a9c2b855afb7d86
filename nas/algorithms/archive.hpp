// SPDX-License-Identifier: Apache-2.0
// Everything that a search was told: what algorithms share. It gives canonical genotypes, none twice, and knows when
// none is left.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "nas/algorithms/algorithm.hpp"
#include "nas/algorithms/state_text.hpp"

namespace lanewise::nas {

class Archive {
 public:
  // Throws Error on options out of range, on a gene without values and on seeds that do not fit the genes. `problem`
  // outlives the archive.
  Archive(const Problem& problem, const SearchOptions& options, const std::vector<Genotype>& seeds);

  const Problem& problem() const { return problem_; }
  const std::vector<Gene>& genes() const { return genes_; }
  int values_of(std::size_t gene) const { return static_cast<int>(genes_[gene].values.size()); }
  // Genotypes of the space, those that mean the same counted each; exact below 2^53.
  double size() const { return size_; }
  // Chance per gene of a mutation: as given, or one gene in expectation.
  double mutation() const { return mutation_; }
  // Everything told, in order.
  const std::vector<Individual>& all() const { return all_; }
  bool holds(const Genotype& canonical) const { return seen_.count(canonical) > 0; }
  // Every candidate of the space once, in counting order. For spaces whose genotypes can be counted through.
  std::vector<Genotype> enumerate() const;
  // Whether every candidate of the space was told or offered.
  bool exhausted() const { return exhausted_ || static_cast<double>(seen_.size()) >= size_; }

  // Every genotype draws its own share of genes that leave the default: uniform draws of all genes would crowd in the
  // middle of the space and leave its ends to mutation.
  Genotype random_genotype(Random& random) const;
  // Every gene uniform.
  Genotype uniform_genotype(Random& random) const;
  // Another value of the gene, each with the same probability; nothing where the gene has one value.
  void change(Genotype& genotype, std::size_t gene, Random& random) const;
  // Each gene changes with the chance mutation().
  void mutate(Genotype& genotype, Random& random) const;
  // Uniform crossover: choices have no order along the genotype that one- or two-point crossover could keep.
  void cross(Genotype& child, const Genotype& other, Random& random) const;

  // Adds what the genotype stands for to the batch unless it was told or offered before; whether it was added.
  bool offer(std::vector<Genotype>& batch, const Genotype& genotype);
  // The same, or for one near it that was not told or offered before; false where none is left.
  bool offer_new(std::vector<Genotype>& batch, Genotype genotype, Random& random);
  // Whether the default genotype or a seed was not told yet.
  bool has_first() const;
  // The default genotype and the seeds as far as they were not told, filled up to `count` with random genotypes.
  std::vector<Genotype> first_batch(std::size_t count, Random& random);

  // Takes the batch in; what was told before is passed over. What was offered and is not told is free again.
  void tell(const std::vector<Genotype>& batch, const std::vector<Evaluation>& evaluations);

  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  void check_fits(const Genotype& genotype, const char* what) const;

  const Problem& problem_;
  const std::vector<Gene>& genes_;
  std::vector<Genotype> seeds_;  // canonical, the default first
  double size_ = 1;
  double mutation_ = 0;
  bool exhausted_ = false;      // nothing new was found by counting
  std::set<Genotype> seen_;     // told or offered
  std::vector<Genotype> open_;  // offered since the last tell
  std::vector<Individual> all_;
};

// Feasible and non-dominated among `individuals`, sorted by first objective, then by genotype. Of candidates with equal
// objectives it holds the one with the fewest genes away from the default.
std::vector<Individual> front_of(const std::vector<Individual>& individuals);
// Those with the least violation of all, where none is feasible, in the same order; at most `count`.
std::vector<Individual> least_violating(const std::vector<Individual>& individuals, std::size_t count);

}  // namespace lanewise::nas
