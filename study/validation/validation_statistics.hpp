// SPDX-License-Identifier: Apache-2.0
// Error statistics over rows of measured and simulated cycles.
#pragma once

#include <vector>

#include "study/validation/validation.hpp"

namespace lanewise::study {

// The 95th percentile is the smallest error that at least 95 % of the rows do not exceed (nearest-rank method). The
// median of an even number of rows is the mean of the middle two. Failed rows are counted and otherwise left out.
ErrorStatistics error_statistics(const std::vector<ValidatedRow>& rows);
// The statistics of all rows and of each part, and the worst rows.
ValidatedGroup summarize(const std::vector<ValidatedRow>& rows);
// Fills in the figures derived from the positions. The period is (end of the last layer - end of the first) /
// (layers - 1).
void summarize(ValidatedSequence& sequence);
// Fills in the figures derived from the sequences.
void summarize(SequenceValidation& validation);

}  // namespace lanewise::study
