// SPDX-License-Identifier: Apache-2.0
// Codesigns whose networks are trained. The trainer is a script that stands for lanewise-fit: it takes the same
// options, keeps a checkpoint, and gives an accuracy that follows from the encoding.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/cli/codesign_jobs.hpp"

namespace lanewise::cli::testing {

// Two epochs, with a checkpoint after the first. It logs when a training begins, goes on and ends. Where a file `pause`
// lies beside the space, no second epoch ends once more trainings began than it says. It ends with the search that
// started it, as lanewise-fit does. A third digit 2 diverges.
inline const std::string kTrainer = R"sh(#!/bin/sh
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

inline const std::string kTraining = "{train: made-up, epochs: 2, seeds: 2, jobs: 2, options: [--rate, .1]}";

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

}  // namespace lanewise::cli::testing
