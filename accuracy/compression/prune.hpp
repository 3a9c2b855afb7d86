// SPDX-License-Identifier: Apache-2.0
// Which weights of a layer stay where others become zero. Masks are fp32, 1 where a weight stays and 0 where it goes,
// shaped as the weights. Of equal magnitudes the first in row-major order stays.
#pragma once

#include <torch/torch.h>

namespace lanewise::accuracy {

// The round(density · elements) largest magnitudes stay, one at least. 0 < density <= 1.
torch::Tensor magnitude_mask(const torch::Tensor& weights, double density);

// Of each `of` neighbours along `axis`, counted from the first, the `kept` largest magnitudes stay; of a last group of
// fewer neighbours too. 1 <= kept <= of. As network::WeightForm defines it with `axis` that of the input channels.
torch::Tensor structure_mask(const torch::Tensor& weights, std::int64_t kept, std::int64_t of, std::int64_t axis);

}  // namespace lanewise::accuracy
