// SPDX-License-Identifier: Apache-2.0
#include "nas/kept_problem.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/error.hpp"

namespace lanewise::nas {

KeptProblem::KeptProblem(Problem& whole, AllowedValues kept, const Genotype& defaults)
    : whole_(whole), genes_(whole.genes()), values_(std::move(kept)) {
  const Neighbourhood fits(genes_, values_);
  for (std::size_t g = 0; g < genes_.size(); ++g) {
    std::vector<int>& values = values_[g];
    const auto first = std::find(values.begin(), values.end(), defaults.at(g));
    if (first == values.end()) throw InternalError("the default of gene '" + genes_[g].name + "' is not kept");
    std::rotate(values.begin(), first, first + 1);
    std::vector<std::string> texts;
    for (const int value : values) texts.push_back(genes_[g].values[static_cast<std::size_t>(value)]);
    genes_[g].values = std::move(texts);
  }
}

Genotype KeptProblem::whole(const Genotype& genotype) const {
  Genotype out;
  for (std::size_t g = 0; g < genotype.size(); ++g) out.push_back(values_[g][static_cast<std::size_t>(genotype[g])]);
  return out;
}

std::vector<Genotype> KeptProblem::whole(const std::vector<Genotype>& genotypes) const {
  std::vector<Genotype> out;
  for (const Genotype& genotype : genotypes) out.push_back(whole(genotype));
  return out;
}

// The whole problem puts genes that do not matter at its own default, which may not be kept.
Genotype KeptProblem::canonical(const Genotype& genotype) const {
  const Genotype given = whole(genotype), same = whole_.canonical(given);
  Genotype out = genotype;
  for (std::size_t g = 0; g < out.size(); ++g) {
    if (same[g] != given[g]) out[g] = 0;
  }
  return out;
}

std::vector<Evaluation> KeptProblem::evaluate(const std::vector<Genotype>& genotypes) {
  return whole_.evaluate(whole(genotypes));
}

std::vector<Evaluation> KeptProblem::known_beforehand(const std::vector<Genotype>& genotypes) const {
  const std::lock_guard<std::mutex> lock(asking_);
  return whole_.known_beforehand(whole(genotypes));
}

std::vector<std::vector<double>> KeptProblem::features(const std::vector<Genotype>& genotypes) const {
  const std::lock_guard<std::mutex> lock(asking_);
  return whole_.features(whole(genotypes));
}

}  // namespace lanewise::nas
