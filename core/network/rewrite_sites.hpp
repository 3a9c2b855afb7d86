// SPDX-License-Identifier: Apache-2.0
// Where kernels, groups and repeats may change, and what stands against it elsewhere.
#pragma once

#include "core/network/rewrite.hpp"

namespace lanewise::network {

// Fill in `kernels`, `groups`, `runs` and their entries of `left_out`.
void find_kernel_sites(const Graph& graph, MoveSites& sites);
void find_group_sites(const Graph& graph, MoveSites& sites);
void find_repeats(const Graph& graph, MoveSites& sites);

// Gives the window another edge on every axis along which it has one, with padding that keeps the size of its map.
void set_kernel(Window& window, std::int64_t edge);

// The channels that a group gets of those asked for: the largest divisor of `channels` that is not above; kStandard
// stands for all.
std::int64_t group_size(std::int64_t channels, std::int64_t wanted);

}  // namespace lanewise::network
