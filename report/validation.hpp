// SPDX-License-Identifier: Apache-2.0
// Simulated cycles compared with measured ones, as people and programs read them.
#pragma once

#include <string>

#include "study/validation/validation.hpp"

namespace lanewise::report {

std::string to_json(const study::Validation& validation);
// A JSON array of every row, in the file's order; the answer has the worst alone. Of sequences, which the answer holds
// whole, it is empty.
std::string rows_json(const study::Validation& validation);
std::string to_text(const study::Validation& validation);
// One row per measured row.
std::string to_csv(const study::Validation& validation);

}  // namespace lanewise::report
