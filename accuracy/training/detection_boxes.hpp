// SPDX-License-Identifier: Apache-2.0
// How boxes overlap, and which of several that find the same object stay.
#pragma once

#include <vector>

#include "accuracy/data/dataset.hpp"

namespace lanewise::accuracy {

// A box that a network found, with how sure it is of its class, in [0, 1].
struct FoundBox {
  Box box;
  float score = 0;
};

// Intersection over union, in [0, 1]; 0 where both are empty.
double overlap(const Box& a, const Box& b);
// IoU − (area of the smallest box around both − their union) / that area, in (−1, 1]: generalised IoU (Rezatofighi et
// al., 2019), which tells apart boxes that do not touch.
double generalised_overlap(const Box& a, const Box& b);

// Non-maximum suppression by class: from the highest score down, a box is kept unless it overlaps one of its class that
// was kept by more than `most_overlap`. Of equal scores the one given first comes first, so that the result is the same
// everywhere. Highest scores first.
std::vector<FoundBox> suppress(std::vector<FoundBox> found, double most_overlap);

}  // namespace lanewise::accuracy
