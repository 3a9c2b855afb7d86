// SPDX-License-Identifier: Apache-2.0
// The table of stall causes against the units' sources: whatever stands in one stands in the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include "core/record/file.hpp"
#include "core/record/unit_names.hpp"

namespace lanewise::sim {
namespace {

// "kOnChipBandwidth" and "onchip_bandwidth" both become "onchipbandwidth".
std::string letters_of(const std::string& name) {
  std::string letters;
  for (const char c : name) {
    if (c != '_') letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return letters;
}

TEST(StallCauses, the_units_give_every_cause_of_the_table_and_no_other) {
  std::set<std::string> given, known;
  for (const auto& file : std::filesystem::directory_iterator(std::string(LANEWISE_SOURCE_DIR) + "/sim/units")) {
    const std::string source = record::read_file(file.path().string());
    const std::regex use("stalled_until\\(Stall::k(\\w+)");
    for (std::sregex_iterator match(source.begin(), source.end(), use), end; match != end; ++match) {
      given.insert(letters_of((*match)[1]));
    }
  }
  for (const record::StallCauseName& name : record::stall_cause_names()) known.insert(letters_of(name.text));
  EXPECT_EQ(given, known);
}

}  // namespace
}  // namespace lanewise::sim
