// SPDX-License-Identifier: Apache-2.0
// Parameters and multiply-accumulates of a network while it runs, beside those that its graph counts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/network/file_details.hpp"
#include "core/network/graph.hpp"

namespace lanewise::accuracy {

struct ModuleCounts {
  std::int64_t graph_parameters = 0, graph_macs = 0;
  // Of the module: trained numbers of its tensors, and the products of the convolutions, linear layers and matrix
  // products that ran, from the shapes that their tensors had.
  std::int64_t module_parameters = 0, module_macs = 0;
  // Running statistics of batch normalizations that are no parameters of the graph.
  std::int64_t statistics = 0;
  std::int64_t operators = 0;  // that ran

  bool equal() const { return graph_parameters == module_parameters && graph_macs == module_macs; }
};

// Makes the network a module and runs it once, on numbers of no meaning, at the graph's own batch. Throws Error as
// making a GraphModule does.
ModuleCounts count_module(const network::Graph& graph, std::shared_ptr<const network::FileDetails> file = nullptr);

}  // namespace lanewise::accuracy
