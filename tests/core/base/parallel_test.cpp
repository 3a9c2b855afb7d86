// SPDX-License-Identifier: Apache-2.0
#include "core/base/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace lanewise {
namespace {

TEST(ParallelFor, every_index_is_worked_on_once) {
  for (const int threads : {0, 1, 3, 50}) {
    std::vector<std::atomic<int>> calls(40);
    parallel_for(calls.size(), threads, [&](std::size_t i) { ++calls[i]; });
    for (const std::atomic<int>& count : calls) EXPECT_EQ(count, 1) << threads;
  }
}

TEST(ParallelFor, the_failure_of_the_lowest_index_comes_through) {
  for (int round = 0; round < 50; ++round) {
    try {
      parallel_for(20, 4, [](std::size_t i) {
        if (i == 3) std::this_thread::yield();  // the others fail first
        if (i >= 3) throw std::runtime_error(std::to_string(i));
      });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "3");
    }
  }
}

TEST(ParallelFor, nothing_new_begins_after_a_failure) {
  std::size_t calls = 0;
  EXPECT_THROW(parallel_for(10, 1,
                            [&](std::size_t) {
                              ++calls;
                              throw std::runtime_error("at once");
                            }),
               std::runtime_error);
  EXPECT_EQ(calls, 1u);
}

TEST(ParallelFor, progress_is_told_on_the_calling_thread_and_may_end_the_loop) {
  const std::thread::id caller = std::this_thread::get_id();
  std::size_t last = 0;
  const auto stop_at_five = [&](std::size_t done) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    last = done;
    if (done >= 5) throw std::runtime_error("stop");
  };
  EXPECT_THROW(parallel_for(
                   10, 1, [](std::size_t) {}, stop_at_five),
               std::runtime_error);
  EXPECT_EQ(last, 5u);
}

}  // namespace
}  // namespace lanewise
