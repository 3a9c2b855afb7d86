// SPDX-License-Identifier: Apache-2.0
// The main job: a network or a space of networks and a family of engines in, better networks and engines out.
#pragma once

#include "core/base/progress.hpp"
#include "study/codesign/codesign_result.hpp"
#include "study/codesign/job.hpp"
#include "study/codesign/job_folder.hpp"

namespace lanewise::study {

struct CodesignOutcome {
  CodesignResult result;
  CodesignCost cost;               // of this run
  std::vector<std::string> files;  // names in the folder; whoever renders the result adds theirs and calls finish()
};

// Finds an estimator or measures and trains one, searches under it, simulates the finalists, lets the estimator learn
// from those it predicted badly and searches on, and writes the finalists' files. `folder` was claimed for the job.
// Killed at any moment, the same call goes on from what the folder holds and ends with the same bytes.
CodesignOutcome codesign(const CodesignJob& job, JobFolder& folder, const Workplace& place,
                         const Progress& progress = {});

}  // namespace lanewise::study
