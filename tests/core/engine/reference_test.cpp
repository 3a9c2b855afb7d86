// SPDX-License-Identifier: Apache-2.0
// docs/hwconfig.md against the table that the program reads.
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "core/engine/engine_config.hpp"
#include "tests/core/engine/scratch_folder.hpp"

namespace lanewise::engine {
namespace {

std::string range_of(const ParameterReference& row) {
  if (row.low.empty()) return "any";
  return row.low == row.high ? row.low : row.low + " to " + row.high;
}

std::string fallback_of(const ParameterReference& row) {
  if (row.required) return "required";
  return row.fallback.empty() ? "empty" : row.fallback;
}

TEST(Reference, says_unit_range_default_and_meaning_of_every_key) {
  const std::string page = text_of_file("docs/hwconfig.md");
  for (const ParameterReference& row : parameter_reference()) {
    const std::string line = "| `" + row.key + "` | " + row.notation + " | " + range_of(row) + " | " +
                             fallback_of(row) + " | " + row.meaning + " |\n";
    EXPECT_NE(page.find("\n" + line), std::string::npos) << "docs/hwconfig.md lacks the line\n" << line;
  }
}

TEST(Reference, holds_no_key_that_the_format_lacks) {
  const std::vector<std::string> keys = parameter_keys();
  const std::set<std::string> known(keys.begin(), keys.end());
  EXPECT_EQ(known.size(), keys.size());
  std::istringstream page(text_of_file("docs/hwconfig.md"));
  std::string line;
  std::size_t rows = 0;
  while (std::getline(page, line)) {
    // Rows of the reference have five cells.
    if (line.rfind("| `", 0) != 0 || std::count(line.begin(), line.end(), '|') != 6) continue;
    if (line.find("` |") == std::string::npos) continue;
    const std::string key = line.substr(3, line.find('`', 3) - 3);
    if (key.rfind("ne-", 0) == 0) continue;  // the table of shipped engines
    ++rows;
    EXPECT_TRUE(known.count(key)) << key;
  }
  EXPECT_EQ(rows, keys.size());
}

TEST(Reference, defaults_and_ranges_are_values_of_their_keys) {
  const EngineConfig base = load_engine("hwconfigs/ne-1024.yaml").config;
  for (const ParameterReference& row : parameter_reference()) {
    EXPECT_FALSE(row.meaning.empty()) << row.key;
    EXPECT_EQ(row.low.empty(), row.high.empty()) << row.key;
    for (const std::string& text : {row.low, row.high, row.fallback}) {
      if (text.empty()) continue;
      // A rule between keys may still refuse it; its own range may not.
      const std::string what = error_of([&] { with_overrides(base, {{row.key, text}}); });
      EXPECT_EQ(what.find("out of range"), std::string::npos) << what;
      EXPECT_EQ(what.find(" is not a "), std::string::npos) << what;
    }
  }
}

}  // namespace
}  // namespace lanewise::engine
