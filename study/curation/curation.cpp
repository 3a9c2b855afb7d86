// SPDX-License-Identifier: Apache-2.0
#include "study/curation/curation.hpp"

namespace lanewise::study {

std::vector<std::vector<int>> Curation::kept() const {
  std::vector<std::vector<int>> all;
  for (const GeneChoices& gene : genes) {
    all.emplace_back();
    for (std::size_t value = 0; value < gene.choices.size(); ++value) {
      if (gene.choices[value].kept) all.back().push_back(static_cast<int>(value));
    }
  }
  return all;
}

nas::Genotype Curation::defaults() const {
  nas::Genotype genotype;
  for (const GeneChoices& gene : genes) genotype.push_back(gene.default_value);
  return genotype;
}

}  // namespace lanewise::study
