// SPDX-License-Identifier: Apache-2.0
// Images set apart from others. Private to this module.
#pragma once

#include <cstdint>
#include <vector>

#include "accuracy/data/dataset.hpp"

namespace lanewise::accuracy {

// Numbers in ascending order of a share of the images, about the same share of every class: by label; where an image
// has several classes, by that of them which the fewest images have. At least one image stays behind, of every class
// that has any. The same data set, share and seed give the same images on every machine.
std::vector<std::int64_t> choose_share(const Dataset& dataset, double share, std::uint64_t seed);

// Takes the images of these numbers, in ascending order, out of the data set.
Dataset take_out(Dataset& from, const std::vector<std::int64_t>& images);

}  // namespace lanewise::accuracy
