// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: what the page is told, as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "explore/answers.hpp"
#include "explore/json.hpp"

namespace lanewise::explore {

// The answer as `estimate --json` and `simulate --json` say it, without its subgraphs and without the memory map.
Json answer_json(const study::NetworkAnswer& answer);
// {"latency_ms": 5.4, …}: the metrics that objectives and limits speak of.
Json metrics_json(const study::NetworkAnswer& answer);
// One object per subgraph, in order. `simulated` may be null; where it is there each has its cycles too.
Json layers_json(const study::NetworkAnswer& estimated, const study::NetworkAnswer* simulated);
Json errors_json(const EstimateErrors& errors);
Json limits_json(const std::vector<CheckedLimit>& limits);
// What a design is: its changes, what followed, its network's encoding.
Json design_json(const Design& design);
Json dials_json(const std::vector<Dial>& dials);
// What may be asked for a limit or an axis: name, meaning, and whether it follows from the keys and the network alone.
Json metrics_list_json();

}  // namespace lanewise::explore
