// SPDX-License-Identifier: Apache-2.0
// Codesign that trains every network. The trainer here is a script that stands for lanewise-fit: it takes the same
// options, keeps a checkpoint, and gives an accuracy that follows from the encoding.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "tests/cli/codesign_jobs.hpp"

namespace lanewise::cli::testing {
namespace {

// Two epochs, with a checkpoint after the first. It logs when a training begins, goes on and ends. Where a file `pause`
// lies beside the space, no second epoch ends once more trainings began than it says. It ends with the search that
// started it, as lanewise-fit does. A third digit 2 diverges.
const std::string kTrainer = R"sh(#!/bin/sh
here=$(dirname "$0")
[ "$1" = train ] || { echo "lanewise: error: not train" >&2; exit 2; }
shift
while [ $# -gt 0 ]; do
  case $1 in
    --encodings) encodings=$2 ;;
    --space) space=$2 ;;
    --data) data=$2 ;;
    --out) out=$2 ;;
    --seeds) seeds=$2 ;;
    --epochs) epochs=$2 ;;
    --jobs) jobs=$2 ;;
    --rate) rate=$2 ;;
    *) echo "lanewise: error: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ "$data" != none ] || { echo "lanewise: error: none: no such data set" >&2; exit 1; }
[ -s "$space" ] && [ "$jobs" = 1 ] && [ "$epochs" = 2 ] && [ "$rate" = .1 ] || exit 2
code=$(sed -n 2p "$encodings")
mkdir -p "$out"
if [ -e "$out/checkpoint" ]; then
  echo "resumed $code" >> "$here/log"
else
  echo "began $code" >> "$here/log"
  echo 1 > "$out/checkpoint"
fi
while [ -e "$here/pause" ] && [ "$(grep -c ^began "$here/log")" -gt "$(cat "$here/pause")" ]; do
  kill -0 "$LANEWISE_PARENT" || exit 1
  sleep 0.02
done
kill -0 "$LANEWISE_PARENT" || exit 1
case $code in
  ??2*) echo "lanewise: error: the loss is not a number" >&2; exit 1 ;;
esac
{
  echo "encoding,seed,accuracy,validation_accuracy"
  seed=0
  while [ $seed -lt "$seeds" ]; do
    echo "$code,$seed,0.$code$seed,0.5"
    seed=$((seed + 1))
  done
} > "$out/results.csv"
echo "ended $code" >> "$here/log"
)sh";

const std::string kTraining = "{train: made-up, epochs: 2, seeds: 2, jobs: 2, options: [--rate, .1]}";

class CodesignTraining : public ::testing::Test {
 protected:
  CodesignTraining() {
    folder_.write("lanewise-fit", kTrainer);
    std::filesystem::permissions(folder_.file("lanewise-fit"), std::filesystem::perms::owner_all);
    ::setenv("LANEWISE_FIT", folder_.file("lanewise-fit").c_str(), 1);
  }
  ~CodesignTraining() override { ::unsetenv("LANEWISE_FIT"); }

  std::string space(const std::string& accuracy) const {
    return folder_.write("space.yaml", text_of("spaces/nas-bench-macro.yaml") + "\naccuracy: " + accuracy + "\n");
  }
  std::string out() const { return folder_.file("out"); }

  // Under an estimator that is made once for all tests of this file.
  static Arguments job(const std::string& space, const std::string& out) {
    static const ScratchFolder folder;
    static const std::string model = [] {
      EXPECT_EQ(run({"measure", kMobileNet, "--hw", kEngine, "--rows", "300", "--engines", "8", "--seed", "3", "--out",
                     folder.file("a")})
                    .status,
                0);
      EXPECT_EQ(run({"train", folder.file("a"), "--out", folder.file("ne.lwm"), "--trees", "20", "--depth", "4",
                     "--interval-folds", "0", "--quick"})
                    .status,
                0);
      return folder.file("ne.lwm");
    }();
    return {"codesign",
            "--space",
            space,
            "--hw",
            kEngine,
            "--estimator",
            model,
            "--out",
            out,
            "--json",
            "--objectives",
            "macs,accuracy",
            "--algorithm",
            "regularised_evolution",
            "--population",
            "6",
            "--evaluations",
            "12",
            "--finalists",
            "2",
            "--rounds",
            "0",
            "--simulations",
            "2",
            "--seed",
            "5"};
  }

  // Lines of the trainer's log by what they say.
  std::vector<std::string> logged(const std::string& what) const {
    std::vector<std::string> codes;
    std::istringstream text(text_of(folder_.file("log")));
    for (std::string line; std::getline(text, line);) {
      if (line.rfind(what + " ", 0) == 0) codes.push_back(line.substr(what.size() + 1));
    }
    return codes;
  }
  void wait_for(const std::string& what, std::size_t lines) const {
    for (int i = 0; i < 30000 && logged(what).size() < lines; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ASSERT_GE(logged(what).size(), lines);
  }

  ScratchFolder folder_;
};

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
