// SPDX-License-Identifier: Apache-2.0
// The shape of the subgraph that one operator becomes, before later operators are fused into it. One table, of a rule
// per operator kind.
#pragma once

#include <cstdint>
#include <vector>

#include "core/mapping/layout.hpp"
#include "core/mapping/operator_fusion.hpp"
#include "core/network/graph.hpp"

namespace lanewise::mapping {

// Fills in the shape of `draft`, the subgraph in which `op` writes its output `out`, by the rule of the operator's
// kind. Rules may also change which inputs the subgraph reads and which of them is its second operand. Throws Error
// naming an operator that reads no activation or whose operands do not fit its kind.
void describe_operator(const network::Graph& graph, const Layout& layout, const network::Operator& op,
                       network::TensorId out, SubgraphDraft& draft);

// The subgraphs of a transposed convolution. With stride s it is s x s convolutions over the input map, one per phase
// of the output, each with every s-th tap of the kernel, so that nothing is multiplied by the zeros between the pixels.
// Phases with equally many taps form one convolution with as many times the channels, whose outputs are stored
// interleaved. Phases that no tap reaches form one subgraph that only writes them. The first subgraph counts all
// parameters.
std::vector<SubgraphDraft> split_into_phases(const network::Operator& op, SubgraphDraft draft);

// The map of a tensor of four dimensions, batch, channels, height, width. Convolutions and poolings fix which axis is
// which, whatever the layout.
Map image_of(const network::Graph& graph, network::TensorId id);

}  // namespace lanewise::mapping
