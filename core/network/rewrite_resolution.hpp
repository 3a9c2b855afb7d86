// SPDX-License-Identifier: Apache-2.0
// Networks on images of another size, and with smaller maps as output.
#pragma once

#include "core/network/graph.hpp"

namespace lanewise::network {

struct MapSize {
  std::int64_t height = 0, width = 0;
};

// The image among the graph's inputs: the first one of four dimensions over which a window slides. Zeros where there is
// none.
MapSize image_size(const Graph& graph);
// The map that an interpolation makes an output of the network, perhaps through functions of single numbers, softmax or
// a reduction of channels. Zeros where there is none.
MapSize output_map(const Graph& graph);

struct Resolution {
  MapSize image;            // zeros: as it is; several images are scaled alike
  double output_share = 1;  // of the edges of output maps
};
// The graph with every shape derived anew. Windows that cover a whole map still do; interpolations go to the size that
// maps of their old size have now, or else keep their factor; one to the size that its input has vanishes. Throws Error
// naming the operator and the reason where something holds the old size: weights over a map, a fixed shape.
Graph at_resolution(const Graph& graph, const Resolution& resolution);

}  // namespace lanewise::network
