// SPDX-License-Identifier: Apache-2.0
// The trained trees, laid out for answering many rows at once. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "estimator/forest_lanes.hpp"

namespace lanewise::estimator {

// Sums over trees; read_forest() reads one. Gives the very bits that XGBoost's own prediction gives: every decision is
// the same, and a row's leaves are added in the order of the trees, in single precision. So the answer does not depend
// on which rows are asked together.
class Forest {
 public:
  // A node as a model has it. A leaf has left 0: the root is nobody's child.
  struct Node {
    std::uint32_t left = 0;  // place in the tree's nodes; right follows it
    std::uint16_t feature = 0;
    bool left_without_value = false;
    float value = 0;  // threshold: left below it; a leaf's answer
  };

  // `base`: what all sums start from.
  explicit Forest(float base = 0) : base_(base) {}
  // Root first, children behind their parents.
  void add_tree(const std::vector<Node>& nodes);
  // To be called behind the last add_tree().
  void finish();

  // One value for each of `rows` rows, which are row-major in `features`. Throws InternalError when a row has fewer
  // columns than the trees ask for.
  std::vector<float> predict(const float* features, std::size_t rows, std::size_t columns) const;

  std::size_t trees() const { return trees_.size(); }
  std::size_t nodes() const { return nodes_.size(); }  // of all trees, leaves included
  int depth() const;                                   // of the deepest tree: decisions from root to leaf

 private:
  // Laid out for few rows: a leaf is its own left child, and no value reaches its threshold.
  struct Step {
    std::uint32_t left = 0;  // place in steps_
    std::uint32_t feature = 0;
    float threshold = 0;
    float answer = 0;
  };
  struct Tree {
    std::size_t first = 0;  // in nodes_ and steps_
    int depth = 0;
  };

  void add_lanes(const Tree& tree, const std::vector<std::vector<float>>& thresholds);
  float walk(const Tree& tree, const float* row) const;
  float predict_row(const float* row) const;

  float base_ = 0;
  std::size_t columns_ = 0;
  std::vector<Node> nodes_;
  std::vector<Step> steps_;
  std::vector<Tree> trees_;
  bool has_lanes_ = false;
  ForestLanes lanes_;
};

}  // namespace lanewise::estimator
