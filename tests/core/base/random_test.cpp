// SPDX-License-Identifier: Apache-2.0
#include "core/base/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <set>

namespace lanewise {
namespace {

// First outputs of xoshiro256** whose state is the first four outputs of SplitMix64 from the seed.
TEST(Random, the_published_sequence_comes_out) {
  Random zero(0);
  for (const std::uint64_t expected :
       {11091344671253066420ULL, 13793997310169335082ULL, 1900383378846508768ULL, 7684712102626143532ULL}) {
    EXPECT_EQ(zero.next(), expected);
  }
  Random other(42);
  for (const std::uint64_t expected :
       {1546998764402558742ULL, 6990951692964543102ULL, 12544586762248559009ULL, 17057574109182124193ULL}) {
    EXPECT_EQ(other.next(), expected);
  }
}

// Pearson's statistic of fair dice of seven sides has mean 6 and variance 12, whatever the seed.
TEST(Random, below_is_uniform) {
  constexpr int kSeeds = 300, kSides = 7, kExpected = 500;
  double total = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    Random random(seed);
    std::array<int, kSides> counts{};
    for (int i = 0; i < kSides * kExpected; ++i) ++counts[static_cast<std::size_t>(random.below(kSides))];
    for (const int count : counts) total += std::pow(count - kExpected, 2) / kExpected;
  }
  EXPECT_NEAR(total / kSeeds, 6.0, 5 * std::sqrt(12.0 / kSeeds));
}

// 2^64 mod 3·2^62 is 2^62: without rejection the lowest third would come up half of the time instead of a third.
TEST(Random, below_has_no_modulo_bias) {
  Random random(8);
  const std::uint64_t third = 1ULL << 62;
  int low = 0;
  constexpr int kDraws = 30000;
  for (int i = 0; i < kDraws; ++i) low += random.below(3 * third) < third ? 1 : 0;
  EXPECT_NEAR(low, kDraws / 3.0, 5 * std::sqrt(kDraws * 2.0 / 9.0));
}

TEST(Random, between_reaches_both_ends) {
  Random random(9);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random.between(-2, 2));
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
  EXPECT_EQ(random.between(5, 5), 5);
  const auto low = std::numeric_limits<std::int64_t>::min(), high = std::numeric_limits<std::int64_t>::max();
  EXPECT_NE(random.between(low, high), random.between(low, high));
}

TEST(Random, unit_and_normal_have_their_moments) {
  Random random(10);
  constexpr int kDraws = 100000;
  double unit = 0, normal = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random.unit();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    unit += u;
    const double n = random.normal();
    ASSERT_TRUE(std::isfinite(n));
    normal += n;
    squares += n * n;
  }
  EXPECT_NEAR(unit / kDraws, 0.5, 5 * std::sqrt(1.0 / 12 / kDraws));
  EXPECT_NEAR(normal / kDraws, 0.0, 5 / std::sqrt(1.0 * kDraws));
  EXPECT_NEAR(squares / kDraws, 1.0, 5 * std::sqrt(2.0 / kDraws));
}

TEST(Random, shuffle_keeps_items_and_reaches_every_order) {
  Random random(11);
  std::set<std::vector<int>> orders;
  for (int i = 0; i < 200; ++i) {
    std::vector<int> items{1, 2, 3};
    random.shuffle(items);
    orders.insert(items);
  }
  EXPECT_EQ(orders.size(), 6U);
  std::vector<int> empty;
  random.shuffle(empty);
  EXPECT_TRUE(empty.empty());
}

TEST(Random, chance_follows_its_probability) {
  Random random(12);
  int hits = 0;
  for (int i = 0; i < 10000; ++i) hits += random.chance(0.3) ? 1 : 0;
  EXPECT_NEAR(hits, 3000, 5 * std::sqrt(10000 * 0.21));
  EXPECT_FALSE(random.chance(0));
  EXPECT_TRUE(random.chance(1));
}

// FNV-1a of "foobar" is 85944171f73967e8 by its authors' test vectors; SplitMix64's finish of it is what follows.
TEST(StableHash, the_hash_of_a_text_is_fixed) {
  EXPECT_EQ(hex_hash(""), "c3817c016ba4ff30");
  EXPECT_EQ(hex_hash("foobar"), "5df295413403de4f");
  EXPECT_EQ(hex_hash("engine.clock=1 GHz"), "bdf2372bbe22e360");
  EXPECT_EQ(stable_hash("foobar"), 0x5df295413403de4fULL);
}

TEST(StableHash, every_bit_depends_on_the_last_byte) {
  std::uint64_t changed = 0;
  for (char c = 'a'; c <= 'z'; ++c) changed |= stable_hash(std::string("key") + c) ^ stable_hash("key");
  EXPECT_EQ(changed, ~0ULL);
}

}  // namespace
}  // namespace lanewise
