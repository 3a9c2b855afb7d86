// SPDX-License-Identifier: Apache-2.0
// What a codesign found: the baseline, the finalists, and how far the estimator that chose them can be trusted.
#pragma once

#include <string>

#include "study/codesign/codesign_result.hpp"

namespace lanewise::report {

// {"network", "engine", …, "baseline", "finalists": [{"genes", "predicted", "simulated", "error_percent", …}],
// "estimator": {"rows", "engines", "random", "unseen_engine", "unseen_shape"}}
std::string to_json(const study::CodesignResult& result);
std::string to_text(const study::CodesignResult& result);
// A row a design.
std::string to_csv(const study::CodesignResult& result);

}  // namespace lanewise::report
