// SPDX-License-Identifier: Apache-2.0
// Everything that a search has evaluated: what algorithms share. It never evaluates a genotype twice, and knows which
// genotypes are left.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "core/base/random.hpp"
#include "nas/algorithms/algorithm.hpp"

namespace lanewise::nas {

class Archive {
 public:
  // Throws Error on options out of range and on a gene without values. `problem` outlives the archive.
  Archive(Problem& problem, const SearchOptions& options);

  const std::vector<Gene>& genes() const { return genes_; }
  int values_of(std::size_t gene) const { return static_cast<int>(genes_[gene].values.size()); }
  // Everything evaluated, in the order in which it was.
  const std::vector<Individual>& all() const { return all_; }
  // Whether every genotype of the space was offered.
  bool exhausted() const { return static_cast<double>(seen_.size()) >= size_; }

  // Throws Error unless the genotype fits the genes.
  void check_seed(const Genotype& genotype) const;
  // Every genotype draws its own share of genes that leave the default: uniform draws of all genes would crowd in the
  // middle of the space and leave its ends to mutation.
  Genotype random_genotype(Random& random) const;
  // Another value of the gene, each with the same probability; nothing where the gene has one value.
  void change(Genotype& genotype, std::size_t gene, Random& random) const;

  // Adds the genotype to the batch unless it was offered before; whether it was added.
  bool offer(std::vector<Genotype>& batch, const Genotype& genotype);
  // Adds the genotype, or one near it that was not offered before. The space must not be exhausted.
  void offer_new(std::vector<Genotype>& batch, Genotype genotype, Random& random);
  // The default genotype and the seeds, each once, filled up to `count` with random genotypes.
  std::vector<Genotype> first_batch(const std::vector<Genotype>& seeds, std::size_t count, Random& random);
  // Asks the problem about the batch and appends it to all().
  void evaluate(const std::vector<Genotype>& batch);

  SearchResult result() const;

 private:
  Problem& problem_;
  const std::vector<Gene>& genes_;
  double size_ = 1;  // genotypes in the space; exact where it matters, below 2^53
  std::map<Genotype, std::size_t> seen_;
  std::vector<Individual> all_;
};

}  // namespace lanewise::nas
