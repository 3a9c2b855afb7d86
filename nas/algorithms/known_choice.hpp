// SPDX-License-Identifier: Apache-2.0
// What to ask for where every objective is known beforehand: nothing has to be learnt, so a model would only cost time.
#pragma once

#include <cstddef>
#include <vector>

#include "core/base/random.hpp"
#include "nas/algorithms/archive.hpp"
#include "nas/algorithms/population.hpp"

namespace lanewise::nas {

// Genotypes up to which a space is scored whole.
constexpr double kWholeSpace = 20'000;

class KnownChoice {
 public:
  // The archive must outlive the choice, of which everything follows from what the archive was told.
  KnownChoice(Archive& archive, const SearchOptions& options);

  // Whether every objective is free and nobody who was told missed a limit by more than was known beforehand. Designs
  // that cannot be are no such miss: they are told apart by nothing that a model of limits would read.
  bool applies();
  // Whether the space is looked at as a whole.
  bool whole() const { return archive_.size() <= kWholeSpace; }
  // The next batch, after the default and the seeds. Of a space that is looked at as a whole its exact front goes
  // first, by the hypervolume that each member adds to what is chosen. Of a larger one the children of what was told,
  // of which twice as many are drawn and looked at as are asked for.
  std::vector<Genotype> choose(Random& random);

 private:
  std::vector<Genotype> of_whole();
  std::vector<Genotype> children(Random& random);
  std::vector<Ranked> population();
  std::size_t batch_size() const;

  Archive& archive_;
  SearchOptions options_;
  bool all_free_;
  bool learns_ = false;
  std::size_t looked_at_ = 0;      // individuals told that applies() has seen
  std::vector<Individual> space_;  // of a space that is looked at as a whole, each with what is known
  std::vector<Ranked> selected_;   // from the first so many told
  std::size_t selected_of_ = 0;
};

}  // namespace lanewise::nas
