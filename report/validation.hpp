// SPDX-License-Identifier: Apache-2.0
// Simulated cycles compared with measured ones, as people and programs read them.
#pragma once

#include <string>

#include "study/validation/validation.hpp"

namespace lanewise::report {

std::string to_json(const study::Validation& validation);
std::string to_text(const study::Validation& validation);
// One row per measured row.
std::string to_csv(const study::Validation& validation);

}  // namespace lanewise::report
