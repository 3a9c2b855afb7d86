// SPDX-License-Identifier: Apache-2.0
// Scores that lanewise-fit gives, for which a script stands here.
#include "study/codesign/fit_score_oracle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "core/base/error.hpp"
#include "core/network/graph.hpp"
#include "core/record/file.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study {
namespace {

using testing::ScratchFolder;

// The score of an encoding is its number; "inf" has none, and "odd" ends the program. It logs how many it was given.
const std::string kProgram = R"sh(#!/bin/sh
here=$(dirname "$0")
if [ "$2" = --list ]; then
  echo '{"default": "flow", "scores": [{"name": "flow", "higher_is_better": true, "of_list": false},
    {"name": "condition", "higher_is_better": false}, {"name": "ranks", "higher_is_better": true, "of_list": true}]}'
  exit 0
fi
[ "$1 $3 $5 $7" = "score --space --score --csv" ] && [ -s "$4" ] || exit 2
echo "$6: $(sed 1d "$2" | tr '\n' ' ')" >> "$here/asked"
if grep -q odd "$2"; then
  echo "lanewise: error: $2: no score of odd" >&2
  exit 1
fi
echo "encoding,score"
sed 1d "$2" | sort -r | sed 's/\(.*\)/\1,\1/; s/,inf/,-inf/'
)sh";

class FitScoreOracle : public ::testing::Test {
 protected:
  FitScoreOracle() {
    record::write_file(folder_.file("lanewise-fit"), kProgram);
    std::filesystem::permissions(folder_.file("lanewise-fit"), std::filesystem::perms::owner_all);
    ::setenv("LANEWISE_FIT", folder_.file("lanewise-fit").c_str(), 1);
    settings_.oracle = "score";
    settings_.texts["score"] = "flow";
    settings_.numbers["jobs"] = 2;
    settings_.places["score"] = "space.yaml:3: key 'accuracy.score': ";
    place_.space = "name: a\n";
  }
  ~FitScoreOracle() override { ::unsetenv("LANEWISE_FIT"); }

  std::unique_ptr<nas::AccuracyOracle> oracle() const { return make_fit_score_oracle(settings_, place_); }
  static std::vector<nas::AccuracyQuery> queries(const std::vector<std::string>& encodings) {
    static const network::Graph graph = testing::squeezenet();
    std::vector<nas::AccuracyQuery> out;
    for (const std::string& encoding : encodings) {
      nas::AccuracyQuery query;
      query.encoding = encoding;
      query.graph = &graph;
      out.push_back(query);
    }
    return out;
  }
  std::vector<std::string> asked() const {
    std::vector<std::string> lines;
    std::istringstream text(record::read_file(folder_.file("asked")));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  void expect_refused(const std::string& rule) const {
    try {
      oracle();
      FAIL() << "taken for good";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).rfind("space.yaml:3: key 'accuracy.score': ", 0), 0u) << error.what();
      EXPECT_NE(std::string(error.what()).find(rule), std::string::npos) << error.what();
    }
  }

  ScratchFolder folder_;
  nas::AccuracySettings settings_;
  ProgramPlace place_;
};

TEST_F(FitScoreOracle, asks_for_a_batch_at_once_and_for_each_network_once) {
  place_.cache = folder_.file("scores.log");
  const auto first = oracle();
  const std::vector<nas::AccuracyAnswer> answers = first->measure(queries({"5", "3", "4", "3", "inf"}));
  EXPECT_EQ(answers[0].score, 5);
  EXPECT_EQ(answers[1].score, 3);
  EXPECT_EQ(answers[2].score, 4);
  EXPECT_EQ(answers[3].score, 3);
  EXPECT_EQ(answers[4].failure, "the score flow is no finite number");
  EXPECT_EQ(asked(), (std::vector<std::string>{"flow: 4 inf ", "flow: 5 3 "}));
  EXPECT_EQ(first->account().runs, 2);
  EXPECT_EQ(first->account().run_networks, 4);
  const auto second = oracle();
  EXPECT_EQ(second->measure(queries({"4", "5"}))[0].score, 4);
  EXPECT_EQ(asked().size(), 2u);
  EXPECT_EQ(second->account().from_cache, 2);
  EXPECT_EQ(second->account().earlier_networks, 4);
}

TEST_F(FitScoreOracle, a_network_without_a_score_takes_none_from_the_others) {
  settings_.numbers["jobs"] = 1;
  const auto one = oracle();
  EXPECT_EQ(one->measure(queries({"1"}))[0].score, 1);
  const std::vector<nas::AccuracyAnswer> answers = one->measure(queries({"5", "odd", "4"}));
  EXPECT_EQ(answers[0].score, 5);
  EXPECT_EQ(answers[1].failure,
            "lanewise-fit score exited with status 1: lanewise: error: FOLDER/encodings.csv: no score of odd");
  EXPECT_EQ(answers[2].score, 4);
  EXPECT_EQ(one->account().failed, 1);
}

TEST_F(FitScoreOracle, a_program_that_fails_on_the_first_network_ends_the_job) {
  EXPECT_THROW(oracle()->measure(queries({"odd"})), Error);
}

TEST_F(FitScoreOracle, knows_the_default_which_way_is_better_and_what_is_no_score_of_one_network) {
  settings_.texts["score"] = "default";
  EXPECT_EQ(oracle()->score_name(), "flow");
  settings_.texts["score"] = "condition";
  EXPECT_FALSE(oracle()->higher_is_better());
  EXPECT_NE(oracle()->name().find("no accuracy"), std::string::npos);
  settings_.texts["score"] = "ranks";
  expect_refused("made of ranks within a list");
  settings_.texts["score"] = "flwo";
  expect_refused("'flwo' is no score; known are flow, condition, ranks");
  place_.space = "";
  expect_refused("networks of its own");
}

}  // namespace
}  // namespace lanewise::study
