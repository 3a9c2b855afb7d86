// SPDX-License-Identifier: Apache-2.0
// What changes of an engine's keys would do to a network.
#pragma once

#include <string>
#include <vector>

#include "study/evaluation/network_answer.hpp"

namespace lanewise::report {

// Text ending in a newline: tables of what moves the latency, what was left out, and the three changes that would help
// most.
std::string sensitivity_text(const study::Sensitivity& sensitivity);
// One row per change of every answer that has sensitivities.
std::string sensitivity_csv(const std::vector<study::NetworkAnswer>& answers);

}  // namespace lanewise::report
