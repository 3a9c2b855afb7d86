// SPDX-License-Identifier: Apache-2.0
#include "nas/oracles/accuracy_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/record/csv.hpp"
#include "core/record/file.hpp"

namespace lanewise::nas {
namespace {

const std::string kPath = ::testing::TempDir() + "lanewise_accuracy_table.csv";

AccuracyTable table_of(const std::string& text, const AccuracyTable::Columns& columns,
                       const std::function<std::string(const std::string&)>& canonical = {}) {
  record::write_file(kPath, text);
  return AccuracyTable(kPath, columns, canonical);
}
std::string refusal(const std::string& text, const AccuracyTable::Columns& columns) {
  try {
    table_of(text, columns);
  } catch (const Error& error) {
    const std::string what = error.what();
    return what.rfind(kPath, 0) == 0 ? what.substr(kPath.size()) : what;
  }
  return "taken";
}
AccuracyAnswer ask(AccuracyTable& table, const std::string& encoding) {
  AccuracyQuery query;
  query.encoding = encoding;
  return table.measure({query}).front();
}

TEST(AccuracyTable, keys_are_texts_and_rows_of_one_key_are_averaged) {
  AccuracyTable table = table_of("arch,seed,acc\n00000000,0,45.5\n0,0,10\n00000000,1,46.5\n", {"arch", "acc", true});
  EXPECT_EQ(ask(table, "00000000").score, 46);
  EXPECT_EQ(ask(table, "0").score, 10);
  EXPECT_EQ(table.encodings(), 2u);
  EXPECT_EQ(table.name(), "acc of " + kPath + ": 2 encodings in 3 rows, those of one averaged");
}

TEST(AccuracyTable, reads_what_spreadsheets_write) {
  AccuracyTable table = table_of(
      "\xEF\xBB\xBF"
      "encoding;test accuracy\r\n a-1 ;+0.5\r\n\"b;2\";1e-1\r\n;\r\n",
      {"encoding", "test accuracy", true});
  EXPECT_EQ(ask(table, "a-1").score, 0.5);
  EXPECT_EQ(ask(table, "b;2").score, 0.1);
}

TEST(AccuracyTable, a_missing_encoding_has_no_score_and_is_counted) {
  AccuracyTable table = table_of("encoding,acc\na,1\nb,2\n", {"encoding", "acc", true});
  const AccuracyAnswer missing = ask(table, "c");
  EXPECT_EQ(missing.failure, "no row of " + kPath + " has the encoding");
  EXPECT_TRUE(std::isnan(missing.score));
  ask(table, "a");
  ask(table, "a");
  EXPECT_EQ(table.account().asked, 3);
  EXPECT_EQ(table.account().distinct, 2);
  EXPECT_EQ(table.account().failed, 1);
  EXPECT_EQ(table.account().failures.at(missing.failure), 1);
}

TEST(AccuracyTable, rows_without_a_value_are_passed_over_and_said) {
  AccuracyTable table = table_of("encoding,map\na,\na,0.5\nb,NaN\nc,0.25\n", {"encoding", "map", true});
  EXPECT_EQ(ask(table, "a").score, 0.5);
  EXPECT_NE(ask(table, "b").failure, "");
  EXPECT_EQ(table.name(), "map of " + kPath + ": 2 encodings, 2 rows without a value left out");
}

TEST(AccuracyTable, encodings_are_made_canonical_and_those_of_no_space_left_out) {
  const auto canonical = [](const std::string& text) {
    if (text[0] == 'x') throw Error("encoding '" + text + "': is none");
    return text.substr(0, 1);
  };
  AccuracyTable table = table_of("encoding,acc\na1,1\na2,3\nx,5\n", {"encoding", "acc", true}, canonical);
  EXPECT_EQ(ask(table, "a").score, 2);
  EXPECT_EQ(table.name(),
            "acc of " + kPath + ": 1 encoding in 2 rows, those of one averaged, 1 row of other spaces left out");
  try {
    table_of("encoding,acc\nx,1\nxx,3\n", {"encoding", "acc", true}, canonical);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              kPath +
                  ":2: column 'encoding': encoding 'x': is none (and none of the other rows has an encoding of the "
                  "space)");
  }
}

TEST(AccuracyTable, the_direction_makes_an_objective_to_minimise) {
  EXPECT_EQ(table_of("encoding,acc\na,1\n", {"encoding", "acc", true}).objective(0.9), -0.9);
  EXPECT_EQ(table_of("encoding,loss\na,1\n", {"encoding", "loss", false}).objective(0.9), 0.9);
  const AccuracyTable table = table_of("encoding,acc\na,1\n", {"encoding", "acc", true});
  EXPECT_TRUE(table.measures());
  EXPECT_FALSE(table.is_free());
  EXPECT_EQ(table.shortfall({}), 0);
}

TEST(AccuracyTable, its_identity_is_what_scores_depend_on) {
  const auto identity = [](const std::string& text) { return table_of(text, {"encoding", "acc", true}).identity(); };
  EXPECT_EQ(identity("encoding,acc\na,1\nb,2\n"), identity("encoding,acc,x\nb,2,0\na,1,0\n"));
  EXPECT_NE(identity("encoding,acc\na,1\nb,2\n"), identity("encoding,acc\na,1\nb,3\n"));
}

TEST(AccuracyTable, errors_name_file_line_column_and_rule) {
  EXPECT_EQ(refusal("encoding,test_acc\na,1\n", {"encoding", "test_ac", true}),
            ": column 'test_ac', for the scores, is missing (did you mean 'test_acc'?); the columns are encoding, "
            "test_acc");
  EXPECT_EQ(refusal("arch,acc\na,1\n", {"encoding", "acc", true}),
            ": column 'encoding', for the encodings, is missing; the columns are arch, acc");
  EXPECT_EQ(refusal("encoding,acc\na,1\nb,good\n", {"encoding", "acc", true}),
            ":3: column 'acc': 'good' must be a finite number, or empty where there is none");
  EXPECT_EQ(refusal("encoding,acc\na,inf\n", {"encoding", "acc", true}),
            ":2: column 'acc': 'inf' must be a finite number, or empty where there is none");
  EXPECT_EQ(refusal("encoding,acc\n,1\n", {"encoding", "acc", true}), ":2: column 'encoding': must hold an encoding");
  EXPECT_EQ(refusal("encoding,acc\na,\n", {"encoding", "acc", true}), ": column 'acc': holds no number");
  EXPECT_EQ(refusal("encoding,acc\na,1,2\n", {"encoding", "acc", true}),
            ":2: has 3 cells: must have 2, as the header has");
}

// Published tables, which are no part of the sources: LANEWISE_ACCURACY_TABLES names their folder.
TEST(AccuracyTable, reads_published_tables) {
  const char* const folder = std::getenv("LANEWISE_ACCURACY_TABLES");
  if (folder == nullptr) GTEST_SKIP() << "LANEWISE_ACCURACY_TABLES does not name a folder";
  AccuracyTable macro(std::string(folder) + "/nas_bench_macro_cifar10.csv", {"arch", "mean_acc", true});
  EXPECT_EQ(macro.encodings(), 6561u);
  EXPECT_DOUBLE_EQ(ask(macro, "00000000").score, 45.3633);
  const std::string trained = std::string(folder) + "/fm28/classification.csv";
  AccuracyTable table(trained, {"encoding", "test_accuracy", true});
  const record::CsvTable rows = record::read_csv(trained);
  const std::string first = rows.rows.front().cells[*rows.find("encoding")];
  double sum = 0;
  int count = 0;
  for (const record::CsvRow& row : rows.rows) {
    if (row.cells[*rows.find("encoding")] != first) continue;
    sum += std::stod(row.cells[*rows.find("test_accuracy")]);
    ++count;
  }
  EXPECT_GT(count, 1);
  EXPECT_DOUBLE_EQ(ask(table, first).score, sum / count);
}

}  // namespace
}  // namespace lanewise::nas
