// SPDX-License-Identifier: Apache-2.0
#include "core/record/csv.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/base/error.hpp"

namespace lanewise::record {
namespace {

namespace fs = std::filesystem;
using Cells = std::vector<std::string>;

class CsvTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("lanewise_csv_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  CsvTable read(const std::string& text) const {
    const fs::path path = folder_ / "t.csv";
    std::ofstream(path, std::ios::binary) << text;
    return read_csv(path.string());
  }
  // The message without the folder.
  std::string refusal(const std::string& text) const {
    try {
      read(text);
    } catch (const Error& error) {
      const std::string what = error.what();
      const std::size_t at = what.find("t.csv");
      return at == std::string::npos ? what : what.substr(at);
    }
    return "no error";
  }

  fs::path folder_;
};

TEST_F(CsvTest, header_and_rows_are_read_with_the_lines_they_begin_on) {
  const CsvTable table = read("a,b\n1,2\n\n3,\n");
  EXPECT_EQ(table.columns, (Cells{"a", "b"}));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0].cells, (Cells{"1", "2"}));
  EXPECT_EQ(table.rows[0].line, 2);
  EXPECT_EQ(table.rows[1].cells, (Cells{"3", ""}));
  EXPECT_EQ(table.rows[1].line, 4);
  EXPECT_EQ(table.find("b"), 1u);
  EXPECT_FALSE(table.find("c"));
}

TEST_F(CsvTest, the_table_is_the_same_however_it_was_written) {
  for (const char* text : {"a,b\n1,x\n", "a,b\r\n1,x\r\n", "a,b\n1,x",
                           "\xEF\xBB\xBF"
                           "a,b\n1,x\n",
                           "\"a\",b\n1,\"x\"\n"}) {
    const CsvTable table = read(text);
    EXPECT_EQ(table.columns, (Cells{"a", "b"})) << text;
    ASSERT_EQ(table.rows.size(), 1u) << text;
    EXPECT_EQ(table.rows[0].cells, (Cells{"1", "x"})) << text;
  }
}

TEST_F(CsvTest, quoted_cells_hold_commas_and_quotes) {
  const CsvTable table = read("a,b\n\"1,2\",\"say \"\"x\"\"\"\n\"\",\"\"\"\"\n");
  EXPECT_EQ(table.rows[0].cells, (Cells{"1,2", "say \"x\""}));
  EXPECT_EQ(table.rows[1].cells, (Cells{"", "\""}));
}

TEST_F(CsvTest, mistakes_name_the_line) {
  EXPECT_EQ(refusal(""), "t.csv: is empty: must be a header line and rows");
  EXPECT_EQ(refusal("a,b\n"), "t.csv: has no rows under its header");
  EXPECT_EQ(refusal("a,,b\n1,2,3\n"), "t.csv:1: a column has no name");
  EXPECT_EQ(refusal("a,b,a\n1,2,3\n"), "t.csv:1: column 'a': given twice");
  EXPECT_EQ(refusal("a,b\n1,2\n1\n"), "t.csv:3: has 1 cells: must have 2, as the header has");
  EXPECT_EQ(refusal("a,b\n1,2,3\n"), "t.csv:2: has 3 cells: must have 2, as the header has");
  EXPECT_EQ(refusal("a,b\n1,2\"\n"), "t.csv:2: a quote must stand at the beginning of its cell");
  EXPECT_EQ(refusal("a,b\n1,\"2\n"), "t.csv:2: a quoted cell must end on its line");
  EXPECT_EQ(refusal("a,b\n\"1\"2,3\n"), "t.csv:2: a quoted cell must be followed by a separator or the line's end");
  EXPECT_EQ(refusal("a,b\n1,\x01\n"), "t.csv:2: holds a control character");
  EXPECT_EQ(refusal("a,b\n1,2\r3\n"), "t.csv:2: holds a control character");
  EXPECT_EQ(refusal("a,b\n1," + std::string(1000, 'x') + "\n"), "no error");
  EXPECT_EQ(refusal("a,b\n1," + std::string(1001, 'x') + "\n"), "t.csv:2: a cell must be at most 1000 bytes long");
  EXPECT_THROW(read_csv((folder_ / "none.csv").string()), Error);
  EXPECT_THROW(read_csv(folder_.string()), Error);
}

TEST_F(CsvTest, spreadsheets_write_the_same_table_otherwise) {
  for (const char* text :
       {"a;b\n1;x y\n", "a\tb\n1\tx y\n", "a, b\n1, x y\n", " a ,\tb \n 1 ,\tx y \n", "a,b,\n1,x y,\n",
        "a,b\n1,x y,,,\n", "a,b,,\n1,x y\n", "a;b;\r\n1; \"x y\" ;\r\n;;\r\n", "\n\na;b\n1;x y\n"}) {
    const CsvTable table = read(text);
    EXPECT_EQ(table.columns, (Cells{"a", "b"})) << text;
    ASSERT_EQ(table.rows.size(), 1u) << text;
    EXPECT_EQ(table.rows[0].cells, (Cells{"1", "x y"})) << text;
  }
}

TEST_F(CsvTest, the_header_alone_says_what_separates) {
  EXPECT_EQ(read("a,b\n1;2,3\n").rows[0].cells, (Cells{"1;2", "3"}));
  EXPECT_EQ(read("a;b\n1,2;3\n").rows[0].cells, (Cells{"1,2", "3"}));
  EXPECT_EQ(read("\"a,c\";b\n1;3\n").columns, (Cells{"a,c", "b"}));
  EXPECT_EQ(refusal("a,,b,\n1,2,3\n"), "t.csv:1: a column has no name");
  EXPECT_EQ(refusal(std::string("\xFF\xFE"
                                "a\0",
                                4)),
            "t.csv: is UTF-16: must be UTF-8, which spreadsheets write as `CSV UTF-8`");
}

}  // namespace
}  // namespace lanewise::record
