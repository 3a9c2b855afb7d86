// SPDX-License-Identifier: Apache-2.0
// lanewise-fit predict as a person runs it, on a table that is made here.
#include <gtest/gtest.h>

#include "tests/accuracy/fit/fit_command.hpp"

namespace lanewise::cli::testing {
namespace {

class PredictTest : public ::testing::Test {
 protected:
  PredictTest() {
    // Wider networks are better; the other column is one of a training, and holds what no number is.
    std::string table = "encoding,accuracy,train_loss\n";
    for (const char* const stem : {"8", "12", "16"}) {
      for (const char* const width : {"8", "16", "24", "32"}) {
        const std::string encoding = network(stem, width);
        table += encoding + ",0." + std::to_string(800 + 2 * std::stoi(width) + std::stoi(stem)) + ",broken\n";
      }
    }
    measured_ = folder_.write("measured.csv", table);
  }
  static std::string network(const std::string& stem, const std::string& width) {
    return "B-r-1-s" + stem + "/i3e2c" + width + "r1/c3e1c24r1/d3e1c40r1/x/h0";
  }

  static Json predict(Arguments arguments) {
    arguments.insert(arguments.begin(), "predict");
    arguments.insert(arguments.end(), {"--space", "fm28", "--json"});
    const Finished finished = run_fit(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return Json::parse(finished.out, nullptr, false);
  }

  ScratchFolder folder_;
  std::string measured_;
};

TEST_F(PredictTest, marks_what_was_measured_and_saves_what_it_learnt) {
  const std::string asked =
      folder_.write("asked.csv", "encoding\n" + network("16", "32") + "\n" + network("16", "28") + "\n");
  const std::string saved = folder_.file("saved.predictor");
  const auto json = predict({asked, "--from", measured_, "--save", saved});
  ASSERT_EQ(json.at("networks").size(), 2U);
  EXPECT_EQ(json.at("networks")[0].at("status"), "measured");
  EXPECT_NEAR(json.at("networks")[0].at("measured").get<double>(), 0.880, 1e-9);
  EXPECT_EQ(json.at("networks")[1].at("status"), "known");
  EXPECT_TRUE(json.at("networks")[1].at("measured").is_null());
  EXPECT_GT(json.at("cross_validation").at("spearman").get<double>(), 0.8);
  const auto again = predict({asked, "--model", saved});
  EXPECT_EQ(again.at("networks"), json.at("networks"));
}

TEST_F(PredictTest, is_asked_by_a_search_that_keeps_to_what_it_says) {
  const std::string saved = folder_.file("saved.predictor");
  predict({"--from", measured_, "--folds", "2", "--next", "1", "--pool", "5", "--save", saved});
  const std::string space = folder_.write(
      "space.yaml", text_of("spaces/fm28.yaml") + "\naccuracy: {predictor: saved.predictor, unknown: take}\n");
  ASSERT_EQ(run({"measure", "mobilenet_v2", "--hw", "ne-256", "--rows", "100", "--engines", "4", "--seed", "3", "--out",
                 folder_.file("store")})
                .status,
            0);
  ASSERT_EQ(run({"train", folder_.file("store"), "--out", folder_.file("ne.lwm"), "--trees", "10", "--interval-folds",
                 "0", "--quick"})
                .status,
            0);
  const Finished finished = run({"codesign",
                                 "--space",
                                 space,
                                 "--hw",
                                 "ne-256",
                                 "--estimator",
                                 folder_.file("ne.lwm"),
                                 "--algorithm",
                                 "nsga2",
                                 "--objectives",
                                 "macs,accuracy",
                                 "--evaluations",
                                 "20",
                                 "--finalists",
                                 "1",
                                 "--rounds",
                                 "0",
                                 "--out",
                                 folder_.file("out"),
                                 "--json"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = Json::parse(finished.out);
  EXPECT_EQ(result.at("cost").at("accuracy").at("by"), "predictor");
  ASSERT_FALSE(result.at("finalists").empty());
  for (const Json& finalist : result.at("finalists")) {
    const std::string asked =
        folder_.write("asked.csv", "encoding\n" + finalist.at("encoding").get<std::string>() + "\n");
    const auto json = predict({asked, "--model", saved});
    EXPECT_NEAR(json.at("networks")[0].at("predicted").get<double>(), finalist.at("accuracy").get<double>(), 1e-9);
  }
}

TEST_F(PredictTest, chooses_networks_to_measure_that_were_not) {
  const auto json = predict({"--from", measured_, "--next", "3", "--goal", "front", "--pool", "30", "--folds", "2"});
  ASSERT_EQ(json.at("next").size(), 3U);
  for (const Json& one : json.at("next")) EXPECT_NE(one.at("status"), "measured");
}

TEST_F(PredictTest, refuses_what_it_cannot_learn_in_one_line) {
  for (const Arguments& wrong :
       {Arguments{"--from", measured_, "--value", "train_loss"}, Arguments{"--from", measured_, "--prior", "sores"},
        Arguments{"--from", "none.csv"}, Arguments{"--model", measured_}, Arguments{}}) {
    Arguments arguments = {"predict", "--space", "fm28"};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    const Finished finished = run_fit(arguments);
    EXPECT_EQ(finished.status, 1);
    EXPECT_EQ(finished.out, "");
    EXPECT_EQ(finished.err.rfind("lanewise: error: ", 0), 0U) << finished.err;
    EXPECT_EQ(finished.err.find('\n'), finished.err.size() - 1) << finished.err;
  }
}

}  // namespace
}  // namespace lanewise::cli::testing
