// SPDX-License-Identifier: Apache-2.0
// What several searches share, and what came of it on another network.
#pragma once

#include <string>

#include "study/advice/pattern_trial.hpp"
#include "study/advice/patterns.hpp"

namespace lanewise::report {

// {"searches": […], "patterns": [{"name", "move", "text", "fronts", …}], "not_read": […], "gains_by", "trial"}.
// `trial` may be nullptr.
std::string to_json(const study::Patterns& patterns, const study::PatternTrial* trial);
std::string to_text(const study::Patterns& patterns, const study::PatternTrial* trial);

}  // namespace lanewise::report
