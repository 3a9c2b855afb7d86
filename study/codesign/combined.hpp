// SPDX-License-Identifier: Apache-2.0
// The combined search of a job: few networks are trained, chosen by untrained scores, a supernet and a predictor.
#pragma once

#include <string>

#include "core/base/progress.hpp"
#include "nas/combined/combined_search.hpp"
#include "study/codesign/candidate_log.hpp"
#include "study/codesign/designs.hpp"
#include "study/codesign/job_folder.hpp"

namespace lanewise::study {

// Throws Error where the job's space and options do not go with --trainings: accuracy must be an objective without
// limits, and come from trainings, a table or a program.
void require_combined(const CodesignJob& job);

// Runs the job's combined search; the baseline was priced, and counts among the trainings. Every design that was
// trained is in the log, so that the same call goes on after a kill. Values are in the oracle's own unit.
nas::CombinedResult run_combined(const CodesignJob& job, JobFolder& folder, const Designs& designs, CandidateLog& log,
                                 nas::CostOracle& costs, CodesignCost& cost, const Progress& progress);

}  // namespace lanewise::study
