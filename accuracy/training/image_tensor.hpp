// SPDX-License-Identifier: Apache-2.0
// Images as a network reads them.
#pragma once

#include <torch/torch.h>

#include "accuracy/data/dataset.hpp"
#include "accuracy/training/recipe.hpp"

namespace lanewise::accuracy {

// The recipe's mean and deviation, or those of the data set where it leaves them to it, by channel. Throws Error where
// the recipe gives another number of channels than there are.
Normalisation normalisation_of(const Recipe& recipe, const Normalisation& of_data, std::int64_t channels);

// [images, channels, height, width] in fp32 on the CPU, channels last in memory; pixel p becomes (p/255 - mean) /
// deviation.
torch::Tensor image_tensor(const Dataset& images, const Normalisation& normalisation);

}  // namespace lanewise::accuracy
