// SPDX-License-Identifier: Apache-2.0
// Everything that a job priced, as rows for people.
#pragma once

#include <vector>

#include "study/codesign/candidate_log.hpp"
#include "study/codesign/codesign_result.hpp"
#include "study/codesign/designs.hpp"

namespace lanewise::study {

// One row per candidate, in the order in which they were priced, as judged under the job's present objectives and
// limits. The hypervolume is of the front of the round so far, under the worst value of each objective among the
// round's feasible candidates and a tenth of the extent beyond it.
std::vector<HistoryRow> history_of(const CandidateLog& log, const Designs& designs);

}  // namespace lanewise::study
