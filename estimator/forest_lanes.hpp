// SPDX-License-Identifier: Apache-2.0
// Vectorised tree inference: evaluates a tree for many rows at once with SIMD vectors of bytes and without branches.
// Private to this module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lanewise::estimator {

// The value of a feature is replaced by its rank: the number of thresholds of that feature, over all trees, that are
// less than or equal to it. A comparison with a threshold then becomes a comparison of two bytes. A tree is evaluated
// level by level. Every row carries the path it has taken, one bit per level, 1 for right. Each split of a level is
// compared with all rows at once; it applies to those whose path leads to it.
class ForestLanes {
 public:
  struct Split {
    std::int8_t rank = 0;   // a row goes right when its rank is greater; both are offset by -128
    std::uint8_t path = 0;  // the path from the root to this split
    std::uint16_t feature = 0;
  };
  // The most levels of a tree and the most thresholds of a feature, since paths and ranks are bytes.
  static constexpr int kMostLevels = 8;
  static constexpr std::size_t kMostThresholds = 255;

  // `thresholds`: one ascending list per feature. Throws InternalError for a list longer than kMostThresholds.
  void set_thresholds(const std::vector<std::vector<float>>& thresholds);
  // `levels`: the splits of each level, at most kMostLevels levels. `leaves`: 2^levels values, by path; a leaf above
  // the last level stands at the path that goes left from it all the way down.
  void add_tree(const std::vector<std::vector<Split>>& levels, const std::vector<float>& leaves);

  // The instruction set: the baseline of the build, or AVX2. The results are the same.
  enum class Code { kAny, kAvx2 };
  static Code fastest();  // the best that this processor supports
  // Adds the value of each tree to `sums`, which has one entry per row, in the order of the trees. `features` is
  // row-major, rows x columns, and contains no NaN.
  void add(const float* features, std::size_t rows, std::size_t columns, float* sums, Code code = fastest()) const;
  // The width of a vector: evaluating so many rows costs as much as evaluating one.
  static constexpr std::size_t kRowsAtOnce = 32;

 private:
  struct Tree {
    std::uint32_t first_split = 0, first_leaf = 0;
    std::uint8_t levels = 0;
    std::uint8_t splits[kMostLevels] = {};  // number of splits of each level, at most 2^7
  };
  template <std::size_t kVectors>
  void add_block(const float* features, std::size_t rows, std::size_t columns, float* sums, Code code) const;
  void rank(const float* features, std::size_t rows, std::size_t columns, std::size_t stride, std::int8_t* ranks) const;

  std::vector<float> thresholds_;
  std::vector<std::uint32_t> feature_ends_;  // end of each feature's thresholds in thresholds_
  std::vector<Split> splits_;
  std::vector<float> leaves_;
  std::vector<Tree> trees_;
};

}  // namespace lanewise::estimator
