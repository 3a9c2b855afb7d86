// SPDX-License-Identifier: Apache-2.0
// What an engine makes of pruned and clustered weights, in words and as JSON. Private to this module.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "study/evaluation/network_answer.hpp"
#include "study/evaluation/weight_answer.hpp"

namespace lanewise::report {

// "structured, stored in 1.2 KiB of 2.0 KiB".
std::string weights_text(const study::WeightAnswer& weights);
// Of all subgraphs whose weights have a form, one line; "" where none has.
std::string weights_text(const std::vector<study::SubgraphAnswer>& subgraphs);
nlohmann::ordered_json weights_json(const study::WeightAnswer& weights);
// The sums of weights_text(); null where no subgraph's weights have a form.
nlohmann::ordered_json weights_json(const std::vector<study::SubgraphAnswer>& subgraphs);

}  // namespace lanewise::report
