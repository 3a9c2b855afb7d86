// SPDX-License-Identifier: Apache-2.0
// How well one quantity ranks another.
#pragma once

#include <vector>

namespace lanewise::accuracy {

// Ranks from 1, equal values sharing the mean of theirs. Throws Error where a value is not finite.
std::vector<double> fractional_ranks(const std::vector<double>& values);

// Pearson's correlation of the ranks, in [-1, 1], which is Spearman's ρ with ties. 0 where one of them has but one
// value: what tells nothing apart ranks nothing. Throws Error where the lengths differ, where there are fewer than two
// pairs or where a value is not finite.
double spearman(const std::vector<double>& a, const std::vector<double>& b);

// Pearson's correlation of the values themselves, under the same conditions.
double pearson(const std::vector<double>& a, const std::vector<double>& b);

// Kendall's τ-b, which corrects for ties: (concordant − discordant) / √((pairs − ties in a)(pairs − ties in b)). 0 and
// errors as above.
double kendall_tau(const std::vector<double>& a, const std::vector<double>& b);

// Q: the mean of Spearman's ρ of `a` with `b` inside the four quartiles of `size`, which a quantity that only follows
// size cannot earn. Equal sizes are in one quartile, that of the middle of their ranks; where there are no ties the
// quartiles differ by one member at most. Quartiles of fewer than two members are left out. Throws Error as above, and
// where no quartile has two.
double spearman_inside_quartiles(const std::vector<double>& a, const std::vector<double>& b,
                                 const std::vector<double>& size);

}  // namespace lanewise::accuracy
