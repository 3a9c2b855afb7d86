// SPDX-License-Identifier: Apache-2.0
#include "estimator/forest_lanes.hpp"

#include <algorithm>
#include <array>

#include "core/base/error.hpp"

namespace lanewise::estimator {
namespace {

using Split = ForestLanes::Split;

constexpr std::size_t kWidth = ForestLanes::kRowsAtOnce;  // bytes of a vector
constexpr std::size_t kMostVectors = 4;                   // of paths per block; more would not fit in registers

using Bytes = std::uint8_t __attribute__((vector_size(kWidth), may_alias));
using Ranks = std::int8_t __attribute__((vector_size(kWidth), may_alias));

// The splits of one tree, level by level.
struct Splits {
  const Split* first;
  const std::uint8_t* counts;  // number of splits per level
  int levels;
};

// Computes the paths of kVectors x kWidth rows from the root of a tree to its leaves. `ranks` holds the ranks of all
// rows for the first feature, then for the next one, and so on. The vector types are the compiler's extension, which
// works on every processor and is lowered to the registers that it has. `ranks` and `paths` must be aligned to kWidth.
template <std::size_t kVectors>
[[gnu::always_inline]] inline void down(const Splits& tree, const std::int8_t* ranks, std::uint8_t* paths) {
  Bytes path[kVectors] = {};
  const Split* split = tree.first;
  for (int level = 0; level < tree.levels; ++level) {
    Bytes right[kVectors] = {};
    for (const Split* end = split + tree.counts[level]; split != end; ++split) {
      const auto* x = reinterpret_cast<const Ranks*>(ranks + split->feature * kVectors * kWidth);
      const Bytes here = split->path - Bytes{};
      const Ranks threshold = split->rank - Ranks{};
      // A comparison of vectors gives -1 in the lanes where it holds, and 0 elsewhere.
      for (std::size_t v = 0; v < kVectors; ++v) {
        right[v] -= reinterpret_cast<Bytes>((path[v] == here) & (x[v] > threshold));
      }
    }
    for (std::size_t v = 0; v < kVectors; ++v) path[v] += path[v] + right[v];
  }
  for (std::size_t v = 0; v < kVectors; ++v) reinterpret_cast<Bytes*>(paths)[v] = path[v];
}

using Down = void (*)(const Splits&, const std::int8_t*, std::uint8_t*);

template <std::size_t kVectors>
void down_anywhere(const Splits& tree, const std::int8_t* ranks, std::uint8_t* paths) {
  down<kVectors>(tree, ranks, paths);
}

#if defined(__x86_64__)
template <std::size_t kVectors>
[[gnu::target("avx2")]] void down_avx2(const Splits& tree, const std::int8_t* ranks, std::uint8_t* paths) {
  down<kVectors>(tree, ranks, paths);
}
bool has_avx2() { return __builtin_cpu_supports("avx2"); }
#else
template <std::size_t kVectors>
void down_avx2(const Splits& tree, const std::int8_t* ranks, std::uint8_t* paths) {
  down<kVectors>(tree, ranks, paths);
}
bool has_avx2() { return false; }
#endif

}  // namespace

ForestLanes::Code ForestLanes::fastest() {
  static const Code code = has_avx2() ? Code::kAvx2 : Code::kAny;
  return code;
}

void ForestLanes::set_thresholds(const std::vector<std::vector<float>>& thresholds) {
  for (const std::vector<float>& of_feature : thresholds) {
    if (of_feature.size() > kMostThresholds) throw InternalError("more thresholds of a feature than ranks");
    thresholds_.insert(thresholds_.end(), of_feature.begin(), of_feature.end());
    feature_ends_.push_back(static_cast<std::uint32_t>(thresholds_.size()));
  }
}

void ForestLanes::add_tree(const std::vector<std::vector<Split>>& levels, const std::vector<float>& leaves) {
  Tree tree;
  tree.levels = static_cast<std::uint8_t>(levels.size());
  tree.first_split = static_cast<std::uint32_t>(splits_.size());
  tree.first_leaf = static_cast<std::uint32_t>(leaves_.size());
  for (std::size_t level = 0; level < levels.size(); ++level) {
    tree.splits[level] = static_cast<std::uint8_t>(levels[level].size());
    splits_.insert(splits_.end(), levels[level].begin(), levels[level].end());
  }
  leaves_.insert(leaves_.end(), leaves.begin(), leaves.end());
  trees_.push_back(tree);
}

void ForestLanes::rank(const float* features, std::size_t rows, std::size_t columns, std::size_t stride,
                       std::int8_t* ranks) const {
  // Binary searches that are interleaved, so that the loads of one hide the latency of the others.
  constexpr std::size_t kTogether = 8;
  std::uint32_t begin = 0;
  for (std::size_t feature = 0; feature < feature_ends_.size(); ++feature) {
    const float* thresholds = thresholds_.data() + begin;
    const std::uint32_t count = feature_ends_[feature] - begin;
    begin = feature_ends_[feature];
    if (count == 0) continue;
    // Rows in a row share many values, as the parameters of their engine: each is looked for once.
    std::array<float, kMostVectors * kWidth> values;
    std::array<std::uint8_t, kMostVectors * kWidth> places;
    std::size_t distinct = 0;
    float last = 0;
    for (std::size_t row = 0; row < stride; ++row) {
      const float value = features[std::min(row, rows - 1) * columns + feature];
      distinct += row == 0 || !(value == last) ? 1U : 0U;
      values[distinct - 1] = last = value;
      places[row] = static_cast<std::uint8_t>(distinct - 1);
    }
    std::int8_t* out = ranks + feature * stride;
    std::array<std::int8_t, kMostVectors * kWidth> found;
    for (std::size_t pad = distinct; pad % kTogether != 0; ++pad) values[pad] = last;
    for (std::size_t first = 0; first < distinct; first += kTogether) {
      const float* value = &values[first];
      std::array<std::uint32_t, kTogether> reached{};
      std::uint32_t left = count;
      for (; left > 1; left -= left / 2) {
        const std::uint32_t half = left / 2;
        for (std::size_t k = 0; k < kTogether; ++k) {
          // The condition becomes a mask, because a branch would be mispredicted half of the time.
          reached[k] += half & (0U - static_cast<std::uint32_t>(thresholds[reached[k] + half - 1] <= value[k]));
        }
      }
      for (std::size_t k = 0; k < kTogether; ++k) {
        reached[k] += static_cast<std::uint32_t>(thresholds[reached[k]] <= value[k]);
        found[first + k] = static_cast<std::int8_t>(static_cast<int>(reached[k]) - 128);
      }
    }
    for (std::size_t row = 0; row < stride; ++row) out[row] = found[places[row]];
  }
}

template <std::size_t kVectors>
void ForestLanes::add_block(const float* features, std::size_t rows, std::size_t columns, float* sums,
                            Code code) const {
  const Down down_tree = code == Code::kAvx2 ? down_avx2<kVectors> : down_anywhere<kVectors>;
  constexpr std::size_t kRows = kVectors * kWidth;
  struct alignas(kWidth) Line {
    std::int8_t ranks[kRows];
  };
  std::vector<Line> ranks(feature_ends_.size() + 1);  // never empty, even when no tree has a split
  rank(features, rows, columns, kRows, ranks[0].ranks);
  alignas(kWidth) std::array<std::uint8_t, kRows> paths;
  std::array<float, kRows> row_sums{};
  std::copy(sums, sums + rows, row_sums.begin());
  for (const Tree& tree : trees_) {
    down_tree({splits_.data() + tree.first_split, tree.splits, tree.levels}, ranks[0].ranks, paths.data());
    const float* leaves = leaves_.data() + tree.first_leaf;
    for (std::size_t row = 0; row < kRows; ++row) row_sums[row] += leaves[paths[row]];
  }
  std::copy(row_sums.begin(), row_sums.begin() + static_cast<std::ptrdiff_t>(rows), sums);
}

void ForestLanes::add(const float* features, std::size_t rows, std::size_t columns, float* sums, Code code) const {
  const auto block = [&](std::size_t row, std::size_t count) {
    const float* first = features + row * columns;
    if (count > 2 * kWidth) return add_block<kMostVectors>(first, count, columns, sums + row, code);
    if (count > kWidth) return add_block<2>(first, count, columns, sums + row, code);
    add_block<1>(first, count, columns, sums + row, code);
  };
  constexpr std::size_t kMostRows = kMostVectors * kWidth;
  for (std::size_t row = 0; row < rows; row += kMostRows) block(row, std::min(kMostRows, rows - row));
}

}  // namespace lanewise::estimator
