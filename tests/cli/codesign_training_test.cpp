// SPDX-License-Identifier: Apache-2.0
// Codesign that trains every network.
#include <set>

#include "tests/cli/codesign_trainer.hpp"

namespace lanewise::cli::testing {
namespace {

TEST_F(CodesignTraining, every_network_is_trained_once_and_its_seeds_are_averaged) {
  const Finished finished = run(job(space(kTraining), out()));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = Json::parse(finished.out);
  EXPECT_EQ(result.at("constraint"),
            "accuracy of each network after training on made-up, the default recipe, 2 epochs, "
            "2 seeds, --rate .1");
  std::set<std::string> known, failed;
  for (const auto& row : rows_of(out() + "/history.csv")) {
    const std::string code = row.at("encoding");
    if (code[2] == '2') {
      EXPECT_EQ(row.at("failure"),
                "no accuracy: the training exited with status 1: lanewise: error: the loss is not a number");
      failed.insert(code);
    } else {
      EXPECT_NEAR(std::stod(row.at("accuracy")), (std::stod("0." + code + "0") + std::stod("0." + code + "1")) / 2,
                  1e-12);
      known.insert(code);
    }
  }
  EXPECT_FALSE(failed.empty());
  EXPECT_EQ(result.at("without_accuracy").begin().value(), failed.size());
  EXPECT_EQ(result.at("accuracy"), (Json{{"by", "train"}, {"networks", known.size()}}));
  const Json& cost = result.at("cost").at("accuracy");
  EXPECT_EQ(cost.at("networks"), known.size() + failed.size());
  EXPECT_EQ(cost.at("programs"), known.size() + failed.size());
  EXPECT_GT(cost.at("program_seconds"), 0);
  EXPECT_GT(cost.at("seconds"), 0);
  const std::vector<std::string> began = logged("began");
  EXPECT_EQ(began.size(), known.size() + failed.size());
  EXPECT_EQ(std::set<std::string>(began.begin(), began.end()).size(), began.size());
  EXPECT_FALSE(std::filesystem::exists(out() + "/work/accuracy.log.trainings"));
}

// Killed in the midst of trainings, once politely and once not: what was trained is not trained again, what was under
// way goes on, and the folder ends with the bytes of a job that nobody stopped. Seconds alone are those of this run.
TEST_F(CodesignTraining, goes_on_after_ctrl_c_and_after_a_kill) {
  const std::string file = space(kTraining);
  ASSERT_EQ(run(job(file, folder_.file("whole"))).status, 0);
  std::filesystem::remove(folder_.file("log"));
  const auto stop = [&](int signal, const char* pause, std::size_t trainings) {
    folder_.write("pause", pause);
    Running running(job(file, out()));
    wait_for("began", trainings);
    running.send(signal);
    const Finished finished = running.wait();
    EXPECT_NE(finished.status, 0);
    std::filesystem::remove(folder_.file("pause"));
    return finished.err;
  };
  const std::string said = stop(SIGINT, "0", 1);
  EXPECT_NE(said.find("the same command goes on"), std::string::npos) << said;
  stop(SIGKILL, "1", 3);
  const std::size_t began = logged("began").size(), ended = logged("ended").size();
  EXPECT_GT(began, ended);
  const Finished finished = run(job(file, out()));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_GE(logged("resumed").size(), 2u);
  const std::vector<std::string> all = logged("began");
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size()) << "a network was trained anew";
  std::filesystem::remove(out() + "/work/accuracy.log.seconds");
  std::filesystem::remove(folder_.file("whole") + "/work/accuracy.log.seconds");
  expect_same_files(folder_.file("whole"), out());
}

TEST_F(CodesignTraining, a_trainer_that_fails_on_the_first_network_ends_the_job_in_one_line) {
  expect_refused(job(space("{train: none, epochs: 2, options: [--rate, .1]}"), out()), 1,
                 {"space.yaml:", "accuracy.train", "the training exited with status 1", "none: no such data set"});
  expect_refused(job(space("{train: made-up, epochs: 2, metric: map50, options: [--rate, .1]}"), folder_.file("b")), 1,
                 {"accuracy.train", "gives no 'map50'", "validation_accuracy"});
}

TEST_F(CodesignTraining, says_how_the_trainer_is_built_and_what_it_cannot_train) {
  ::setenv("LANEWISE_FIT", "", 1);
  if (!std::filesystem::exists(std::string(LANEWISE_BINARY_DIR) + "/lanewise-fit")) {
    expect_refused(job(space(kTraining), out()), 1,
                   {"space.yaml:", "accuracy.train", "lanewise-fit", "scripts/install-packages --torch"});
    EXPECT_FALSE(std::filesystem::exists(out()));
  }
  ::setenv("LANEWISE_FIT", folder_.file("lanewise-fit").c_str(), 1);
  const std::string moves = folder_.write("moves.yaml", "name: moves\naccuracy: " + kTraining + "\n");
  Arguments arguments = job(moves, out());
  arguments.insert(arguments.begin() + 1, kMobileNet);
  expect_refused(arguments, 1, {"moves.yaml:2", "accuracy.train", "networks of its own"});
  expect_refused(job(space("{train: made-up, epoch: 2}"), out()), 1, {"space.yaml:", "accuracy.epoch", "epochs"});
  expect_refused(job(space("{train: made-up, epochs: 0}"), out()), 1, {"accuracy.epochs", "'0'"});
}

TEST_F(CodesignTraining, other_settings_are_another_job_and_more_jobs_are_not) {
  ASSERT_EQ(run(job(space(kTraining), out())).status, 0);
  const std::size_t began = logged("began").size();
  EXPECT_EQ(run(job(space("{train: made-up, epochs: 2, seeds: 2, jobs: 7, options: [--rate, .1]}"), out())).status, 0);
  EXPECT_EQ(logged("began").size(), began);
  expect_refused(job(space("{train: made-up, epochs: 3, options: [--rate, .1]}"), out()), 1,
                 {"settings.yaml", "made_from.space"});
}

}  // namespace
}  // namespace lanewise::cli::testing
