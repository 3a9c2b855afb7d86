// SPDX-License-Identifier: Apache-2.0
// The allocator against cases worked out by hand, and against every possible allocation of small random instances.
#include "core/mapping/allocator.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/random.hpp"

namespace lanewise::mapping {
namespace {

using Rooms = std::vector<std::int64_t>;
using Lives = std::vector<Lifetime>;

Allocation sound(const Lives& lives, const Rooms& room) {
  const Allocation allocation = allocate(lives, room);
  EXPECT_EQ(allocation_fault(lives, room, allocation), "");
  EXPECT_LE(static_cast<double>(allocation.saved_bytes), saved_bytes_bound(lives, room) * (1 + 1e-12));
  return allocation;
}

std::vector<Outcome> outcomes(const Allocation& allocation) {
  std::vector<Outcome> out;
  for (const Allocation::Place& place : allocation.places) out.push_back(place.outcome);
  return out;
}

TEST(Allocator, a_chain_needs_only_room_for_two_neighbours) {
  // 3 + 5, 5 + 2, 2 + 6 banks: packed from one end alone they would not fit into 8.
  const Lives chain{{0, 1, 3, 30}, {1, 2, 5, 50}, {2, 3, 2, 20}, {3, 4, 6, 60}};
  EXPECT_EQ(sound(chain, Rooms(5, 8)).saved_bytes, 160);
}

TEST(Allocator, a_skip_connection_holds_its_banks_to_the_addition) {
  // The skip (0 to 3) takes 4 of 8 banks; the branch's wide tensor (1 to 2) would need 6.
  const Lives lives{{0, 3, 4, 400}, {1, 2, 6, 300}, {2, 3, 4, 200}};
  const Allocation allocation = sound(lives, Rooms(4, 8));
  EXPECT_EQ(outcomes(allocation), (std::vector<Outcome>{Outcome::kKept, Outcome::kNoRoom, Outcome::kKept}));
  const std::vector<Occupancy> used = occupancy(lives, Rooms(4, 8), allocation);
  EXPECT_EQ(used[0].kept, 4);
  EXPECT_EQ(used[1].kept, 4) << "held through a pass that does not touch it";
  EXPECT_EQ(used[3].kept, 8);
  EXPECT_EQ(used[3].free, 0);
}

TEST(Allocator, says_when_a_tensor_never_fits) {
  EXPECT_EQ(outcomes(sound({{0, 1, 9, 90}}, {10, 8})), std::vector<Outcome>{Outcome::kTooLarge});
  EXPECT_EQ(outcomes(sound({{0, 1, 8, 80}}, {10, 8})), std::vector<Outcome>{Outcome::kKept});
}

TEST(Allocator, half_a_bundle_is_worth_nothing) {
  // Together they need 10 banks in subgraph 1.
  const Lives together{{0, 1, 5, 50, 7}, {1, 1, 5, 50, 7}};
  EXPECT_EQ(sound(together, {9, 10}).saved_bytes, 100);
  EXPECT_EQ(outcomes(sound(together, {9, 9})), (std::vector<Outcome>{Outcome::kBundle, Outcome::kBundle}));
  const Lives with_large{{0, 1, 5, 50, 7}, {1, 1, 12, 50, 7}};
  EXPECT_EQ(outcomes(sound(with_large, {9, 10})), (std::vector<Outcome>{Outcome::kBundle, Outcome::kTooLarge}));
}

TEST(Allocator, tells_fragmentation_from_lack_of_room) {
  // Subgraphs 0 and 2 leave tensors banks 0 and 1 only, so both tensors want those in subgraph 1, where 4 are free.
  const Lives lives{{0, 1, 2, 100}, {1, 2, 2, 90}};
  EXPECT_EQ(outcomes(sound(lives, {2, 4, 2})), (std::vector<Outcome>{Outcome::kKept, Outcome::kFragmentation}));
  EXPECT_EQ(outcomes(sound(lives, {2, 3, 2})), (std::vector<Outcome>{Outcome::kKept, Outcome::kNoRoom}));
  EXPECT_EQ(outcomes(sound(lives, {2, 4, 4})), (std::vector<Outcome>{Outcome::kKept, Outcome::kKept}));
  const std::vector<Occupancy> used = occupancy(lives, {2, 4, 2}, sound(lives, {2, 4, 2}));
  EXPECT_EQ(used[1].free, 2);
  EXPECT_EQ(used[1].largest_hole, 2);
}

// Every tensor in every place, or left out: what no allocator can beat.
class Exhaustive {
 public:
  Exhaustive(const Lives& lives, const Rooms& room) : lives_(lives), room_(room), at_(lives.size(), -1) {
    for (const Lifetime& life : lives) left_ += life.saved_bytes;
    place(0, 0, left_);
  }
  std::int64_t best() const { return best_; }

