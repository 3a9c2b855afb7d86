// SPDX-License-Identifier: Apache-2.0
// lanewise-fit score as a person runs it.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/cli/command.hpp"

namespace lanewise::fit {
namespace {

using cli::testing::Json;
using cli::testing::ScratchFolder;
using cli::testing::text_of;

struct Ended {
  int status = 0;
  std::string out, err;
};

const std::string kFirst = "B-r-1.5-s12/i5e1c24r2/f3e3c12r1/f5e1c40r1/i3e4c24r1/h128";
const std::string kSecond = "C-r-1-s8/c3e1c8r1/d3e1c12r1/i3e2c16r1/x/h0";

class ScoreTest : public ::testing::Test {
 protected:
  Ended score(const std::string& words) const {
    const std::string out = scratch_.file("out"), err = scratch_.file("err");
    const int status = std::system(
        (std::string(LANEWISE_BINARY_DIR) + "/lanewise-fit score " + words + " >" + out + " 2>" + err).c_str());
    return {WEXITSTATUS(status), text_of(out), text_of(err)};
  }
  void expect_refused(const std::string& words, const std::vector<std::string>& named) const {
    const Ended ended = score(words);
    EXPECT_NE(ended.status, 0) << words;
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    for (const std::string& word : named)
      EXPECT_NE(ended.err.find(word), std::string::npos) << word << "\n" << ended.err;
  }
  ScratchFolder scratch_;
};

TEST_F(ScoreTest, keeps_the_order_and_reads_no_column_but_the_encodings) {
  const std::string table = scratch_.write(
      "a.csv", "index,encoding,test_accuracy\n0," + kFirst + ",0.9\n1," + kSecond + ",0.8\n2," + kFirst + ",0.9\n");
  const std::string shuffled = scratch_.write(
      "b.csv", "test_accuracy,encoding,macs\nnone," + kFirst + ",7\n0.1," + kSecond + ",\n," + kFirst + ",1\n");
  const std::string bare = scratch_.write("c.csv", "encoding\n" + kFirst + "\n" + kSecond + "\n" + kFirst + "\n");
  const Ended ended = score(table + " --space fm28 --csv");
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  std::istringstream lines(ended.out);
  std::string head, first, second, third;
  std::getline(lines, head);
  std::getline(lines, first);
  std::getline(lines, second);
  std::getline(lines, third);
  EXPECT_EQ(head, "encoding,score");
  EXPECT_EQ(first.rfind(kFirst + ",", 0), 0U);
  EXPECT_EQ(second.rfind(kSecond + ",", 0), 0U);
  EXPECT_EQ(first, third);
  EXPECT_EQ(score(shuffled + " --space fm28 --csv").out, ended.out);
  EXPECT_EQ(score(bare + " --space fm28 --csv --score default").out, ended.out);
}

TEST_F(ScoreTest, names_file_line_value_and_rule_of_a_mistake) {
  const std::string table = scratch_.write("a.csv", "encoding\n" + kFirst + "\nB-q-1-s12/x\n");
  expect_refused(table + " --space fm28 --csv", {table + ":3", "column 'encoding'", "B-q-1-s12/x"});
  const std::string other = scratch_.write("b.csv", "encodings\n" + kFirst + "\n");
  expect_refused(other + " --space fm28", {other, "column 'encoding'", "did you mean", "encodings"});
  expect_refused(table, {table, "--space"});
  expect_refused(other + " --space fm28 --column encodings --score zenn", {"'zenn' is unknown", "zen"});
}

TEST_F(ScoreTest, lists_scores_and_computes_every_one) {
  const Ended listed = score("--list --json");
  ASSERT_EQ(listed.status, 0) << listed.err;
  const Json list = Json::parse(listed.out, nullptr, false);
  EXPECT_EQ(list.at("scores").at(0).at("name"), list.at("default"));
  const std::string words = "--space fm28 --encoding " + kFirst + " --encoding " + kSecond + " --score all --batch 8";
  const Ended one = score(words + " --json"), two = score(words + " --json --jobs 2");
  ASSERT_EQ(one.status, 0) << one.err;
  EXPECT_EQ(one.out, two.out);
  const Json answer = Json::parse(one.out, nullptr, false);
  ASSERT_EQ(answer.at("networks").size(), 2U);
  for (const Json& each : list.at("scores")) {
    EXPECT_TRUE(answer.at("networks").at(0).at("scores").contains(each.at("name"))) << each;
  }
  const Ended table = score(words);
  EXPECT_NE(table.out.find("higher is better"), std::string::npos);
}

TEST_F(ScoreTest, takes_networks_of_files_and_other_columns) {
  const Ended file = score("mobilenet_v2 --score nn_mass --csv");
  EXPECT_EQ(file.out, "network,score\nmobilenet_v2,1287\n") << file.err;
  const std::string table = scratch_.write("a.csv", "arch,mean_acc\n00000000,45.4\n22212202,93.1\n");
  EXPECT_EQ(score(table + " --space nas-bench-macro --column arch --score macs --csv").out,
            "encoding,score\n00000000,7713280\n22212202,85164544\n");
}

}  // namespace
}  // namespace lanewise::fit
