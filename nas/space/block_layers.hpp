// SPDX-License-Identifier: Apache-2.0
// Which layers with weights the networks of a space's own may have, and which a given one has.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "nas/space/block_plan.hpp"
#include "nas/space/network_space.hpp"

namespace lanewise::nas {

// Every layer of any network, in the order of the network. Blocks are "<stage>.<number>", stages the file's; what lies
// behind the last stage is of the stage "head", and the stem of the stage "stem".
std::vector<SpaceLayer> block_layers(const BlockSettings& settings);
// The names of those that the network has. A projection of a block of the type `identity` counts as there.
std::set<std::string> layers_of(const BlockSettings& settings, const NetworkPlan& plan);

}  // namespace lanewise::nas
