// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/patterns.hpp"

#include "core/network/onnx/patterns/families.hpp"

namespace lanewise::network::importing {

void canonicalise(Network& network) {
  PatternGraph graph(network);
  Algebra algebra(graph);
  // Each family builds on what the ones before it have made.
  for (void (*fold)(Algebra&) : {&fold_simple_functions, &fold_gates, &fold_rectifiers, &fold_softmax,
                                 &fold_normalizations, &fold_group_normalizations, &fold_rotary_embeddings}) {
    fold(algebra);
    graph.refresh();
  }
  merge_into_layers(graph);
}

}  // namespace lanewise::network::importing
