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

}  // namespace lanewise
