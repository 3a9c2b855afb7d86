// SPDX-License-Identifier: Apache-2.0
// Codesign that trains few networks, chosen by untrained scores and a predictor.
#include <map>
#include <set>

#include "tests/cli/codesign_trainer.hpp"

namespace lanewise::cli::testing {
namespace {

class CodesignCombined : public CodesignTraining {
 protected:
  static Arguments combined(const std::string& space, const std::string& out, int trainings,
                            const Arguments& more = {}) {
    Arguments words = job(space, out);
    const std::set<std::string> of_algorithms = {"--algorithm", "--population", "--evaluations"};
    for (std::size_t i = 1; i < words.size();) {
      const bool drop = of_algorithms.count(words[i]) > 0;
      if (drop)
        words.erase(words.begin() + static_cast<std::ptrdiff_t>(i), words.begin() + static_cast<std::ptrdiff_t>(i) + 2);
      if (!drop) ++i;
    }
    for (const std::string& word : {std::string("--trainings"), std::to_string(trainings), std::string("--pool"),
                                    std::string("300"), std::string("--keep"), std::string("60")}) {
      words.push_back(word);
    }
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  // Codes that the answer lists as trained, in their order.
  static std::vector<std::string> trained(const Json& result) {
    std::vector<std::string> codes;
    for (const Json& network : result.at("combined").at("trained")) codes.push_back(network.at("encoding"));
    return codes;
  }
};

TEST_F(CodesignCombined, trains_as_many_as_asked_each_once_and_accounts_for_every_stage) {
  const Finished finished = run(combined(space(kTraining), out(), 8));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = Json::parse(finished.out);
  const std::vector<std::string> began = logged("began"), codes = trained(result);
  EXPECT_EQ(began.size(), 8u);
  EXPECT_EQ(std::set<std::string>(began.begin(), began.end()), std::set<std::string>(codes.begin(), codes.end()));
  std::vector<std::string> stages;
  std::map<std::string, Json> by_name;
  for (const Json& stage : result.at("combined").at("stages")) {
    stages.push_back(stage.at("stage"));
    by_name[stages.back()] = stage;
    EXPECT_FALSE(stage.at("decided").get<std::string>().empty()) << stages.back();
    const Json& cost = result.at("cost").at("combined").at(stages.size() - 1);
    EXPECT_EQ(cost.at("stage"), stages.back());
    EXPECT_GE(cost.at("seconds"), 0);
  }
  EXPECT_EQ(stages, (std::vector<std::string>{"grow", "prune", "supernet", "predictor", "trainings"}));
  EXPECT_GE(by_name["grow"].at("in"), 300);
  EXPECT_EQ(by_name["supernet"].at("in"), 0);
  EXPECT_LE(by_name["trainings"].at("out"), by_name["trainings"].at("in"));
  // What is proved was trained.
  ASSERT_FALSE(result.at("finalists").empty());
  for (const Json& finalist : result.at("finalists")) {
    EXPECT_EQ(std::count(codes.begin(), codes.end(), finalist.at("encoding")), 1) << finalist.at("encoding");
  }
}

TEST_F(CodesignCombined, what_misses_a_limit_is_not_trained) {
  const Finished finished = run(combined(space(kTraining), out(), 6, {"--limit", "macs<=20000000"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = Json::parse(finished.out);
  for (const auto& row : rows_of(out() + "/history.csv")) {
    if (row.at("accuracy").empty() || row.at("encoding") == result.at("baseline").value("encoding", "")) continue;
    EXPECT_LE(std::stod(row.at("macs")), 20000000) << row.at("encoding");
  }
}

// Killed in the midst of trainings, it ends with the bytes of a job that nobody stopped, with any number of jobs, and a
// longer one begins with the networks of the shorter.
TEST_F(CodesignCombined, goes_on_after_a_kill_and_grows_with_more_trainings) {
  const std::string file = space(kTraining);
  const Finished whole = run(combined(file, folder_.file("whole"), 7));
  ASSERT_EQ(whole.status, 0) << whole.err;
  std::filesystem::remove(folder_.file("log"));
  for (const char* pause : {"1", "3"}) {
    folder_.write("pause", pause);
    Running running(combined(file, out(), 7));
    wait_for("began", std::stoul(pause) + 1);
    running.send(SIGKILL);
    EXPECT_NE(running.wait().status, 0);
    std::filesystem::remove(folder_.file("pause"));
  }
  const Finished finished = run(combined(file, out(), 7));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const std::vector<std::string> all = logged("began");
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size()) << "a network was trained anew";
  EXPECT_EQ(all.size(), 7u);
  EXPECT_EQ(trained(Json::parse(finished.out)), trained(Json::parse(whole.out)));
  for (const std::string& folder : {folder_.file("whole"), out()}) {
    std::filesystem::remove(folder + "/work/accuracy.log.seconds");
  }
  expect_same_files(folder_.file("whole"), out());
  const Finished longer = run(combined(file, out(), 9));
  ASSERT_EQ(longer.status, 0) << longer.err;
  std::vector<std::string> codes = trained(Json::parse(longer.out));
  ASSERT_EQ(codes.size(), 9u);
  codes.resize(7);
  EXPECT_EQ(codes, trained(Json::parse(whole.out)));
}

TEST_F(CodesignCombined, says_in_a_line_what_it_does_not_go_with) {
  const std::string file = space(kTraining);
  expect_refused(combined(file, out(), 6, {"--limit", "accuracy>=0.1"}), 1, {"--trainings", "accuracy"});
  expect_refused(combined(file, out(), 6, {"--halving", "64,16,4"}), 1, {"--trainings"});
  expect_refused(combined(space("{score: macs}"), out(), 6), 1, {"--trainings"});
  EXPECT_FALSE(std::filesystem::exists(folder_.file("log")));
}

}  // namespace
}  // namespace lanewise::cli::testing
