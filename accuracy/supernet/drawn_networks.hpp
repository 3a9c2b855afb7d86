// SPDX-License-Identifier: Apache-2.0
// Which networks a step of a supernet's training takes. No type of libtorch is seen here.
#pragma once

#include <cstdint>
#include <vector>

#include "accuracy/supernet/supernet_recipe.hpp"
#include "accuracy/supernet/supernet_space.hpp"
#include "core/base/random.hpp"

namespace lanewise::accuracy {

struct StepNetworks {
  bool has_ends = false;                 // the first is the largest, the second the smallest
  std::vector<nas::Genotype> genotypes;  // canonical
};

class DrawnNetworks {
 public:
  // All references must outlive it. Throws Error where networks under the recipe's bounds are not to be found.
  DrawnNetworks(const SupernetSpace& space, const SupernetRecipe& recipe, std::uint64_t seed);
  // Of step t from 0 on, decided by the seed and t alone. The ends have the step's choices (types, activations,
  // strides), drawn once; networks drawn at random have choices of their own. Sizes that may not shrink yet are at
  // their largest. Where the recipe bounds MACs or parameters, networks beyond are drawn again, and after kTries their
  // sizes fall one by one at random until they keep to it: so the largest is one than which none larger fits, as far as
  // one size tells.
  StepNetworks step(std::int64_t t) const;
  bool fits(const nas::Genotype& genotype) const;
  // The canonical network that its sizes fall to until it keeps to the bounds. Throws Error where none does.
  nas::Genotype fitted(nas::Genotype genotype, std::int64_t t, Random& random) const;

 private:
  static constexpr int kTries = 20;
  bool shrinks(std::size_t gene, std::int64_t t) const;
  nas::Genotype choices(Random& random) const;
  bool lower(nas::Genotype& genotype, std::int64_t t, Random& random) const;
  nas::Genotype drawn(std::int64_t t, Random& random) const;

  const SupernetSpace& space_;
  const SupernetRecipe& recipe_;
  std::uint64_t seed_;
};

}  // namespace lanewise::accuracy
