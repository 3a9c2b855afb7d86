// SPDX-License-Identifier: Apache-2.0
// What the page of a codesign draws besides its result.
#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"
#include "report/page.hpp"
#include "study/codesign/job.hpp"
#include "study/codesign/job_folder.hpp"

namespace lanewise::cli {

// From the folder of a job that is done: its front, every candidate, and, subgraph by subgraph, what the baseline and
// the finalists cost, which are simulated, the latter from the files that the job wrote. `space`: as it was given, ""
// where it was not; `import` and `engine`: how the job read its network and its engine.
std::vector<report::PageData> codesign_page_data(const study::JobFolder& at, const study::CodesignJob& job,
                                                 const std::string& space, const ImportSettings& import,
                                                 const EngineOptions& engine);

}  // namespace lanewise::cli
