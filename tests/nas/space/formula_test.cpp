// SPDX-License-Identifier: Apache-2.0
#include "nas/space/formula.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

double value(const std::string& text, const std::vector<double>& values = {}) {
  return Formula::parse(text).evaluate(values);
}
std::string message(const std::string& text, const std::vector<double>& values = {}) {
  try {
    value(text, values);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Formula, follows_the_rules_of_arithmetic) {
  EXPECT_EQ(value("1 + 2 * 3"), 7);
  EXPECT_EQ(value("(1 + 2) * 3"), 9);
  EXPECT_EQ(value("8 - 3 - 2"), 3);
  EXPECT_EQ(value("24 / 4 / 2"), 3);
  EXPECT_EQ(value("-2 * -3"), 6);
  EXPECT_EQ(value("min(3, 1, 2) + max(4, 5)"), 6);
  EXPECT_EQ(value("ceil(1.2) + floor(1.8) + round(2.5)"), 6);
  EXPECT_EQ(value("a * engine.b / a", {4, 7}), 7);
  EXPECT_EQ(Formula::parse("x + y.z * x").names(), (std::vector<std::string>{"x", "y.z"}));
}

TEST(Formula, quantities_are_in_the_units_of_the_engine) {
  EXPECT_EQ(value("2 * 64 KiB"), 131072);
  EXPECT_EQ(value("8KiB"), 8192);
  EXPECT_EQ(value("12.8 GB/s / 2"), 6.4e9);
  EXPECT_EQ(value("1 GHz"), 1e9);
  EXPECT_EQ(value("size / 1 KiB", {4096}), 4);
}

TEST(Formula, errors_say_what_and_where) {
  EXPECT_EQ(message("1 +"), "formula '1 +': a number or a name is missing at character 4");
  EXPECT_EQ(message("(1"), "formula '(1': ')' is missing at character 3");
  EXPECT_EQ(message("1 2"), "formula '1 2': an operator is missing at character 3");
  EXPECT_EQ(message("min(1)"), "formula 'min(1)': min needs two or more operands at character 7");
  EXPECT_EQ(message("sqrt(4)"),
            "formula 'sqrt(4)': 'sqrt' is no function: known are min, max, ceil, floor, round, at character 6");
  EXPECT_EQ(message("1 / x", {0}), "formula '1 / x': divides by zero");
  EXPECT_EQ(message("1e300 * 1e300"), "formula '1e300 * 1e300': gives no finite number");
  EXPECT_NE(message(std::string(100, '(')), "");
  EXPECT_NE(message(""), "");
}

}  // namespace
}  // namespace lanewise::nas
