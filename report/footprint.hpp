// SPDX-License-Identifier: Apache-2.0
// What inferences take of electricity, with the arithmetic line by line.
#pragma once

#include <string>

#include "study/evaluation/footprint.hpp"

namespace lanewise::report {

std::string to_json(const study::Footprint& footprint);
// One row for the engine and one for the host.
std::string to_csv(const study::Footprint& footprint);
std::string to_text(const study::Footprint& footprint);

}  // namespace lanewise::report
