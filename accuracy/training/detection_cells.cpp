// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "accuracy/training/detection_targets.hpp"

namespace lanewise::accuracy {
namespace {

bool is_inside(const Cell& cell, const Box& box) {
  return cell.x > box.left && cell.x < box.right && cell.y > box.top && cell.y < box.bottom;
}

struct Centre {
  float x = 0, y = 0;
};
Centre centre_of(const Box& box) { return {(box.left + box.right) / 2, (box.top + box.bottom) / 2}; }

// The cells of one map, [first, last).
struct Range {
  std::size_t first = 0, last = 0;
};

Range range_of(const DetectionHead& head, const Box& object) {
  constexpr double kMostStrides = 8;
  const double side = static_cast<double>(std::max(object.right - object.left, object.bottom - object.top));
  Range range;
  for (std::size_t i = 0; i < head.maps.size(); ++i) {
    range.first = range.last;
    range.last += static_cast<std::size_t>(head.maps[i].positions());
    if (side <= kMostStrides * std::max(head.maps[i].stride_x, head.maps[i].stride_y)) break;
  }
  return range;
}

std::size_t nearest(const std::vector<Cell>& cells, Range range, Centre centre) {
  const auto distance = [&](const Cell& cell) { return std::hypot(cell.x - centre.x, cell.y - centre.y); };
  std::size_t best = range.first;
  for (std::size_t i = range.first; i < range.last; ++i) {
    if (distance(cells[i]) < distance(cells[best])) best = i;
  }
  return best;
}

}  // namespace

std::vector<Cell> cells_of(const DetectionHead& head) {
  constexpr double kOfImage = 3.0 / 16, kOfStride = 1.5;
  const bool one_map = head.maps.size() == 1;
  std::vector<Cell> cells;
  for (const DetectionMap& map : head.maps) {
    const double scale_x = one_map ? kOfImage * static_cast<double>(head.width) : kOfStride * map.stride_x;
    const double scale_y = one_map ? kOfImage * static_cast<double>(head.height) : kOfStride * map.stride_y;
    for (std::int64_t row = 0; row < map.rows; ++row) {
      for (std::int64_t column = 0; column < map.columns; ++column) {
        cells.push_back({static_cast<float>((static_cast<double>(column) + 0.5) * map.stride_x),
                         static_cast<float>((static_cast<double>(row) + 0.5) * map.stride_y),
                         static_cast<float>(map.stride_x), static_cast<float>(map.stride_y),
                         static_cast<float>(scale_x), static_cast<float>(scale_y)});
      }
    }
  }
  return cells;
}

std::vector<PositionTarget> match_cells(const DetectionHead& head, const std::vector<Cell>& cells,
                                        const std::vector<Box>& objects, bool nearest_cell) {
  std::vector<PositionTarget> targets(cells.size());
  std::vector<std::size_t> stands(cells.size(), objects.size());  // for which object
  for (std::size_t o = 0; o < objects.size(); ++o) {
    if (objects[o].is_crowd) continue;
    const Range range = range_of(head, objects[o]);
    const Centre centre = centre_of(objects[o]);
    for (std::size_t i = range.first; i < range.last; ++i) {
      const Cell& cell = cells[i];
      const bool close = std::abs(cell.x - centre.x) < cell.stride_x && std::abs(cell.y - centre.y) < cell.stride_y;
      if (close && is_inside(cell, objects[o])) stands[i] = o;
    }
  }
  for (std::size_t o = 0; o < objects.size() && nearest_cell; ++o) {
    if (objects[o].is_crowd || std::find(stands.begin(), stands.end(), o) != stands.end()) continue;
    std::size_t& free = stands[nearest(cells, range_of(head, objects[o]), centre_of(objects[o]))];
    if (free == objects.size()) free = o;
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (stands[i] < objects.size()) {
      targets[i] = {objects[stands[i]].label, objects[stands[i]]};
    } else if (std::any_of(objects.begin(), objects.end(),
                           [&](const Box& box) { return box.is_crowd && is_inside(cells[i], box); })) {
      targets[i].label = PositionTarget::kIgnored;
    }
  }
  return targets;
}

Box box_of_distances(const float* distances, const Cell& cell) {
  const auto length = [](float value, float scale) {
    return scale * std::exp(std::clamp(value, kLeastDistance, kMostDistance));
  };
  Box box;
  box.left = cell.x - length(distances[0], cell.scale_x);
  box.top = cell.y - length(distances[1], cell.scale_y);
  box.right = cell.x + length(distances[2], cell.scale_x);
  box.bottom = cell.y + length(distances[3], cell.scale_y);
  return box;
}

}  // namespace lanewise::accuracy
