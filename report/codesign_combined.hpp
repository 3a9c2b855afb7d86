// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: a combined search in the answers of codesign, what each stage looked at, decided
// and took.
#pragma once

#include <string>

#include "report/json.hpp"
#include "study/codesign/codesign_result.hpp"

namespace lanewise::report {

// Everything but seconds, which differ from run to run.
Json combined_json(const study::CodesignResult& result);
// The table of stages and the networks that were trained; "" without a combined search.
std::string combined_text(const study::CodesignResult& result);
// Seconds of each stage; "" where this run had no combined search.
std::string combined_cost_text(const study::CodesignCost& cost);
Json combined_cost_json(const study::CodesignCost& cost);

}  // namespace lanewise::report
