// SPDX-License-Identifier: Apache-2.0
// The search's question about cost, answered by whoever says what a pass costs.
#pragma once

#include <memory>

#include "nas/oracle.hpp"
#include "study/evaluation/passes.hpp"

namespace lanewise::study {

// Adds up the passes of each candidate; `source` outlives the oracle. A pass that cannot run throws Error.
std::unique_ptr<nas::CostOracle> make_cost_oracle(PassSource& source);

}  // namespace lanewise::study
