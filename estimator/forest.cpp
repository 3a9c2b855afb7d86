// SPDX-License-Identifier: Apache-2.0
#include "estimator/forest.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/base/error.hpp"

namespace lanewise::estimator {
namespace {

// Below so many rows, taking each by itself is faster than taking all side by side.
constexpr std::size_t kRowsWorthLanes = 5;

}  // namespace

void Forest::add_tree(const std::vector<Node>& nodes) {
  Tree tree;
  tree.first = nodes_.size();
  nodes_.insert(nodes_.end(), nodes.begin(), nodes.end());
  std::vector<int> level(nodes.size());
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    const Node& node = nodes[n];
    tree.depth = std::max(tree.depth, level[n]);
    Step step;
    step.feature = node.feature;
    if (node.left == 0) {
      step.left = static_cast<std::uint32_t>(tree.first + n);
      step.threshold = std::numeric_limits<float>::quiet_NaN();
      step.answer = node.value;
    } else {
      level[node.left] = level[node.left + 1] = level[n] + 1;
      columns_ = std::max<std::size_t>(columns_, node.feature + std::size_t{1});
      step.left = static_cast<std::uint32_t>(tree.first + node.left);
      step.threshold = node.value;
    }
    steps_.push_back(step);
  }
  trees_.push_back(tree);
}

void Forest::finish() {
  std::vector<std::vector<float>> thresholds(columns_);
  for (const Node& node : nodes_) {
    if (node.left != 0) thresholds[node.feature].push_back(node.value);
  }
  has_lanes_ = depth() <= ForestLanes::kMostLevels;
  for (std::vector<float>& of_feature : thresholds) {
    std::sort(of_feature.begin(), of_feature.end());
    of_feature.erase(std::unique(of_feature.begin(), of_feature.end()), of_feature.end());
    has_lanes_ = has_lanes_ && of_feature.size() <= ForestLanes::kMostThresholds;
  }
  if (!has_lanes_) return;
  lanes_ = ForestLanes();
  lanes_.set_thresholds(thresholds);
  for (const Tree& tree : trees_) add_lanes(tree, thresholds);
}

void Forest::add_lanes(const Tree& tree, const std::vector<std::vector<float>>& thresholds) {
  std::vector<std::vector<ForestLanes::Split>> levels(static_cast<std::size_t>(tree.depth));
  std::vector<float> leaves(std::size_t{1} << tree.depth);
  struct Place {
    std::size_t node = 0, path = 0;
    int level = 0;
  };
  std::vector<Place> open = {Place{}};
  for (std::size_t i = 0; i < open.size(); ++i) {
    const Place at = open[i];
    const Node& node = nodes_[tree.first + at.node];
    if (node.left == 0) {
      leaves[at.path << (tree.depth - at.level)] = node.value;
      continue;
    }
    const std::vector<float>& of_feature = thresholds[node.feature];
    const auto rank = std::lower_bound(of_feature.begin(), of_feature.end(), node.value) - of_feature.begin();
    levels[static_cast<std::size_t>(at.level)].push_back(
        {static_cast<std::int8_t>(rank - 128), static_cast<std::uint8_t>(at.path), node.feature});
    open.push_back({node.left, 2 * at.path, at.level + 1});
    open.push_back({node.left + std::size_t{1}, 2 * at.path + 1, at.level + 1});
  }
  lanes_.add_tree(levels, leaves);
}

float Forest::walk(const Tree& tree, const float* row) const {
  const Node* root = &nodes_[tree.first];
  const Node* node = root;
  while (node->left != 0) {
    const float value = row[node->feature];
    const bool left = std::isnan(value) ? node->left_without_value : value < node->value;
    node = root + node->left + (left ? 0 : 1);
  }
  return node->value;
}

float Forest::predict_row(const float* row) const {
  // Trees that are gone down side by side, so that none waits for its own loads.
  constexpr std::size_t kTogether = 8;
  float sum = base_;
  std::size_t t = 0;
  for (; t + kTogether <= trees_.size(); t += kTogether) {
    std::array<std::size_t, kTogether> at;
    int depth = 0;
    for (std::size_t k = 0; k < kTogether; ++k) {
      at[k] = trees_[t + k].first;
      depth = std::max(depth, trees_[t + k].depth);
    }
    for (int level = 0; level < depth; ++level) {
      for (std::size_t k = 0; k < kTogether; ++k) {
        const Step& step = steps_[at[k]];
        at[k] = step.left + (row[step.feature] >= step.threshold ? 1U : 0U);
      }
    }
    for (std::size_t k = 0; k < kTogether; ++k) sum += steps_[at[k]].answer;
  }
  for (; t < trees_.size(); ++t) sum += walk(trees_[t], row);
  return sum;
}

std::vector<float> Forest::predict(const float* features, std::size_t rows, std::size_t columns) const {
  if (rows > 0 && columns < columns_) throw InternalError("fewer features than the trees were trained on");
  std::vector<float> sums(rows, base_);
  const std::size_t tail = rows % ForestLanes::kRowsAtOnce;
  const std::size_t side_by_side = !has_lanes_ ? 0 : tail < kRowsWorthLanes ? rows - tail : rows;
  lanes_.add(features, side_by_side, columns, sums.data());
  for (std::size_t row = side_by_side; row < rows; ++row) sums[row] = predict_row(features + row * columns);
  for (std::size_t row = 0; row < rows; ++row) {
    const float* values = features + row * columns;
    if (std::none_of(values, values + columns, [](float value) { return std::isnan(value); })) continue;
    sums[row] = base_;
    for (const Tree& tree : trees_) sums[row] += walk(tree, values);
  }
  return sums;
}

int Forest::depth() const {
  int depth = 0;
  for (const Tree& tree : trees_) depth = std::max(depth, tree.depth);
  return depth;
}

}  // namespace lanewise::estimator
