// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/engine/engine_config.hpp"
#include "tests/core/engine/scratch_folder.hpp"

namespace lanewise::engine {
namespace {

const char* const kGood =
    "format: 1\n"
    "name: ne\n"
    "ranges:\n"
    "  engine.clock:\n"
    "    values: [500 MHz, 1000 MHz]\n"
    "    outside_values: [2 GHz]\n"
    "  engine:\n"
    "    depthwise:\n"
    "      values: [dense_groups, native]\n";

class FamilyFile : public ::testing::Test {
 protected:
  FamilyFile() { scratch_.write("b.yaml", text_of_file("hwconfigs/ne-256.yaml")); }

  std::string message(const std::string& text) {
    const std::string family = scratch_.write("families/ne.yaml", text);
    std::string what = error_of([&] { load_family(scratch_.path("b.yaml")); });
    const std::size_t at = what.find(family);
    return at == std::string::npos ? what : what.replace(at, family.size(), "ne.yaml");
  }
  ScratchFolder scratch_;
};

TEST_F(FamilyFile, lists_members_and_ranges) {
  scratch_.write("families/ne.yaml", kGood);
  scratch_.write("a.yaml", text_of_file("hwconfigs/ne-64.yaml"));
  scratch_.write("other.yaml", replaced(text_of_file("hwconfigs/ne-512.yaml"), "family: ne", "family: other"));
  scratch_.write("notes.txt", "family: ne");
  const Family family = load_family(scratch_.path("b.yaml"));
  EXPECT_EQ(family.name, "ne");
  EXPECT_EQ(family.members, (std::vector<std::string>{scratch_.path("a.yaml"), scratch_.path("b.yaml")}));
  ASSERT_EQ(family.ranges.size(), 2U);
  EXPECT_EQ(family.ranges[0].key, "engine.clock");
  EXPECT_EQ(family.ranges[0].values,
            (std::vector<std::string>{"500 MHz", "1 GHz"}));  // as --set and value_text write it
  EXPECT_EQ(family.ranges[0].outside_values, std::vector<std::string>{"2 GHz"});
  EXPECT_EQ(family.ranges[1].key, "engine.depthwise");
  EXPECT_TRUE(family.ranges[1].outside_values.empty());
}

TEST_F(FamilyFile, a_broken_member_is_named) {
  scratch_.write("families/ne.yaml", kGood);
  const std::string path =
      scratch_.write("c.yaml", replaced(text_of_file("hwconfigs/ne-64.yaml"), "clock: 500 MHz", "clock: 500"));
  EXPECT_EQ(error_of([&] { load_family(scratch_.path("b.yaml")); }),
            path + ":15: key 'engine.clock': '500' has no unit: must be a number and a unit, one of Hz, kHz, MHz, GHz");
}

TEST_F(FamilyFile, must_exist) {
  EXPECT_EQ(error_of([&] { load_family(scratch_.path("b.yaml")); }),
            scratch_.path("families/ne.yaml") + ": no such file: it must declare the ranges of family 'ne', which " +
                scratch_.path("b.yaml") + " names");
}

TEST_F(FamilyFile, mistakes_name_file_line_and_key) {
  const std::string good = kGood;
  EXPECT_EQ(message(good), "no error");
  EXPECT_EQ(message(replaced(good, "name: ne\n", "")), "ne.yaml: key 'name': missing");
  EXPECT_EQ(message(replaced(good, "name: ne\n", "name: en\n")),
            "ne.yaml:2: key 'name': 'en' must be the file's own name, 'ne'");
  EXPECT_EQ(message("format: 1\nname: ne\n"), "ne.yaml: key 'ranges': missing");
  EXPECT_EQ(message(replaced(good, "engine.clock:", "engine.clok:")),
            "ne.yaml:5: key 'ranges.engine.clok.values': 'engine.clok' is no key of an hwconfig (did you mean "
            "'engine.clock'?)");
  EXPECT_EQ(message(replaced(good, "engine.clock:", "name:")),
            "ne.yaml:5: key 'ranges.name.values': 'name' is a text and has no range");
  EXPECT_EQ(message(replaced(good, "500 MHz, ", "500, ")),
            "ne.yaml:5: key 'ranges.engine.clock.values': '500' has no unit: must be a number and a unit, one of Hz, "
            "kHz, MHz, GHz");
  EXPECT_EQ(message(replaced(good, "[2 GHz]", "[20 GHz]")),
            "ne.yaml:6: key 'ranges.engine.clock.outside_values': '20 GHz' is out of range: must be 1 MHz to 10 GHz");
  EXPECT_EQ(message(replaced(good, "[2 GHz]", "[1 GHz]")),
            "ne.yaml:6: key 'ranges.engine.clock.outside_values': '1 GHz' is given twice");
  EXPECT_EQ(message(replaced(good, "[2 GHz]", "2 GHz")),
            "ne.yaml:6: key 'ranges.engine.clock.outside_values': must be a list of values");
  EXPECT_EQ(message(replaced(good, "[500 MHz, 1000 MHz]", "[]")),
            "ne.yaml:5: key 'ranges.engine.clock.values': must hold at least one value");
  EXPECT_EQ(message(replaced(good, "    values: [500 MHz, 1000 MHz]\n", "")),
            "ne.yaml:5: key 'ranges.engine.clock.outside_values': has no 'ranges.engine.clock.values' beside it");
  EXPECT_EQ(message(replaced(good, "outside_values", "beyond")),
            "ne.yaml:6: key 'ranges.engine.clock.beyond': unknown key: must be name, "
            "checked_against_rtl, follow, ranges.KEY.values or ranges.KEY.outside_values");
  EXPECT_EQ(message(good + "  engine.clock:\n    values: [1 GHz]\n"),
            "ne.yaml:10: key 'ranges.engine.clock': given twice, first on line 4");
  EXPECT_EQ(message(replaced(good, "[2 GHz]", "[[2 GHz]]")),
            "ne.yaml:6: key 'ranges.engine.clock.outside_values': every item of the list must be a single value");
}

}  // namespace
}  // namespace lanewise::engine
