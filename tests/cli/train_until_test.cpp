// SPDX-License-Identifier: Apache-2.0
// train --until: measuring until the estimator is accurate.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

Arguments train(const std::string& store, const std::string& model, const Arguments& more) {
  Arguments arguments = {
      "train",           store, kMobileNet, kSqueezeNet, "--hw",         kEngine, "--rows",       "600",
      "--engines",       "12",  "--seed",   "3",         "--first-rows", "100",   "--batch-rows", "80",
      "--hold-out-rows", "50",  "--trees",  "30",        "--depth",      "4",     "--out",        model};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(TrainUntil, measures_until_the_target_holds_and_writes_a_model_that_answers) {
  const ScratchFolder folder;
  const std::string store = folder.file("s"), model = folder.file("m.lwm");
  const Json answer = run_json(train(store, model, {"--until", "within10>=0.5"}));
  EXPECT_EQ(answer.at("outcome"), "reached");
  EXPECT_EQ(answer.at("target"), "within10>=0.5");
  const Json& rounds = answer.at("rounds");
  ASSERT_GE(rounds.size(), 1u);
  EXPECT_GE(rounds.back().at("hold_out").at("within_10_percent"), 50);
  EXPECT_EQ(rounds.back().at("hold_out").at("rows"), 50);
  EXPECT_EQ(run_json({"store", "show", store}).at("rows"),
            answer.at("chosen_rows").get<int>() + answer.at("hold_out_rows").get<int>());
  // The model that was written is as good as was asked for.
  EXPECT_TRUE(answer.at("final").at("meets_target"));
  EXPECT_GE(answer.at("final").at("hold_out").at("within_10_percent"), 50);
  EXPECT_EQ(answer.at("final").at("hold_out").at("rows"), 50);
  // Only what may be trained on is in the model, and nothing of the hold-out.
  EXPECT_EQ(answer.at("estimator").at("rows"), rounds.back().at("training_rows"));
  EXPECT_EQ(run_json({"evaluate", model}).at("rows"), rounds.back().at("training_rows"));
  EXPECT_EQ(run({"estimate", kMobileNet, "--hw", kEngine, "--estimator", model}).status, 0);
}

TEST(TrainUntil, again_it_measures_nothing_and_writes_the_same_bytes) {
  const ScratchFolder folder;
  const Arguments until = {"--until", "mape<=0.0001", "--most", "180"};
  const Finished first = run(train(folder.file("s"), folder.file("a.lwm"), until));
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_NE(first.out.find("not reached with as many rows as were allowed"), std::string::npos) << first.out;
  const Json rows = run_json({"store", "show", folder.file("s")}).at("rows");
  const Finished second = run(train(folder.file("s"), folder.file("b.lwm"), until));
  const auto without_name = [](const Finished& f) { return f.out.substr(0, f.out.rfind("wrote ")); };
  EXPECT_EQ(without_name(second), without_name(first));
  EXPECT_EQ(run_json({"store", "show", folder.file("s")}).at("rows"), rows);
  EXPECT_EQ(text_of(folder.file("b.lwm")), text_of(folder.file("a.lwm")));
}

TEST(TrainUntil, killed_it_goes_on_to_the_same_model) {
  const ScratchFolder folder;
  const Arguments until = {"--until", "mape<=0.0001", "--most", "300"};
  ASSERT_EQ(run(train(folder.file("whole"), folder.file("a.lwm"), until)).status, 0);
  Running running(train(folder.file("pieces"), folder.file("b.lwm"), until));
  wait_for_rows(folder.file("pieces"));
  running.send(SIGKILL);
  EXPECT_EQ(running.wait().status, 128 + SIGKILL);
  EXPECT_FALSE(std::filesystem::exists(folder.file("b.lwm")));
  Arguments again = until;
  again.insert(again.end(), {"--jobs", "1"});
  ASSERT_EQ(run(train(folder.file("pieces"), folder.file("b.lwm"), again)).status, 0);
  EXPECT_EQ(text_of(folder.file("b.lwm")), text_of(folder.file("a.lwm")));
}

TEST(TrainUntil, takes_a_campaigns_file) {
  const ScratchFolder folder;
  const Json answer = run_json({"train",           folder.file("s"),
                                "--until",         "mape<=0.0001",
                                "--campaign",      "campaigns/quick-nvdla.yaml",
                                "--rows",          "500",
                                "--engines",       "8",
                                "--most",          "60",
                                "--first-rows",    "60",
                                "--hold-out-rows", "20",
                                "--trees",         "10",
                                "--depth",         "3",
                                "--out",           folder.file("m.lwm")});
  EXPECT_EQ(answer.at("outcome"), "most_rows");
  EXPECT_EQ(answer.at("estimator").at("family"), "nvdla");
}

TEST(TrainUntil, refuses_what_it_cannot_do) {
  const ScratchFolder folder;
  const std::string store = folder.file("s"), model = folder.file("m.lwm");
  expect_refused(train(store, model, {"--until", "within10>=98"}), 1, {"within10>=98", "at most 1"});
  EXPECT_FALSE(std::filesystem::exists(store));
  expect_refused(train(store, model, {}), 2, {"--until"});
  expect_refused({"train", store, "--until", "mape<=1", "--out", model}, 2, {"MODEL", "--campaign"});
  expect_refused({"train", store, "--most", "5", "--out", model}, 2, {"--until"});
  expect_refused(train(store, model, {"--until", "mape<=1", "--strategy", "best"}), 2, {"best"});
  EXPECT_FALSE(std::filesystem::exists(model));
}

}  // namespace
}  // namespace lanewise::cli::testing
