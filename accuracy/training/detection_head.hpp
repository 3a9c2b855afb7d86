// SPDX-License-Identifier: Apache-2.0
// What a detector's outputs mean: which maps its positions come from, and how a box is written at each of them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::accuracy {

// One map of a detector. Its positions stand row by row, the boxes of a position next to each other.
struct DetectionMap {
  std::int64_t rows = 0, columns = 0, boxes = 1;
  double stride_y = 0, stride_x = 0;  // pixels of the image between positions
  std::int64_t positions() const { return rows * columns * boxes; }
};

struct DetectionHead {
  enum class Coding {
    kOffsets,    // output "box_offsets": against anchors, detection_anchors.hpp
    kDistances,  // output "box_distances": from the centre of a cell, detection_cells.hpp
  };
  Coding coding = Coding::kOffsets;
  std::size_t class_output = 0, box_output = 1;  // indices of the graph's outputs
  std::int64_t classes = 0;                      // of the data
  bool has_background = false;  // value 0 of a position says that there is nothing, and values sum up by softmax
  std::int64_t height = 0, width = 0;  // of the image
  std::vector<DetectionMap> maps;      // in the order of the outputs' positions
  std::vector<network::TensorId> class_biases;  // of the convolutions that write the class scores
  std::int64_t positions() const;
  std::int64_t values() const { return classes + (has_background ? 1 : 0); }  // of class scores at a position
};

// Reads the head of a network from its outputs "class_logits" [batch, positions, values] and "box_offsets" or
// "box_distances" [batch, positions, 4], each the concatenation over maps [batch, boxes · values, rows, columns] that
// were transposed to [batch, rows, columns, boxes · values] and reshaped. As many values as classes of the data are
// scores by sigmoid; one more is a background, which must come with anchors. Throws Error naming the network, its
// outputs and what is needed.
DetectionHead read_detection_head(const network::Graph& graph, std::int64_t classes);

}  // namespace lanewise::accuracy
