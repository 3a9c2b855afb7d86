// SPDX-License-Identifier: Apache-2.0
// What a landscape of costs looks like, for people and programs.
#pragma once

#include <string>

#include "study/curation/landscape.hpp"

namespace lanewise::report {

std::string to_json(const study::Landscape& landscape);
// The measures, raw and curated beside each other.
std::string to_text(const study::Landscape& landscape);
// The points of the figure, one per line.
std::string to_csv(const study::Landscape& landscape);
// The figure: cost over the axes by MACs, by latency, and by the latency of what the curated space has.
std::string landscape_svg(const study::Landscape& landscape);

}  // namespace lanewise::report
