// SPDX-License-Identifier: Apache-2.0
// By how much a candidate is expected to enlarge the hypervolume of a front, where some of its objectives are known and
// the others independent and normal on their scales. Exact: the space that the front leaves is cut into boxes, and the
// expectation of a product of independent lengths is the product of their expectations.
//
// Source: Emmerich, Deutz and Klinkenberg, Hypervolume-based expected improvement, CEC 2011; Yang, Emmerich, Deutz and
// Baeck, Efficient computation of expected hypervolume improvement using box decomposition algorithms, Journal of
// Global Optimization 75, 2019.
#pragma once

#include <cstddef>
#include <vector>

#include "nas/algorithms/hypervolume.hpp"
#include "nas/algorithms/outcome_scale.hpp"

namespace lanewise::nas {

// One objective of a candidate.
struct Belief {
  const OutcomeScale* scale = nullptr;  // nullptr: the value is known
  double mean = 0;                      // the known value, or on the scale
  double deviation = 0;                 // on the scale
};

class HypervolumeGain {
 public:
  // Large fronts are thinned: of three objectives to 256 points, to fewer where the gain of more than 1,800 candidates
  // is asked for, and to 64 at the least; of more objectives further, as boxes grow beyond all bounds.
  HypervolumeGain(const std::vector<Point>& front, const Point& reference, std::size_t candidates = 1);
  double expected(const std::vector<Belief>& beliefs) const;

 private:
  struct Cell {
    std::vector<std::size_t> lower, upper;  // levels; lower 0 stands for minus infinity
  };
  std::vector<std::vector<double>> levels_;  // per objective, ascending, from minus infinity
  std::vector<Cell> cells_;
  mutable std::vector<std::vector<double>> falls_;  // scratch
};

}  // namespace lanewise::nas
