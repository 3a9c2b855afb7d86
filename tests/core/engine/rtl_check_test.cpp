// SPDX-License-Identifier: Apache-2.0
#include "core/engine/rtl_check.hpp"

#include <gtest/gtest.h>

#include "tests/core/engine/scratch_folder.hpp"

namespace lanewise::engine {
namespace {

const char* const kRanges =
    "format: 1\n"
    "name: ne\n"
    "ranges:\n"
    "  engine.clock:\n"
    "    values: [500 MHz]\n";
const char* const kCheck =
    "checked_against_rtl:\n"
    "  rows: 602\n"
    "  mape: 0.1 %\n"
    "  worst: 1.9 %\n"
    "  source: \"somebody's RTL\"\n"
    "  members: [a, b]\n";

class RtlCheckFile : public ::testing::Test {
 protected:
  RtlCheckFile() { scratch_.write("a.yaml", text_of_file("hwconfigs/ne-256.yaml")); }

  std::optional<RtlCheck> load(const std::string& family) {
    scratch_.write("families/ne.yaml", family);
    return load_rtl_check(scratch_.path("a.yaml"), "ne");
  }
  std::string message(const std::string& check) {
    std::string what = error_of([&] { load(kRanges + check); });
    // Whoever reads the ranges judges this section too.
    EXPECT_EQ(what, error_of([&] { load_family(scratch_.path("a.yaml")); }));
    const std::string family = scratch_.path("families/ne.yaml");
    const std::size_t at = what.find(family);
    return at == std::string::npos ? what : what.replace(at, family.size(), "ne.yaml");
  }
  ScratchFolder scratch_;
};

TEST_F(RtlCheckFile, says_rows_and_errors) {
  const auto check = load(std::string(kRanges) + kCheck);
  ASSERT_TRUE(check);
  EXPECT_EQ(check->rows, 602);
  EXPECT_EQ(check->mape_percent, 0.1);
  EXPECT_EQ(check->worst_percent, 1.9);
  EXPECT_EQ(check->source, "somebody's RTL");
  EXPECT_EQ(check->members, (std::vector<std::string>{"a", "b"}));
}

TEST_F(RtlCheckFile, is_absent_without_section_or_family) {
  EXPECT_FALSE(load_rtl_check(scratch_.path("a.yaml"), "ne"));
  EXPECT_FALSE(load(kRanges));
  EXPECT_FALSE(load_rtl_check("hwconfigs/ne-256.yaml", "nobody"));
}

TEST_F(RtlCheckFile, only_a_listed_engine_with_all_its_values_was_checked) {
  const std::string text = text_of_file("hwconfigs/ne-256.yaml");
  const RtlCheck check = *load(std::string(kRanges) + kCheck);
  const std::string a = scratch_.path("a.yaml"), other = scratch_.write("c.yaml", text);
  EXPECT_TRUE(is_checked_member(check, a, load_engine(a).config));
  EXPECT_TRUE(is_checked_member(check, a, load_engine(a, {{"name", "renamed"}}).config));
  EXPECT_FALSE(is_checked_member(check, a, load_engine(a, {{"engine.dot_product_lanes", "8"}}).config));
  EXPECT_FALSE(is_checked_member(check, other, load_engine(other).config));
}

TEST_F(RtlCheckFile, mistakes_name_file_line_and_key) {
  const std::string good = kCheck;
  EXPECT_EQ(message(good), "no error");
  EXPECT_EQ(message(replaced(good, "  rows: 602\n", "")), "ne.yaml: key 'checked_against_rtl.rows': missing");
  EXPECT_EQ(message(replaced(good, "602", "none")),
            "ne.yaml:7: key 'checked_against_rtl.rows': 'none' must be a whole number from 1 to 1000000000");
  EXPECT_EQ(message(replaced(good, "602", "0")),
            "ne.yaml:7: key 'checked_against_rtl.rows': '0' must be a whole number from 1 to 1000000000");
  EXPECT_EQ(message(replaced(good, "0.1 %", "0.1")),
            "ne.yaml:8: key 'checked_against_rtl.mape': '0.1' must be a number from 0 to 1000 and %, like 0.5 %");
  EXPECT_EQ(message(replaced(good, "1.9 %", "low %")),
            "ne.yaml:9: key 'checked_against_rtl.worst': 'low %' must be a number from 0 to 1000 and %, like 0.5 %");
  EXPECT_EQ(message(replaced(good, "[a, b]", "a")),
            "ne.yaml:11: key 'checked_against_rtl.members': must be a list of hwconfigs' names");
  EXPECT_EQ(message(replaced(good, "worst:", "wurst:")),
            "ne.yaml:9: key 'checked_against_rtl.wurst': unknown key: must be rows, mape, worst, source or members");
}

}  // namespace
}  // namespace lanewise::engine
