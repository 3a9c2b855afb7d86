// SPDX-License-Identifier: Apache-2.0
// Statistics of batch normalizations computed anew, for weights that were trained with others'.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "accuracy/data/dataset.hpp"
#include "accuracy/network/graph_module.hpp"

namespace lanewise::accuracy {

// Sets every running mean and variance to the mean over batches of the batch's mean and unbiased variance: with one
// batch to its own exactly. `batch` images at once; a last batch that is smaller counts as much as the others, and of
// one image alone is left out behind others. Leaves the module in evaluation mode. Returns how many statistics there
// are.
std::int64_t recalibrate(GraphModule& module, const Dataset& images, std::int64_t batch,
                         const Normalisation& normalisation);

}  // namespace lanewise::accuracy
