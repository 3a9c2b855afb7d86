// SPDX-License-Identifier: Apache-2.0
// Small codesigns, as a person starts them, and what they leave.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/record/csv.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {

// A job that measures for itself, so that it is the same whether the family has a default estimator or not.
inline Arguments codesign(const std::string& out, const Arguments& more = {}) {
  Arguments arguments = {"codesign", kMobileNet,     "--hw",      kEngine,  "--out",   out,           "--measure",
                         "--rows",   "400",          "--engines", "16",     "--trees", "20",          "--depth",
                         "4",        "--population", "8",         "--seed", "7",       "--algorithm", "nsga2"};
  for (const auto& [option, value] :
       std::vector<std::pair<std::string, std::string>>{{"--generations", "3"}, {"--finalists", "2"}}) {
    if (std::find(more.begin(), more.end(), option) != more.end()) continue;
    arguments.push_back(option);
    arguments.push_back(value);
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

inline std::vector<std::map<std::string, std::string>> rows_of(const std::string& path) {
  const record::CsvTable table = record::read_csv(path);
  std::vector<std::map<std::string, std::string>> rows;
  for (const record::CsvRow& row : table.rows) {
    rows.emplace_back();
    for (std::size_t i = 0; i < table.columns.size(); ++i) rows.back()[table.columns[i]] = row.cells[i];
  }
  return rows;
}

// Every file below a folder by its path in it.
inline std::map<std::string, std::string> files_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      files[std::filesystem::relative(entry.path(), folder).string()] = text_of(entry.path());
    }
  }
  return files;
}

inline void expect_same_files(const std::string& a, const std::string& b) {
  const auto first = files_of(a), second = files_of(b);
  for (const auto& [name, text] : first) {
    const auto found = second.find(name);
    ASSERT_NE(found, second.end()) << name << " is missing";
    EXPECT_TRUE(found->second == text) << name << " differs";
  }
  for (const auto& [name, text] : second) EXPECT_EQ(first.count(name), 1u) << name << " is left over";
}

}  // namespace lanewise::cli::testing