 private:
  void place(std::size_t i, std::int64_t saved, std::int64_t left) {
    if (saved + left <= best_) return;
    if (i == lives_.size()) {
      best_ = saved;
      return;
    }
    const Lifetime& life = lives_[i];
    const std::int64_t rest = left - life.saved_bytes;
    bool may_stay = true, may_leave = true;
    for (std::size_t j = 0; j < i; ++j) {
      if (life.bundle >= 0 && lives_[j].bundle == life.bundle) (at_[j] >= 0 ? may_leave : may_stay) = false;
    }
    for (std::int64_t bank = 0; may_stay && bank < *std::max_element(room_.begin(), room_.end()); ++bank) {
      at_[i] = bank;
      if (allowed(i)) place(i + 1, saved + life.saved_bytes, rest);
    }
    at_[i] = -1;
    if (may_leave) place(i + 1, saved, rest);
  }

  bool allowed(std::size_t i) const {
    const Lifetime& a = lives_[i];
    for (std::size_t subgraph = a.first_subgraph; subgraph <= a.last_subgraph; ++subgraph) {
      if (at_[i] + a.banks > room_[subgraph]) return false;
      for (std::size_t j = 0; j < i; ++j) {
        const Lifetime& b = lives_[j];
        if (at_[j] < 0 || subgraph < b.first_subgraph || subgraph > b.last_subgraph) continue;
        if (at_[i] < at_[j] + b.banks && at_[j] < at_[i] + a.banks) return false;
      }
    }
    return true;
  }

