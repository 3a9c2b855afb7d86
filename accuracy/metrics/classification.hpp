// SPDX-License-Identifier: Apache-2.0
// How often a classifier is right.
#pragma once

#include <vector>

namespace lanewise::accuracy {

// Share of images whose predicted class is their label, in [0, 1]. Throws Error where the lengths differ or there are
// no images.
double top1_accuracy(const std::vector<int>& predicted, const std::vector<int>& labels);

}  // namespace lanewise::accuracy
