// SPDX-License-Identifier: Apache-2.0
// The learning rate of every step.
#pragma once

#include <cstdint>

#include "accuracy/training/recipe.hpp"

namespace lanewise::accuracy {

// Steps of an epoch over `images` images. Throws Error where there is none: fewer images than a batch, and incomplete
// batches are dropped.
std::int64_t steps_per_epoch(const Recipe& recipe, std::int64_t images);

// Of step t of `steps`, both counted so that t is in [0, steps): a linear rise to the recipe's learning rate over
// w = round(warm_up * steps) steps, then half a cosine:
//   t < w:      learning_rate * (t + 1) / w
//   otherwise:  learning_rate * (1 + cos(pi * (t - w + 1) / (steps - w))) / 2
// (warm-up: Goyal and others, 2017; cosine: Loshchilov and Hutter, 2017). The last step's is 0.
double learning_rate_at(const Recipe& recipe, std::int64_t t, std::int64_t steps);

}  // namespace lanewise::accuracy
