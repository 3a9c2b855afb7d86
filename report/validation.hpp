// SPDX-License-Identifier: Apache-2.0
// Simulated cycles beside measured ones, as people and programs read them.
#pragma once

#include <string>

#include "study/validation/validation.hpp"

namespace lanewise::report {

std::string to_json(const study::Validation& validation);
std::string to_text(const study::Validation& validation);
// A row a measured row.
std::string to_csv(const study::Validation& validation);

}  // namespace lanewise::report
