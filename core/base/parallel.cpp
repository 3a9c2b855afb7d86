// SPDX-License-Identifier: Apache-2.0
#include "core/base/parallel.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace lanewise {

void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& work,
                  const std::function<void(std::size_t done)>& after) {
  std::atomic<std::size_t> next{0}, done{0};
  std::atomic<bool> failed{false};
  std::exception_ptr failure;
  std::size_t failed_index = count + 1;  // `count` stands for a failure of `after`
  std::mutex guard;
  const auto fail = [&](std::size_t index) {
    const std::lock_guard<std::mutex> lock(guard);
    failed = true;
    if (index >= failed_index) return;
    failed_index = index;
    failure = std::current_exception();
  };
  const auto run = [&](bool calling) {
    // Looked at before an index is taken: every index below a failed one has been taken by then, and so runs.
    while (!failed) {
      const std::size_t i = next++;
      if (i >= count) return;
      try {
        work(i);
      } catch (...) {
        return fail(i);
      }
      ++done;
      if (!calling || !after) continue;
      try {
        after(done);
      } catch (...) {
        return fail(count);
      }
    }
  };
  std::vector<std::thread> others;
  for (int t = 1; t < threads && static_cast<std::size_t>(t) < count; ++t) others.emplace_back(run, false);
  run(true);
  for (std::thread& other : others) other.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace lanewise
