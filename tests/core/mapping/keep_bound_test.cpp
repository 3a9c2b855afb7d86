// SPDX-License-Identifier: Apache-2.0
// The bound at which the allocator stops, against every choice of small random instances.
#include "core/mapping/keep_bound.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "core/base/random.hpp"

namespace lanewise::mapping {
namespace {

using Rooms = std::vector<std::int64_t>;
using Lives = std::vector<Lifetime>;

// Lives as networks have them: most from one subgraph to the next, some longer.
Lives draw_lives(Random& random, std::size_t subgraphs) {
  Lives lives;
  for (std::size_t i = 0; i + 1 < subgraphs; ++i) {
    const auto last = std::min(subgraphs - 1, i + 1 + static_cast<std::size_t>(random.below(4) == 0 ? 2 : 0));
    lives.push_back({i, last, random.between(1, 7), random.between(1, 50), static_cast<int>(i)});
  }
  return lives;
}

bool fits(const Lives& lives, const Rooms& room, unsigned kept) {
  for (std::size_t at = 0; at < room.size(); ++at) {
    std::int64_t banks = 0;
    for (std::size_t i = 0; i < lives.size(); ++i) {
      const bool alive = lives[i].first_subgraph <= at && at <= lives[i].last_subgraph;
      if ((kept >> i & 1U) != 0 && alive) banks += lives[i].banks;
    }
    if (banks > room[at]) return false;
  }
  return true;
}

TEST(KeepBound, is_the_best_of_all_choices_that_have_room) {
  Random random(3);
  for (int round = 0; round < 60; ++round) {
    const Lives lives = draw_lives(random, 9);
    Rooms room;
    for (int i = 0; i < 9; ++i) room.push_back(random.between(4, 10));
    std::vector<bool> possible(lives.size(), true);
    possible[static_cast<std::size_t>(random.below(lives.size()))] = false;
    std::pair<std::int64_t, std::int64_t> best{0, 0};  // saved bytes, less banks x subgraphs
    for (unsigned kept = 0; kept < 1U << lives.size(); ++kept) {
      std::pair<std::int64_t, std::int64_t> sum{0, 0};
      bool allowed = fits(lives, room, kept);
      for (std::size_t i = 0; i < lives.size(); ++i) {
        if ((kept >> i & 1U) == 0) continue;
        allowed = allowed && possible[i];
        sum.first += lives[i].saved_bytes;
        sum.second -= lives[i].banks * static_cast<std::int64_t>(lives[i].last_subgraph - lives[i].first_subgraph + 1);
      }
      if (allowed) best = std::max(best, sum);
    }
    const auto bound = keep_bound(lives, possible, room);
    ASSERT_TRUE(bound.has_value());
    EXPECT_EQ(bound->saved_bytes, best.first) << round;
    EXPECT_EQ(bound->bank_subgraphs, -best.second) << round;
  }
}

TEST(KeepBound, says_nothing_of_more_tensors_at_once_than_it_looks_at) {
  Lives lives;
  for (int i = 0; i < 20; ++i) lives.push_back({0, 1, 1, 1, i});
  EXPECT_FALSE(keep_bound(lives, std::vector<bool>(20, true), Rooms{30, 30}).has_value());
}

}  // namespace
}  // namespace lanewise::mapping
