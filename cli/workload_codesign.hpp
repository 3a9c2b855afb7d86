// SPDX-License-Identifier: Apache-2.0
// `codesign` with a workload in the place of MODEL.
#pragma once

#include <string>

#include "cli/options.hpp"
#include "study/codesign/job.hpp"

namespace lanewise::cli {

// What `codesign` was asked for that holds for a workload too. `objectives` is "" where it was not given.
struct WorkloadCodesignOptions {
  std::string workload, space, objectives, folder, estimator;
  int jobs = 0;
};

// Searches, proves, writes the folder and prints. Of `job` the search's options are taken.
void codesign_workload(const WorkloadCodesignOptions& asked, const EngineOptions& engine, const ImportSettings& import,
                       const study::CodesignJob& job, const OutputOptions& output);

}  // namespace lanewise::cli
