// SPDX-License-Identifier: Apache-2.0
// What a network costs on an engine, as people and programs read it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "study/evaluation/network_answer.hpp"

namespace lanewise::report {

// "engine family nvdla: checked on 602 RTL rows, mean error 0.1 %, worst 1.9 %"
std::string to_text(const study::RtlCheckSummary& check);

// What stands in the place of an estimate's error: "1.7 % on average over 1,600 subgraphs …", or that nothing is known
// of it, because the engine is of another family than those that were trained on. "" where nothing was held out.
std::string error_text(const study::EstimatorNote& estimator, const std::optional<estimator::Accuracy>& held_out);

// Each returns the whole text, ending in a newline. The JSON is one object for one answer, an array for more.
std::string to_json(const std::vector<study::NetworkAnswer>& answers);
std::string to_text(const std::vector<study::NetworkAnswer>& answers);
// One row per subgraph.
std::string to_csv(const std::vector<study::NetworkAnswer>& answers);

}  // namespace lanewise::report
