// SPDX-License-Identifier: Apache-2.0
// Inference for trained gradient-boosted trees, laid out for evaluating many rows at once. Private to this module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "estimator/forest_lanes.hpp"

namespace lanewise::estimator {

// A sum over regression trees; read_forest() reads one from a model. Predictions are bit-identical to XGBoost's: every
// decision is the same, and the leaves of a row are added in the order of the trees, in single precision. So a row's
// prediction does not depend on the batch it is in.
class Forest {
 public:
  // A node as the model file stores it. A leaf has left == 0, since the root is no node's child.
  struct Node {
    std::uint32_t left = 0;  // index in the tree's nodes; the right child follows it
    std::uint16_t feature = 0;
    bool left_without_value = false;
    float value = 0;  // the threshold, values below it go left; or the value of a leaf
  };

  // `base`: the initial value of every sum.
  explicit Forest(float base = 0) : base_(base) {}
  // The root comes first, and children come after their parents.
  void add_tree(const std::vector<Node>& nodes);
  // Must be called once, after the last add_tree().
  void finish();

  // One value per row. `features` is row-major, rows x columns. Throws InternalError when the rows have fewer columns
  // than the trees use.
  std::vector<float> predict(const float* features, std::size_t rows, std::size_t columns) const;

  std::size_t trees() const { return trees_.size(); }
  std::size_t nodes() const { return nodes_.size(); }  // of all trees, leaves included
  int depth() const;                                   // of the deepest tree, in decisions from root to leaf

 private:
  // The layout for few rows. A leaf is its own left child and has a threshold that no value reaches, so that every walk
  // takes as many steps as the tree is deep.
  struct Step {
    std::uint32_t left = 0;  // index in steps_
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
