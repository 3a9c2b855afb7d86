// SPDX-License-Identifier: Apache-2.0
// The result of a codesign: the baseline, the finalists, and the accuracy of the estimator that chose them.
#pragma once

#include <string>

#include "study/codesign/codesign_result.hpp"

namespace lanewise::report {

// {"network", "engine", …, "baseline", "finalists": [{"genes", "predicted", "simulated", "error_percent", …}],
// "estimator": {"rows", "engines", "random", "unseen_engine", "unseen_shape"}}
std::string to_json(const study::CodesignResult& result);
std::string to_text(const study::CodesignResult& result);
// One row per design.
std::string to_csv(const study::CodesignResult& result);

}  // namespace lanewise::report
