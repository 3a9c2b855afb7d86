// SPDX-License-Identifier: Apache-2.0
// How the networks of a space fall into stretches that few genes reach, so that who meets many of them looks at each
// stretch once.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "nas/space/gene.hpp"

namespace lanewise::nas {

// The operators behind the end of the stretch before, up to those that write the tensor it ends with. Everything that
// flows through the network flows through that tensor.
struct Stretch {
  std::string end;                 // name of the tensor; "" for the last stretch
  std::vector<std::size_t> genes;  // ascending: whoever may change operators, attributes or shapes in it
};

// The stretches of all networks that moves make of `graph`, where the genes are named as NetworkSpace::genes of such a
// space names them: "fuse.<block>" reaches the operators of the block, "depth_multiplier.<stage>" the tensors with
// channels of the stage and their operators, "kernel.<layer>" and "groups.<layer>" the layer and what pads its input.
// Any other gene is taken to reach everywhere. Empty where the network does not fall apart.
std::vector<Stretch> move_stretches(const network::Graph& graph, const std::vector<Gene>& genes);

}  // namespace lanewise::nas
