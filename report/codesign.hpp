// SPDX-License-Identifier: Apache-2.0
// The result of a codesign: the baseline, the finalists, the front, every candidate, the accuracy of the estimator that
// chose them, and what it all cost.
#pragma once

#include <string>
#include <vector>

#include "study/codesign/codesign_result.hpp"

namespace lanewise::report {

// {"network", "engine", …, "baseline", "finalists": [{"genes", "predicted", "simulated", "error_percent", …}],
// "estimator": {"rows", "engines", "random", "unseen_engine", "unseen_shape"}, "front", "limits", "rounds", …}
std::string to_json(const study::CodesignResult& result);
std::string to_text(const study::CodesignResult& result);
// One row per design: the baseline, the finalists, the ablation.
std::string to_csv(const study::CodesignResult& result);

// Every design of the front: all metrics predicted and simulated.
std::string front_csv(const study::CodesignResult& result);
// Every candidate in the order in which they were priced.
std::string history_csv(const study::CodesignResult& result);
// Candidates, front, finalists and baseline over the first two objectives; over one objective, as they were found.
std::string front_svg(const study::CodesignResult& result);

// What this run of a job cost, beside what training its candidates would have: the text of `to_json` with the member
// "cost" behind it, and lines for people. `changes`: what the run changed of the settings that were there, the member
// "changed". `candidates`: designs that the search priced.
std::string with_cost(const std::string& result_json, const study::CodesignCost& cost,
                      const std::vector<std::string>& changes);
std::string cost_text(const study::CodesignCost& cost, std::int64_t candidates);

// What an earlier run wrote: the number of its candidates, whether it failed, the encoding of its baseline, and the
// names of its finalists' files, "" where there is none. Throws Error naming `path` where the text is no result.
struct StoredFinalist {
  std::string network_file, engine_file, forms_file, precisions_file;
};
struct StoredResult {
  std::int64_t candidates = 0;
  bool failed = false;
  std::string baseline;
  std::vector<StoredFinalist> finalists;
};
StoredResult stored_result(const std::string& path, const std::string& json);

}  // namespace lanewise::report
