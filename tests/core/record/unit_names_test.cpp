// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/record/file.hpp"
#include "core/record/unit_names.hpp"

namespace lanewise::record {
namespace {

TEST(UnitNames, every_unit_reads_back_from_a_text_of_its_own) {
  for (std::size_t u = 0; u < unit_names().size(); ++u) {
    const UnitName& name = unit_names()[u];
    EXPECT_EQ(static_cast<std::size_t>(name.unit), u) << name.text << " is not in the order of the enum";
    EXPECT_EQ(parse_unit(name.text), name.unit);
  }
  EXPECT_FALSE(parse_unit("abacus"));
}

TEST(UnitNames, every_cause_reads_back_from_a_text_of_its_own) {
  ASSERT_EQ(stall_cause_names().size(), static_cast<std::size_t>(kStallCauseCount));
  for (std::size_t c = 0; c < stall_cause_names().size(); ++c) {
    const StallCauseName& name = stall_cause_names()[c];
    EXPECT_EQ(static_cast<std::size_t>(name.cause), c) << name.text << " is not in the order of the enum";
    EXPECT_EQ(parse_stall_cause(name.text), name.cause);
  }
  EXPECT_FALSE(parse_stall_cause("boredom"));
}

TEST(UnitNames, causes_are_told_apart_by_colour_and_by_letter) {
  std::set<std::string> colours;
  std::set<char> letters;
  for (const StallCauseName& name : stall_cause_names()) {
    EXPECT_TRUE(colours.insert(name.colour).second) << name.text << " has the colour of another cause";
    EXPECT_TRUE(letters.insert(name.letter).second) << name.text << " has the letter of another cause";
    EXPECT_NE(std::string(name.text).find(name.letter), std::string::npos) << name.text;
  }
}

TEST(UnitNames, the_guide_to_timelines_lists_every_cause_with_its_colour) {
  const std::string guide = read_file(std::string(LANEWISE_SOURCE_DIR) + "/docs/timelines.md");
  for (const StallCauseName& name : stall_cause_names()) {
    const std::size_t row = guide.find("| `" + std::string(name.text) + "` |");
    ASSERT_NE(row, std::string::npos) << name.text;
    EXPECT_NE(guide.substr(row, guide.find('\n', row) - row).find(name.colour), std::string::npos) << name.text;
  }
}

}  // namespace
}  // namespace lanewise::record
