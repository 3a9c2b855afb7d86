// SPDX-License-Identifier: Apache-2.0
// Candidates of another search, read back from the history.csv that it wrote.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nas/space/space.hpp"
#include "study/codesign/candidate_log.hpp"

namespace lanewise::study {

struct WarmCandidates {
  std::vector<PricedCandidate> candidates;  // canonical genotypes of this space, each once
  bool same_prices = false;                 // whether the metrics hold here: same network, engine, space and estimator
  std::int64_t skipped = 0;                 // rows with genes or values that this space does not have
};

// "FOLDER/history.csv" where the path is a folder, else the path itself.
std::string history_path(const std::string& folder_or_file);

// Reads the rows of the last round. Prices are the same where the settings.yaml beside the history says the same as
// `settings` of what everything was made from. Throws Error naming file, line, column and rule where the file is no
// history, or not one of its rows lies in the space.
WarmCandidates read_history(const std::string& folder_or_file, const nas::Space& space, const std::string& settings);

}  // namespace lanewise::study
