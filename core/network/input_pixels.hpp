// SPDX-License-Identifier: Apache-2.0
// How much a network looks at.
#pragma once

#include <cstdint>

#include "core/network/graph.hpp"

namespace lanewise::network {

// Rows x columns of the largest input, times the images of the batch; 1 for a network that looks at no map. Points in
// time are columns of one row.
std::int64_t input_pixels(const Graph& graph);

}  // namespace lanewise::network
