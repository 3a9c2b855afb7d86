// SPDX-License-Identifier: Apache-2.0
// A table of networks on engines, one row per pair.
#pragma once

#include <string>

#include "study/evaluation/sweep_table.hpp"

namespace lanewise::report {

std::string to_json(const study::SweepTable& table);
std::string to_text(const study::SweepTable& table);
std::string to_csv(const study::SweepTable& table);
// The rows as a picture, SVG: a panel for each network, of the first two objectives; colours and shapes are
// the values of the first two varied keys, and marks name all of them.
std::string sweep_svg(const study::SweepTable& table);

}  // namespace lanewise::report
