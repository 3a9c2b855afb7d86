// SPDX-License-Identifier: Apache-2.0
// Hypervolume: how much of the space below a reference point a set of points dominates. All objectives are minimised.
//
// Source: Lacour, Klamroth and Fonseca, A box decomposition algorithm to compute the hypervolume indicator, Computers &
// Operations Research 79, 2017, with ties broken by position, so that points need not be in general position.
#pragma once

#include <cstddef>
#include <vector>

namespace lanewise::nas {

using Point = std::vector<double>;  // one value per objective

// A box between two corners; a lower corner may be minus infinity.
struct Box {
  Point lower, upper;
};

// The volume that is dominated by one of `points` and dominates `reference`, exact up to rounding. Points that do not
// lie below the reference in every objective add nothing. Two objectives take O(n log n), three O(n^2) here.
double hypervolume(const std::vector<Point>& points, const Point& reference);

// Disjoint boxes that together are all that dominates `reference` and is dominated by none of `points`.
std::vector<Box> non_dominated_boxes(const std::vector<Point>& points, const Point& reference);

// The points that are below the reference and that no other dominates, each once, sorted.
std::vector<Point> minimal_points(const std::vector<Point>& points, const Point& reference);

}  // namespace lanewise::nas
