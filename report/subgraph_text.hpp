// SPDX-License-Identifier: Apache-2.0
// Short texts for subgraphs and tile plans.
#pragma once

#include <string>

#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"

namespace lanewise::report {

// "convolution 3x3 s2, 3x224x224 -> 32x112x112, relu6"; precisions are named when one of them is not int8.
std::string shape_text(const mapping::SubgraphShape& shape);
// "input in DRAM, output on chip, 3 banks resident".
std::string context_text(const mapping::SubgraphShape& shape, const mapping::SubgraphContext& context);
// "weights_outside, 12 tiles of 28x28 pixels, 64 of outputs, 96 of inputs".
std::string plan_text(const mapping::TilePlan& plan);

}  // namespace lanewise::report
