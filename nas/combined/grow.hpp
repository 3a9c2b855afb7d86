// SPDX-License-Identifier: Apache-2.0
// The candidates of a combined search: grown by evolution, or the whole space where it is small.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "nas/combined/combined_search.hpp"

namespace lanewise::nas {

// A candidate with all that is known of it without a training.
struct Grown {
  Genotype genotype;
  Evaluation costs;      // of the objectives but the trained one
  UntrainedFacts facts;  // empty where the design cannot be
};

// Prices and describes candidates, each once.
class Grower {
 public:
  explicit Grower(CombinedProblem& problem) : problem_(problem) {}
  // Canonical genotypes; the places of each in all().
  std::vector<std::size_t> look_at(const std::vector<Genotype>& genotypes);
  const std::vector<Grown>& all() const { return all_; }
  const Grown& operator[](std::size_t place) const { return all_[place]; }
  bool knows(const Genotype& genotype) const { return places_.count(genotype) > 0; }

 private:
  CombinedProblem& problem_;
  std::vector<Grown> all_;
  std::map<Genotype, std::size_t> places_;
};

// Looks at about `pool` candidates by the seed: all of a space of no more genotypes, else those that NSGA-II asks for
// with the first score as an objective beside the others. Deterministic.
void grow(Grower& grower, CombinedProblem& problem, std::size_t pool, std::uint64_t seed);
// All genotypes that differ from this one in one gene, canonical, in gene order; this one is not among them.
std::vector<Genotype> neighbours_of(const CombinedProblem& problem, const Genotype& genotype);

}  // namespace lanewise::nas
