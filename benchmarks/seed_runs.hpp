// SPDX-License-Identifier: Apache-2.0
// The same search under many seeds, side by side, and what they say together.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lanewise {

// Calls `run` once for each seed from 1 on, on every core; it must touch nothing that another call touches.
inline void for_each_seed(int seeds, const std::function<void(std::uint64_t seed)>& run) {
  std::atomic<int> next{1};
  std::exception_ptr problem;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&] {
      for (int seed = next++; seed <= seeds; seed = next++) {
        try {
          run(static_cast<std::uint64_t>(seed));
        } catch (...) {
          const std::lock_guard<std::mutex> lock(mutex);
          problem = std::current_exception();
          return;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (problem) std::rethrow_exception(problem);
}

inline double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

// The value below which `share` of all lie, between neighbours by straight line.
inline double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double at = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (at - static_cast<double>(low)) * (values[high] - values[low]);
}

// The chance of ranks as high as these where neither is better, one-sided: of the signed-rank sum, exact by counting.
// Differences of 0 are left out, and of equal sizes each has the mean of their ranks.
//
// Source: Wilcoxon, Individual comparisons by ranking methods, Biometrics Bulletin 1(6), 1945.
inline double signed_rank_chance(const std::vector<double>& differences) {
  std::vector<double> sizes;
  for (const double d : differences) {
    if (d != 0) sizes.push_back(std::abs(d));
  }
  if (sizes.empty()) return 1;
  std::sort(sizes.begin(), sizes.end());
  // Twice the mean rank of those of this size is a whole number.
  const auto twice_rank = [&](double size) {
    const auto [first, last] = std::equal_range(sizes.begin(), sizes.end(), size);
    return static_cast<std::size_t>((first - sizes.begin()) + (last - sizes.begin())) + 1;
  };
  std::size_t sum = 0, most = 0;
  for (const double d : differences) sum += d > 0 ? twice_rank(d) : 0;
  for (const double size : sizes) most += twice_rank(size);
  std::vector<double> ways(most + 1, 0.0);
  ways[0] = 1;
  for (const double size : sizes) {
    const std::size_t rank = twice_rank(size);
    for (std::size_t s = most; s >= rank; --s) ways[s] += ways[s - rank];
  }
  double tail = 0;
  for (std::size_t s = sum; s <= most; ++s) tail += ways[s];
  return tail / std::pow(2.0, static_cast<double>(sizes.size()));
}

}  // namespace lanewise
