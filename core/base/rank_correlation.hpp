// SPDX-License-Identifier: Apache-2.0
// How alike two orders are.
#pragma once

#include <vector>

namespace lanewise {

// Spearman's rank correlation in [-1, 1], ties given their average rank; 0 when one side is constant. Throws
// InternalError on lists of different lengths.
double spearman(const std::vector<double>& a, const std::vector<double>& b);
// The same, a pair of weight w counted as w pairs.
double weighted_spearman(const std::vector<double>& a, const std::vector<double>& b,
                         const std::vector<double>& weights);

}  // namespace lanewise
