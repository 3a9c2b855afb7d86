// SPDX-License-Identifier: Apache-2.0
// From the plan of a network to its graph.
#pragma once

#include <string>

#include "core/network/graph.hpp"
#include "nas/space/block_plan.hpp"

namespace lanewise::nas {

class Layers;

// Layers are named after their stage: "a.0.expand" is a layer of the first block of stage "a". Throws Error naming the
// layer where a kernel does not fit its map or groups do not divide channels.
network::Graph build_network(const BlockSettings& settings, const NetworkPlan& plan, const std::string& name);

// The head over the outputs of the stages, of which those that are left out hold their input. Marks the outputs.
void build_head(const BlockSettings& settings, const NetworkPlan& plan, const std::vector<network::TensorId>& stages,
                Layers& layers);

}  // namespace lanewise::nas
