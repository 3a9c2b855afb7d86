// SPDX-License-Identifier: Apache-2.0
#include "report/table.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace lanewise::report {
namespace {

TEST(Numbers, thousands_are_separated) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(fixed(1234.5678, 2), "1,234.57");
  EXPECT_EQ(fixed(-0.001, 2), "0.00");
  EXPECT_EQ(fixed(std::numeric_limits<double>::quiet_NaN(), 2), "-");
}

TEST(Numbers, compact_keeps_three_digits) {
  EXPECT_EQ(compact(0), "0");
  EXPECT_EQ(compact(12345), "12,345");
  EXPECT_EQ(compact(12.345), "12.3");
  EXPECT_EQ(compact(0.012345), "0.0123");
}

TEST(Numbers, thousands_are_rounded_half_up_and_only_nothing_is_0) {
  EXPECT_EQ(thousands_text(0), "0");
  EXPECT_EQ(thousands_text(1), "0.00100");
  EXPECT_EQ(thousands_text(123), "0.123");
  EXPECT_EQ(thousands_text(499), "0.499");
  EXPECT_EQ(thousands_text(500), "1");
  EXPECT_EQ(thousands_text(999), "1");
  EXPECT_EQ(thousands_text(1499), "1");
  EXPECT_EQ(thousands_text(1500), "2");
  EXPECT_EQ(thousands_text(1'234'567), "1,235");
  EXPECT_EQ(thousands_text(9'223'372'036'854'775'807), "9,223,372,036,854,776");
}

TEST(Numbers, percent_and_bytes) {
  EXPECT_EQ(signed_percent(3.21), "+3.2 %");
  EXPECT_EQ(signed_percent(-12), "-12.0 %");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1536), "1.50 KiB");
  EXPECT_EQ(bytes_text(3 * 1024 * 1024), "3.00 MiB");
}

TEST(Tables, align_by_what_is_seen_not_by_bytes) {
  Table table({{"name", Table::Align::kLeft}, {"µJ"}});
  table.add({"né", "1"});
  table.add({"longer", "10"});
  EXPECT_EQ(table.text(),
            "name    µJ\n"
            "------  --\n"
            "né       1\n"
            "longer  10\n");
  EXPECT_ANY_THROW(table.add({"one cell"}));
}

TEST(Csv, quotes_what_needs_it) {
  EXPECT_EQ(record::csv_line({"a", "b,c", "say \"no\"", ""}), "a,\"b,c\",\"say \"\"no\"\"\",\n");
  EXPECT_EQ(record::csv_number(0.1), "0.1");
}

}  // namespace
}  // namespace lanewise::report
