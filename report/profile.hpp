// SPDX-License-Identifier: Apache-2.0
// Where a network lies under the engine's roofline, and what its units waited for.
//
// The roofline (Williams, Waterman and Patterson, 2009): at an arithmetic intensity of I MACs per DRAM byte, at most
// min(peak, I x bandwidth) MACs per cycle can be reached.
#pragma once

#include <string>

#include "study/evaluation/roofline.hpp"

namespace lanewise::report {

// Text ending in a newline: the plot, a table of the subgraphs, what they waited for.
std::string to_text(const study::Profile& profile);
// The roofline alone as a log-log plot in characters. Subgraphs are points, larger ones for a larger share of the
// latency.
std::string roofline_text(const study::Profile& profile);
// The same plot as a self-contained SVG.
std::string roofline_svg(const study::Profile& profile, const std::string& title);

}  // namespace lanewise::report
