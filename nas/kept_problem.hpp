// SPDX-License-Identifier: Apache-2.0
// A problem of which each gene has only some of its values: a curated space, searched as the space that it is a part
// of.
#pragma once

#include <mutex>
#include <vector>

#include "nas/neighbourhood.hpp"
#include "nas/problem.hpp"

namespace lanewise::nas {

// All but evaluate may be called from several threads at once, provided that canonical() of the whole problem may.
class KeptProblem : public Problem {
 public:
  // `whole` must outlive the problem. `defaults`: of each gene the kept value that is its default here. Throws
  // InternalError where the two do not fit the genes.
  KeptProblem(Problem& whole, AllowedValues kept, const Genotype& defaults);
  const std::vector<Gene>& genes() const override { return genes_; }
  // The genotype of the whole problem that one of this problem means, and back.
  Genotype whole(const Genotype& genotype) const;
  // Genes that do not matter take the default that is left of them.
  Genotype canonical(const Genotype& genotype) const override;
  std::vector<Evaluation> evaluate(const std::vector<Genotype>& genotypes) override;
  std::vector<bool> free_objectives() const override { return whole_.free_objectives(); }
  std::vector<Evaluation> known_beforehand(const std::vector<Genotype>& genotypes) const override;
  std::vector<std::vector<double>> features(const std::vector<Genotype>& genotypes) const override;

 private:
  std::vector<Genotype> whole(const std::vector<Genotype>& genotypes) const;

  Problem& whole_;
  std::vector<Gene> genes_;
  AllowedValues values_;  // by gene of this problem: the value of the whole one's that each of its values is
  mutable std::mutex asking_;
};

}  // namespace lanewise::nas
