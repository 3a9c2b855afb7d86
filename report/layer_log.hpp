// SPDX-License-Identifier: Apache-2.0
// What a profiler's log says of the rows that were made of it.
#pragma once

#include <string>

#include "report/json.hpp"
#include "study/validation/layer_log.hpp"

namespace lanewise::report {

// {"tool", "time_resolution_us", "clock_hz", "left_out": [{"line", "layer", "reason"}]}; null where there is no log.
Json log_json(const study::LayerLogNote& note);

// Lines ending in a newline: where the rows come from, and each layer left out with its reason; "" where there is no
// log.
std::string log_text(const study::LayerLogNote& note);

}  // namespace lanewise::report
