// SPDX-License-Identifier: Apache-2.0
// The trained trees, laid out for answering many rows at once. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lanewise::estimator {

// Feature values of some rows, arranged for forests: made once, asked of several.
class FeatureBlock {
 public:
  // `values`: row-major, `rows` x `columns`.
  FeatureBlock(const float* values, std::size_t rows, std::size_t columns);
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }

 private:
  friend class Forest;
  const float* values_;
  std::size_t rows_, columns_;
  std::vector<std::uint32_t> keys_;  // groups of kLanes rows: of each feature, the rows' values side by side
  std::vector<bool> holes_;          // rows that lack a value (NaN); empty where none does
};

// Sums over trees; read_forest() reads one. Gives the very bits that XGBoost's own prediction gives: thresholds are compared exactly, and a row's leaves are added
// in the order of the trees, in single precision. The answer does not depend on which rows are asked together.
class Forest {
 public:
  Forest() = default;
  // A node as the model has it. A leaf has left 0: the root is nobody's child.
  struct Node {
    std::uint32_t left = 0, right = 0;  // places in the tree's nodes
    float value = 0;                    // threshold: left below it; a leaf's answer
    std::uint16_t feature = 0;
    bool left_without_value = false;
  };
  // What all sums start from.
  explicit Forest(float base) : base_(base) {}
  // Root first, children behind their parents.
  void add_tree(const std::vector<Node>& nodes);

  // One value a row. Throws InternalError when the block has fewer columns than the trees ask for.
  std::vector<float> predict(const FeatureBlock& block) const;

  std::size_t trees() const { return trees_.size(); }
  std::size_t nodes() const { return nodes_.size(); }  // of all trees, leaves included
  int depth() const;                                   // of the deepest tree: decisions from root to leaf

 private:
  // A tree of no more than kFullDepth levels is also kept as a full one: node n has the children 2n and 2n + 1, the
  // root is 1, and a leaf above the last level stands below itself as often as that takes.
  struct Tree {
    std::size_t first_node = 0;
    int depth = 0;
    std::size_t full = 0;  // its first entry in thresholds_, features_ and leaves_
  };

  void add_full(Tree& tree);
  float walk(const Tree& tree, const float* row) const;
  void add_group(std::size_t first, std::size_t last, const std::uint32_t* keys, const float* rows,
                 std::size_t columns, std::size_t count, float* sums) const;
  void add_row(const std::uint32_t* keys, const float* row, float& sum) const;

  float base_ = 0;
  std::size_t columns_ = 0;
  std::vector<Node> nodes_;
  std::vector<Tree> trees_;
  // Of full trees, 2^depth entries each.
  std::vector<std::uint32_t> thresholds_;  // a row goes right where its key is above
  std::vector<std::uint16_t> features_;    // times kLanes: where the key lies in its group
  std::vector<float> leaves_;
};

}  // namespace lanewise::estimator
