// SPDX-License-Identifier: Apache-2.0
// Tables of measured rows as spreadsheets and scripts write them, read alike by every verb that reads tables.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kHeader = "in_w,in_h,in_c,out_c,kernel_w,kernel_h,cycles";
const std::string kRow = "14,14,32,32,3,3,9000";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// The same table, written otherwise.
std::vector<std::pair<std::string, std::string>> spellings() {
  const std::string plain = kHeader + "\n" + kRow + "\n";
  return {{"plain", plain},
          {"spaces after commas", replaced(plain, ",", ", ")},
          {"spaces on both sides", replaced(plain, ",", " , ")},
          {"semicolons", replaced(plain, ",", ";")},
          {"semicolons and spaces", replaced(plain, ",", "; ")},
          {"tabs", replaced(plain, ",", "\t")},
          {"a trailing comma", kHeader + ",\n" + kRow + ",\n"},
          {"a trailing comma in rows", kHeader + "\n" + kRow + ",\n"},
          {"a trailing comma in the header", kHeader + ",\n" + kRow + "\n"},
          {"empty columns and rows", kHeader + ",,,\n" + kRow + ",,,\n,,,,,,,,,\n"},
          {"real numbers", kHeader + "\n14.0,14.00,32.0,32.0,3.0,3.0,9000.0\n"},
          {"byte order mark and CRLF", "\xEF\xBB\xBF" + replaced(plain, "\n", "\r\n")},
          {"quoted", "\"in_w\", \"in_h\",in_c,out_c,kernel_w,kernel_h,cycles\n\"14\", \"14\" ,32,32,3,3,9000\n"}};
}

TEST(Tables, every_spelling_gives_the_same_answer) {
  const ScratchFolder folder;
  std::string expected;
  for (const auto& [name, text] : spellings()) {
    SCOPED_TRACE(name);
    const std::string file = folder.write("rows.csv", text);
    const Finished finished = run({"validate", file, "--hw", kEngine, "--csv"});
    EXPECT_EQ(finished.status, 0) << finished.err;
    if (expected.empty()) expected = finished.out;
    EXPECT_EQ(finished.out, expected);
  }
}

TEST(Tables, engine_fit_reads_them_too) {
  const ScratchFolder folder;
  std::string rows = replaced(kHeader, ",", "; ") + ";\r\n";
  for (const int size : {8, 10, 12, 14})
    rows += replaced(replaced(kRow, "14", std::to_string(size)), ",", "; ") + ";\r\n";
  const std::string file = folder.write("rows.csv", rows);
  const Json fit = run_json({"engine", "fit", file, "--hw", kEngine, "--fit", "dma.setup_cycles"});
  EXPECT_EQ(fit.at("ignored_columns"), Json::array());
}

TEST(Tables, a_mistake_names_file_line_column_value_and_rule) {
  const ScratchFolder folder;
  const auto refused = [&](const std::string& text, const std::vector<std::string>& words) {
    const std::string file = folder.write("rows.csv", text);
    std::vector<std::string> all = {file};
    all.insert(all.end(), words.begin(), words.end());
    expect_refused({"validate", file, "--hw", kEngine}, 1, all);
  };
  refused(kHeader + "\n14,14.5,32,32,3,3,9000\n", {":2: column 'in_h': value '14.5': must be a whole number"});
  refused(kHeader + "\n14,14,32,32,3,3,9e3\n", {":2: column 'cycles': value '9e3': must be a whole number"});
  refused(kHeader + "\n\n14,14,-32.0,32,3,3,9000\n",
          {":3: column 'in_c': value '-32.0': must be a whole number from 1"});
  refused(replaced(kHeader, ",", ";") + "\n14;14;1,000;32;3;3;9000\n", {":2: column 'in_c': value '1,000'"});
  refused(kHeader + "\n14,14,32,32,3,3\n", {":2: has 6 cells: must have 7"});
  refused(kHeader + "\n" + kRow + ",5\n", {":2: has 8 cells: must have 7"});
  refused(std::string("\xFF\xFEi\0n\0", 6), {"UTF-16", "UTF-8"});
}

}  // namespace
}  // namespace lanewise::cli::testing
