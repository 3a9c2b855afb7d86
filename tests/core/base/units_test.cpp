// SPDX-License-Identifier: Apache-2.0
#include "core/base/units.hpp"

#include <gtest/gtest.h>

#include <type_traits>

namespace lanewise {
namespace {

// A number with a unit comes from, and turns into, nothing else without being asked.
static_assert(!std::is_convertible_v<std::int64_t, Bytes>);
static_assert(!std::is_convertible_v<Bytes, std::int64_t>);
static_assert(!std::is_constructible_v<Bytes, Cycles>);
static_assert(!std::is_assignable_v<Seconds&, Hertz>);

TEST(Units, quantities_add_scale_and_compare) {
  Bytes bytes = Bytes(10) + Bytes(5) - Bytes(3);
  EXPECT_EQ(bytes, Bytes(12));
  bytes += Bytes(4);
  bytes -= Bytes(1);
  EXPECT_EQ(bytes * 2 / 3, Bytes(10));
  EXPECT_LT(Bytes(1), Bytes(2));
  EXPECT_LE(Bytes(2), Bytes(2));
  EXPECT_GT(Bytes(3), Bytes(2));
  EXPECT_GE(Bytes(2), Bytes(2));
  EXPECT_NE(Bytes(1), Bytes(2));
  EXPECT_EQ(Seconds().count(), 0.0);
}

TEST(Units, divisions_round_up) {
  for (std::int64_t a = 0; a < 50; ++a) {
    for (std::int64_t b = 1; b < 20; ++b) {
      const std::int64_t q = ceil_div(a, b);
      EXPECT_GE(q * b, a);
      EXPECT_LT((q - 1) * b, a);
      EXPECT_EQ(round_up(a, b), q * b);
    }
  }
}

}  // namespace
}  // namespace lanewise
