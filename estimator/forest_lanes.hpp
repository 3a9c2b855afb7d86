// SPDX-License-Identifier: Apache-2.0
// Trees for many rows side by side, as vectors of bytes: no row waits for a decision of its own. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lanewise::estimator {

// A feature's value counts as its rank: how many of the thresholds that the trees hold against that feature it reaches.
// A tree is taken level by level. Every row carries the path it has come, a bit a level, 1 for right; each split of a
// level is held against all rows and turns those whose path leads to it.
class ForestLanes {
 public:
  struct Split {
    std::int8_t rank = 0;   // right where the row's rank is above, both counted from -128
    std::uint8_t path = 0;  // that leads here
    std::uint16_t feature = 0;
  };
  // How many levels a tree may have, and how many thresholds a feature: paths and ranks are bytes.
  static constexpr int kMostLevels = 8;
  static constexpr std::size_t kMostThresholds = 255;

  // `thresholds`: of every feature, ascending.
  void set_thresholds(const std::vector<std::vector<float>>& thresholds);
  // `levels`: the splits of each, at most kMostLevels. `leaves`: by path, 2^levels; a leaf above the last level stands
  // where going left from it ends.
  void add_tree(const std::vector<std::vector<Split>>& levels, const std::vector<float>& leaves);

  // The instructions that rows are taken with: what the compiler makes for any processor, or for one that has AVX2. The
  // answers are the same.
  enum class Code { kAny, kAvx2 };
  static Code fastest();  // that this processor has
  // Adds each tree's answer to the sums of `rows` rows, tree by tree. `features` is row-major, no value NaN.
  void add(const float* features, std::size_t rows, std::size_t columns, float* sums, Code code = fastest()) const;
  // Rows that take as long as one alone.
  static constexpr std::size_t kRowsAtOnce = 32;

 private:
  struct Tree {
    std::uint32_t first_split = 0, first_leaf = 0;
    std::uint8_t levels = 0;
    std::uint8_t splits[kMostLevels] = {};  // of each level, 2^7 at most
  };
  template <std::size_t kVectors>
  void add_block(const float* features, std::size_t rows, std::size_t columns, float* sums, Code code) const;
  void rank(const float* features, std::size_t rows, std::size_t columns, std::size_t stride, std::int8_t* ranks) const;

  std::vector<float> thresholds_;
  std::vector<std::uint32_t> feature_ends_;  // in thresholds_
  std::vector<Split> splits_;
  std::vector<float> leaves_;
  std::vector<Tree> trees_;
};

}  // namespace lanewise::estimator
