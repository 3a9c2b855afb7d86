// SPDX-License-Identifier: Apache-2.0
// Batch normalizations worked into the convolutions ahead of them, as engines run them: weights are rounded, pruned and
// clustered as they are stored.
#pragma once

#include <cstdint>
#include <memory>

#include "accuracy/network/graph_module.hpp"

namespace lanewise::accuracy {

struct FoldedNetwork {
  network::Graph graph;
  // What the file said beside the graph, with the numbers of all weights as they are after folding.
  std::shared_ptr<const network::FileDetails> file;
  std::int64_t folded = 0;  // normalizations
  std::int64_t left = 0;    // that follow no convolution alone, and stay
};

// The network of a module with every batch normalization folded that alone reads what a convolution writes, with its
// running statistics: it computes what the module computes in evaluation mode, but for the order of products. Operators
// and weights keep their names; a convolution without a bias gets one, named after it with "/folded_bias" behind.
FoldedNetwork fold_batch_norms(const GraphModule& module);

}  // namespace lanewise::accuracy