  const Lives& lives_;
  const Rooms& room_;
  std::vector<std::int64_t> at_;
  std::int64_t left_ = 0, best_ = 0;
};

TEST(Allocator, comes_close_to_the_best_of_small_random_instances) {
  Random random(11);
  double ratios = 0, worst = 1;
  int optimal = 0, counted = 0, fragmented = 0;
  constexpr int kInstances = 400;
  for (int n = 0; n < kInstances; ++n) {
    const std::int64_t subgraphs = random.between(3, 8), banks = random.between(4, 9);
    Rooms room;
    for (std::int64_t i = 0; i < subgraphs; ++i) room.push_back(random.between(banks - 2, banks));
    Lives lives;
    const std::int64_t tensors = random.between(3, 8);
    for (std::int64_t i = 0; i < tensors; ++i) {
      const std::int64_t first = random.between(0, subgraphs - 2);
      const std::int64_t last =
          std::min(subgraphs - 1, first + (random.between(0, 2) > 0 ? 1 : random.between(1, subgraphs)));
      const std::int64_t size = random.between(1, banks / 2 + 1);
      lives.push_back({static_cast<std::size_t>(first), static_cast<std::size_t>(last), size,
                       size * 100 * random.between(1, 4) + random.between(0, 99), random.between(0, 4) == 0 ? 3 : -1});
    }
    const Allocation allocation = sound(lives, room);
    const Allocation again = allocate(lives, room);
    for (std::size_t i = 0; i < lives.size(); ++i) {
      EXPECT_EQ(again.places[i].first_bank, allocation.places[i].first_bank);
      fragmented += allocation.places[i].outcome == Outcome::kFragmentation ? 1 : 0;
    }
    const std::int64_t best = Exhaustive(lives, room).best();
    EXPECT_LE(allocation.saved_bytes, best);
    EXPECT_GE(saved_bytes_bound(lives, room) * (1 + 1e-12), static_cast<double>(best));
    if (best == 0) continue;
    const double ratio = static_cast<double>(allocation.saved_bytes) / static_cast<double>(best);
    ratios += ratio;
    worst = std::min(worst, ratio);
    optimal += ratio == 1.0 ? 1 : 0;
    ++counted;
  }
  RecordProperty("mean_percent", std::to_string(100 * ratios / counted));
  RecordProperty("worst_percent", std::to_string(100 * worst));
  RecordProperty("optimal", std::to_string(optimal) + " of " + std::to_string(counted));
  EXPECT_GT(fragmented, 0) << "the instances are hard enough to fragment";
  EXPECT_GT(counted, kInstances * 9 / 10);
  EXPECT_GE(ratios / counted, 0.99);
  EXPECT_GE(worst, 0.9);
  EXPECT_GE(optimal, counted * 95 / 100);
}

TEST(Allocator, the_lowest_hole_is_free_for_the_whole_life_and_within_its_room) {
  const Lives lives{{0, 1, 2, 20}, {1, 3, 3, 30}, {1, 2, 2, 10}, {3, 3, 2, 10}};
  Allocation allocation;
  allocation.places = {{Outcome::kKept, 0}, {Outcome::kKept, 4}, {}, {}};
  EXPECT_EQ(lowest_hole(lives, Rooms(4, 9), allocation, 2), 2) << "between the two that live then";
  EXPECT_EQ(lowest_hole(lives, Rooms(4, 9), allocation, 3), 0) << "the first is gone by then";
  allocation.places[1].first_bank = 3;
  EXPECT_EQ(lowest_hole(lives, Rooms(4, 9), allocation, 2), 6);
  EXPECT_EQ(lowest_hole(lives, {9, 9, 7, 9}, allocation, 2), -1);
}

TEST(Allocator, tensors_that_all_wait_for_each_other_take_bounded_memory) {
  // Each is written by one subgraph and read by one far behind: nearly five million pairs overlap, most save too
  // little.
  constexpr std::size_t kMany = 3000;
  Lives lives;
  for (std::size_t i = 0; i < kMany; ++i) lives.push_back({i, kMany + i, 1, static_cast<std::int64_t>(i % 97) + 1});
  const Allocation allocation = sound(lives, Rooms(2 * kMany, 8));
  EXPECT_EQ(std::count_if(allocation.places.begin(), allocation.places.end(),
                          [](const Allocation::Place& place) { return place.outcome == Outcome::kKept; }),
            8)
      << "as many as there are banks";
  EXPECT_EQ(allocation.saved_bytes, 8 * 97) << "the worthiest";
}

TEST(Allocator, the_check_finds_every_kind_of_fault) {
  const Lives lives{{0, 1, 2, 20, 1}, {1, 2, 2, 30, 1}, {2, 3, 3, 40}};
  const Rooms room(4, 6);
  const Allocation good = allocate(lives, room);
  ASSERT_EQ(good.saved_bytes, 90);
  ASSERT_EQ(allocation_fault(lives, room, good), "");
  const auto fault = [&](const auto& change) {
    Allocation bad = good;
    change(bad);
    return allocation_fault(lives, room, bad);
  };
  EXPECT_EQ(fault([](Allocation& a) { a.places[1].first_bank = a.places[0].first_bank + 1; }),
            "lifetimes 0 and 1: the same bank at the same time");
  EXPECT_EQ(fault([](Allocation& a) { a.places[2].first_bank = 40; }), "lifetime 2: beyond the room of pass 2");
  EXPECT_EQ(fault([](Allocation& a) { a.places[0] = {}; }), "lifetimes 0 and 1: half a bundle kept");
  EXPECT_EQ(fault([](Allocation& a) { a.places[2].outcome = Outcome::kNoRoom; }),
            "lifetime 2: a bank and not kept, or kept without");
  EXPECT_EQ(fault([](Allocation& a) { a.saved_bytes += 1; }), "saved bytes are not the sum over what is kept");
  EXPECT_EQ(fault([](Allocation& a) { a.places.pop_back(); }), "not one place a lifetime");
}

}  // namespace
}  // namespace lanewise::mapping
