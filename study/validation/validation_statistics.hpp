// SPDX-License-Identifier: Apache-2.0
// What rows of measured and simulated cycles say together.
#pragma once

#include <vector>

#include "study/validation/validation.hpp"

namespace lanewise::study {

// The percentile is the smallest error that at least 95 % of the rows do not exceed (nearest rank); the median of an
// even number of rows is the mean of the middle two. Rows that failed are counted and otherwise left out.
ErrorStatistics error_statistics(const std::vector<ValidatedRow>& rows);
// The same for all rows and for each part, with the worst rows.
ValidatedGroup summarize(const std::vector<ValidatedRow>& rows);
// Fills in what follows from the positions. The period is (end of the last - end of the first) / (layers - 1): the mean
// of the differences between ends.
void summarize(ValidatedSequence& sequence);
// Fills in what follows from the sequences.
void summarize(SequenceValidation& validation);

}  // namespace lanewise::study
