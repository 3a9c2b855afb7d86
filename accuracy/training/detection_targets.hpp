// SPDX-License-Identifier: Apache-2.0
// What each position of a detector has to say of an image, and the boxes that positions start from.
#pragma once

#include <array>
#include <vector>

#include "accuracy/data/dataset.hpp"
#include "accuracy/training/detection_head.hpp"

namespace lanewise::accuracy {

struct PositionTarget {
  static constexpr int kNothing = -1;  // of no object
  static constexpr int kIgnored = -2;  // inside a crowd: neither one nor the other
  int label = kNothing;                // class of the object
  Box box;                             // the object's, where there is one
};

// Of a box, in pixels of the image.
struct Anchor {
  float x = 0, y = 0, width = 0, height = 0;  // the centre's position
};

// The anchors of every position, in the order of the outputs. The maps, from the finest down, share the sizes between a
// tenth of the image and the whole of it in equal ratios: of M maps, map k has the size s(k) = 10^((k + 1/2)/M − 1). The
// boxes of a position are, as far as there are that many: s(k) square; the mean √(s(k)·s(k+1)) square; s(k) with width to
// height 2, 1/2, 3, 1/3; then the same again with 0.7 times the sizes, and so on. A size is a share of the image's width
// and of its height.
std::vector<Anchor> anchors_of(const DetectionHead& head);

// As SSD matches (Liu et al., 2016): each object gets the anchor that overlaps it most, the best pair of all first; of
// the others each takes the object that it overlaps most, if by at least a half. Anchors of which more than a half lies
// in a crowd are ignored.
std::vector<PositionTarget> match_anchors(const std::vector<Anchor>& anchors, const std::vector<Box>& objects);

// What the network has to write for a box: ((x − a.x)/a.width/0.1, (y − a.y)/a.height/0.1, ln(width/a.width)/0.2,
// ln(height/a.height)/0.2), x and y the box's centre; and the box of what it wrote.
std::array<float, 4> offsets_of(const Box& box, const Anchor& anchor);
Box box_of_offsets(const float* offsets, const Anchor& anchor);

// Where a detector without anchors looks from.
struct Cell {
  float x = 0, y = 0;              // the centre of the cell
  float stride_x = 0, stride_y = 0;
  float scale_x = 0, scale_y = 0;  // pixels of a distance that is written as 0
};

// With one map the scale is 3/16 of the image, which lets distances from 1/290 of it to more than all of it be written;
// with several it is one and a half strides of the map.
std::vector<Cell> cells_of(const DetectionHead& head);

// A cell stands for an object where its centre is inside the box and closer than one stride to the box's centre in x and
// in y; of two objects the later wins. With several maps an object belongs to the first map of which its longer side is
// at most eight strides, or the last. With `nearest_cell` an object for which no cell stands gets the one whose centre
// is nearest, unless that stands for another one. Cells whose centre is in a crowd and that stand for nothing are
// ignored.
std::vector<PositionTarget> match_cells(const DetectionHead& head, const std::vector<Cell>& cells,
                                        const std::vector<Box>& objects, bool nearest_cell);

// Left, top, right and bottom from the centre of the cell: scale · exp(o), o within [−4, 2].
inline constexpr float kLeastDistance = -4, kMostDistance = 2;
Box box_of_distances(const float* distances, const Cell& cell);

}  // namespace lanewise::accuracy
