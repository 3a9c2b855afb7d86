// SPDX-License-Identifier: Apache-2.0
// The multiple-choice knapsack problem with one knapsack: of each layer at most one form, the losses summed within a
// bound, the gains summed as large as can be.
#pragma once

#include <cstddef>
#include <vector>

namespace lanewise::study {

struct FormChoice {
  std::size_t group = 0;  // of each group at most one choice is taken
  double gain = 0;
  double loss = 0;  // at least 0
};

struct ChosenForms {
  std::vector<std::size_t> taken;  // indices of the choices, ascending
  double gain = 0, loss = 0;       // summed
  double bound = 0;                // no set gains more; equal to `gain` where the set is the best there is
};

// Exact by dynamic programming over the sets of which none has both more gain and less loss (Nemhauser and Ullmann,
// 1969) while those are at most `most_sets`; beyond, of sets of nearly equal loss the best is kept, and `bound` is that
// of a Lagrange multiplier on the loss. Sets of equal gain: that of less loss. Throws InternalError for a negative
// loss.
ChosenForms choose_forms(const std::vector<FormChoice>& choices, double most_loss, std::size_t most_sets = 20000);

}  // namespace lanewise::study
