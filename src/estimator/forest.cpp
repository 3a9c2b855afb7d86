// SPDX-License-Identifier: Apache-2.0
#include "estimator/forest.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/error.hpp"

namespace lanewise::estimator {
namespace {

// Rows that go down a tree side by side, so that each waits for its loads while the others move: as many as there are
// registers for.
constexpr std::size_t kLanes = 8;
// Deeper trees are walked node by node: full ones double with every level.
constexpr int kFullDepth = 10;
// Full trees that stay in the first-level cache while all rows of a block pass through them.
constexpr std::size_t kTreesAtOnce = 8;
constexpr std::size_t kMostFeatures = (std::size_t{std::numeric_limits<std::uint16_t>::max()} + 1) / kLanes;

// Unsigned integers in the order of the numbers; both zeros are one.
std::uint32_t ordered(float value) {
  value += 0.0F;
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

// Keys of `kLanes` rows lie side by side, feature after feature.
template <int kDepth>
void down_rows(const std::uint32_t* thresholds, const std::uint16_t* features, const float* leaves,
               const std::uint32_t* keys, float* sums) {
  std::array<std::size_t, kLanes> node;
  node.fill(1);
  for (int level = 0; level < kDepth; ++level) {
    for (std::size_t k = 0; k < kLanes; ++k) {
      const std::size_t n = node[k];
      node[k] = n + n + (thresholds[n] < keys[features[n] + k] ? 1U : 0U);
    }
  }
  for (std::size_t k = 0; k < kLanes; ++k) sums[k] += leaves[node[k] - (std::size_t{1} << kDepth)];
}

// One row through `kLanes` trees that lie one behind another.
template <int kDepth>
void down_trees(const std::uint32_t* thresholds, const std::uint16_t* features, const float* leaves,
                const std::uint32_t* keys, float& sum) {
  constexpr std::size_t kEntries = std::size_t{1} << kDepth;
  std::array<std::size_t, kLanes> node;
  node.fill(1);
  for (int level = 0; level < kDepth; ++level) {
    for (std::size_t k = 0; k < kLanes; ++k) {
      const std::size_t n = node[k], at = n + k * kEntries;
      node[k] = n + n + (thresholds[at] < keys[features[at]] ? 1U : 0U);
    }
  }
  for (std::size_t k = 0; k < kLanes; ++k) sum += leaves[node[k] - kEntries + k * kEntries];
}

using DownRows = void (*)(const std::uint32_t*, const std::uint16_t*, const float*, const std::uint32_t*, float*);
using DownTrees = void (*)(const std::uint32_t*, const std::uint16_t*, const float*, const std::uint32_t*, float&);

template <std::size_t... kDepths>
constexpr std::array<DownRows, sizeof...(kDepths)> rows_by_depth(std::index_sequence<kDepths...>) {
  return {down_rows<static_cast<int>(kDepths)>...};
}
template <std::size_t... kDepths>
constexpr std::array<DownTrees, sizeof...(kDepths)> trees_by_depth(std::index_sequence<kDepths...>) {
  return {down_trees<static_cast<int>(kDepths)>...};
}
constexpr auto kDownRows = rows_by_depth(std::make_index_sequence<kFullDepth + 1>());
constexpr auto kDownTrees = trees_by_depth(std::make_index_sequence<kFullDepth + 1>());

}  // namespace

FeatureBlock::FeatureBlock(const float* values, std::size_t rows, std::size_t columns)
    : values_(values), rows_(rows), columns_(columns), keys_((rows + kLanes - 1) / kLanes * kLanes * columns) {
  for (std::size_t row = 0; row < rows; ++row) {
    const float* from = values + row * columns;
    std::uint32_t* to = keys_.data() + row / kLanes * kLanes * columns + row % kLanes;
    bool hole = false;
    for (std::size_t column = 0; column < columns; ++column) {
      to[column * kLanes] = ordered(from[column]);
      hole = hole || std::isnan(from[column]);
    }
    if (!hole) continue;
    holes_.resize(rows);
    holes_[row] = true;
  }
}

void Forest::add_tree(const std::vector<Node>& nodes) {
  Tree tree;
  tree.first_node = nodes_.size();
  nodes_.insert(nodes_.end(), nodes.begin(), nodes.end());
  // Children stand behind their parents: the builder has seen to it.
  std::vector<int> level(nodes.size());
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    tree.depth = std::max(tree.depth, level[n]);
    if (nodes[n].left == 0) continue;
    level[nodes[n].left] = level[nodes[n].right] = level[n] + 1;
    columns_ = std::max<std::size_t>(columns_, nodes[n].feature + std::size_t{1});
  }
  if (columns_ > kMostFeatures) throw InternalError("more features than a forest can tell apart");
  if (tree.depth <= kFullDepth) add_full(tree);
  trees_.push_back(tree);
}

void Forest::add_full(Tree& tree) {
  const std::size_t entries = std::size_t{1} << tree.depth;
  tree.full = thresholds_.size();
  // Above the last level a leaf's rows all go left, or anywhere: it stands below both.
  thresholds_.resize(tree.full + entries, std::numeric_limits<std::uint32_t>::max());
  features_.resize(tree.full + entries);
  leaves_.resize(tree.full + entries);
  std::vector<std::size_t> stands_for(2 * entries);  // place in the full tree -> node
  for (std::size_t n = 1; n < 2 * entries; ++n) {
    const Node& node = nodes_[tree.first_node + stands_for[n]];
    if (n >= entries) {
      leaves_[tree.full + n - entries] = node.value;
      continue;
    }
    const bool leaf = node.left == 0;
    stands_for[2 * n] = leaf ? stands_for[n] : node.left;
    stands_for[2 * n + 1] = leaf ? stands_for[n] : node.right;
    if (leaf) continue;
    // Right from the threshold on: above the key before it.
    thresholds_[tree.full + n] = ordered(node.value) - 1;
    features_[tree.full + n] = static_cast<std::uint16_t>(node.feature * kLanes);
  }
}

float Forest::walk(const Tree& tree, const float* row) const {
  const Node* root = &nodes_[tree.first_node];
  const Node* node = root;
  while (node->left != 0) {
    const float value = row[node->feature];
    const bool left = std::isnan(value) ? node->left_without_value : value < node->value;
    node = root + (left ? node->left : node->right);
  }
  return node->value;
}

void Forest::add_group(std::size_t first, std::size_t last, const std::uint32_t* keys, const float* rows,
                       std::size_t columns, std::size_t count, float* sums) const {
  std::array<float, kLanes> lanes{};
  std::copy(sums, sums + count, lanes.begin());
  for (std::size_t t = first; t < last; ++t) {
    const Tree& tree = trees_[t];
    if (tree.depth <= kFullDepth) {
      const std::size_t at = tree.full;
      kDownRows[static_cast<std::size_t>(tree.depth)](&thresholds_[at], &features_[at], &leaves_[at], keys,
                                                      lanes.data());
      continue;
    }
    for (std::size_t k = 0; k < count; ++k) lanes[k] += walk(tree, rows + k * columns);
  }
  std::copy(lanes.begin(), lanes.begin() + static_cast<std::ptrdiff_t>(count), sums);
}

void Forest::add_row(const std::uint32_t* keys, const float* row, float& sum) const {
  for (std::size_t t = 0; t < trees_.size();) {
    const Tree& tree = trees_[t];
    const std::size_t end = std::min(t + kLanes, trees_.size());
    const bool alike = end == t + kLanes && tree.depth <= kFullDepth &&
                       std::all_of(trees_.begin() + static_cast<std::ptrdiff_t>(t),
                                   trees_.begin() + static_cast<std::ptrdiff_t>(end),
                                   [&](const Tree& other) { return other.depth == tree.depth; });
    if (alike) {
      const std::size_t at = tree.full;
      kDownTrees[static_cast<std::size_t>(tree.depth)](&thresholds_[at], &features_[at], &leaves_[at], keys, sum);
      t = end;
    } else {
      sum += walk(tree, row);
      ++t;
    }
  }
}

std::vector<float> Forest::predict(const FeatureBlock& block) const {
  if (block.columns_ < columns_) throw InternalError("fewer features than the trees were trained on");
  std::vector<float> sums(block.rows_, base_);
  // A few rows are faster one by one, several trees at a time.
  constexpr std::size_t kWorthAGroup = 3;
  const std::size_t alone = block.rows_ % kLanes < kWorthAGroup ? block.rows_ % kLanes : 0;
  const std::size_t together = block.rows_ - alone;
  for (std::size_t t = 0; t < trees_.size(); t += kTreesAtOnce) {
    const std::size_t end = std::min(t + kTreesAtOnce, trees_.size());
    for (std::size_t row = 0; row < together; row += kLanes) {
      add_group(t, end, &block.keys_[row * block.columns_], block.values_ + row * block.columns_, block.columns_,
                std::min(kLanes, together - row), &sums[row]);
    }
  }
  for (std::size_t row = together; row < block.rows_; ++row) {
    const std::uint32_t* group = &block.keys_[row / kLanes * kLanes * block.columns_];
    add_row(group + row % kLanes, block.values_ + row * block.columns_, sums[row]);
  }
  for (std::size_t row = 0; row < block.holes_.size(); ++row) {
    if (!block.holes_[row]) continue;
    sums[row] = base_;
    for (const Tree& tree : trees_) sums[row] += walk(tree, block.values_ + row * block.columns_);
  }
  return sums;
}

int Forest::depth() const {
  int depth = 0;
  for (const Tree& tree : trees_) depth = std::max(depth, tree.depth);
  return depth;
}

}  // namespace lanewise::estimator
