// SPDX-License-Identifier: Apache-2.0
// scripts/train-shard, merge-trainings and slurm/train-submit: trainings as batch systems run them. Scripts stand for
// lanewise-fit and for sbatch; benchmarks/training_slurm runs both for real.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <map>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

// Trains every N-th encoding from the I-th on; where a file `fail` names an encoding, it ends before that one, once.
const std::string kTrainer = R"sh(#!/bin/sh
here=$(dirname "$0")
[ "$1" != --version ] || { echo "lanewise-fit 1"; exit 0; }
shift
while [ $# -gt 0 ]; do
  case $1 in
    --encodings) encodings=$2 ;;
    --shard) shard=$2 ;;
    --out) out=$2 ;;
    --jobs) [ "$2" = 1 ] || exit 2 ;;
    --space|--data|--epochs) ;;
    *) echo "lanewise: error: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
mkdir -p "$out"
echo "encoding,seed,accuracy,seconds" > "$out/results.csv.new"
row=0
sed 1d "$encodings" | while read -r code; do
  row=$((row + 1))
  [ $((row % ${shard#*/})) = $((${shard%/*} % ${shard#*/})) ] || continue
  if [ "$(cat "$here/fail" 2>/dev/null)" = "$code" ]; then
    rm "$here/fail"
    exit 1
  fi
  if [ ! -e "$out/$code" ]; then
    echo "$code" >> "$here/log"
    echo > "$out/$code"
  fi
  for seed in 0 1; do echo "$code,$seed,0.$code$seed,1" >> "$out/results.csv.new"; done
done || exit 1
mv "$out/results.csv.new" "$out/results.csv"
)sh";

// Runs every task of an array at once, and a job that depends on one only where all its tasks ended well.
const std::string kSbatch = R"sh(#!/bin/sh
here=$(dirname "$0")
id=$(($(cat "$here/jobs" 2>/dev/null || echo 100) + 1))
echo $id > "$here/jobs"
first= last=
while [ $# -gt 0 ]; do
  case $1 in
    --array=*) first=${1#--array=}; last=${first#*-}; last=${last%\%*}; first=${first%-*} ;;
    --dependency=afterok:*) [ -e "$here/ended-${1#--dependency=afterok:}" ] || { echo $id; exit 0; } ;;
    --output=*) output=${1#--output=} ;;
    --parsable|--export=ALL|--kill-on-invalid-dep=yes) ;;
    --*) echo "sbatch: unknown $1" >&2; exit 2 ;;
    *) break ;;
  esac
  shift
done
mkdir -p "$(dirname "$output")"
well=yes
for task in $(seq "${first:-1}" "${last:-1}"); do
  SLURM_ARRAY_TASK_ID=$task SLURM_CPUS_PER_TASK=1 "$@" >> "$here/slurm.log" 2>&1 || well=no
done
[ $well = no ] || touch "$here/ended-$id"
echo "$id;cluster"
)sh";

class TrainShard : public ::testing::Test {
 protected:
  TrainShard() {
    for (const auto& [name, text] :
         std::map<std::string, std::string>{{"lanewise-fit", kTrainer}, {"sbatch", kSbatch}}) {
      folder_.write(name, text);
      std::filesystem::permissions(folder_.file(name), std::filesystem::perms::owner_all);
    }
    folder_.write("encodings.csv", "encoding\n5\n3\n9\n1\n7\n2\n4\n");
  }

  // Exit status of a shell command; what it prints goes to the log.
  int shell(const std::string& command) const {
    const std::string all = "PATH=" + folder_.file("") + ":$PATH LANEWISE_FIT=" + folder_.file("lanewise-fit") + " " +
                            command + " >" + folder_.file("said") + " 2>&1";
    const int status = std::system(all.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string arguments() const { return folder_.file("encodings.csv") + " --space fm28 --data fashion-mnist"; }
  std::string out() const { return folder_.file("out"); }
  std::string said() const { return text_of(folder_.file("said")); }
  std::string trained() const { return text_of(folder_.file("log")); }
  // One line that a person can act on.
  void expect_said(const std::string& what) const {
    const std::string line = said();
    EXPECT_EQ(line.rfind("lanewise: error: ", 0), 0u) << line;
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    EXPECT_NE(line.find(what), std::string::npos) << line;
  }
  static std::string table() {
    std::string text = "encoding,seed,accuracy,seconds\n";
    for (const char* code : {"1", "2", "3", "4", "5", "7", "9"}) {
      for (const char* seed : {"0", "1"}) text += std::string(code) + "," + seed + ",0." + code + seed + ",1\n";
    }
    return text;
  }

  ScratchFolder folder_;
};

TEST_F(TrainShard, an_array_of_trainings_becomes_one_table) {
  ASSERT_EQ(shell("scripts/slurm/train-submit 3 " + out() + " " + arguments() + " --epochs 2"), 0) << said();
  EXPECT_EQ(said(), "array 101\nmerge 102\n");
  EXPECT_EQ(text_of(out() + "/accuracy.csv"), table()) << text_of(folder_.file("slurm.log"));
  // As many as there are, whole, again: nothing is trained twice.
  const std::string before = trained();
  ASSERT_EQ(shell("LANEWISE_TASKS=2 LANEWISE_AT_ONCE=1 scripts/slurm/train-submit 3 " + out() + " " + arguments() +
                  " --epochs 2"),
            0)
      << said();
  EXPECT_EQ(trained(), before);
  EXPECT_EQ(text_of(out() + "/accuracy.csv"), table());
}

TEST_F(TrainShard, goes_on_when_submitted_again_after_a_task_that_failed) {
  folder_.write("fail", "4\n");  // in the first of three shards, after two others
  const std::string submit = "scripts/slurm/train-submit 3 " + out() + " " + arguments();
  ASSERT_EQ(shell(submit), 0) << said();
  EXPECT_FALSE(std::filesystem::exists(out() + "/accuracy.csv"));
  EXPECT_FALSE(std::filesystem::exists(out() + "/shards/1-of-3.csv"));
  EXPECT_EQ(shell("scripts/merge-trainings " + out()), 1);
  expect_said("1 of 3 shards are not whole: 1");
  ASSERT_EQ(shell(submit), 0) << said();
  EXPECT_EQ(text_of(out() + "/accuracy.csv"), table()) << text_of(folder_.file("slurm.log"));
  const std::string log = trained();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 7) << log;  // each network once
}

TEST_F(TrainShard, more_shards_than_networks_leave_some_empty) {
  ASSERT_EQ(shell("scripts/slurm/train-submit 9 " + out() + " " + arguments()), 0) << said();
  EXPECT_EQ(text_of(out() + "/accuracy.csv"), table()) << text_of(folder_.file("slurm.log"));
}

// What could not be trained stays in the table with its reason, which the space's reader passes over.
TEST_F(TrainShard, shards_with_other_columns_are_joined_by_their_names) {
  ASSERT_EQ(shell("scripts/train-shard 1/2 " + out() + " " + arguments()), 0) << said();
  ASSERT_EQ(shell("scripts/train-shard 2/2 " + out() + " " + arguments()), 0) << said();
  folder_.write("out/shards/1-of-2.csv", "encoding,seed,accuracy,failure\r\nb,0,0.5,\r\na,10,0.25,\r\na,9,0.5,\r\n");
  folder_.write("out/shards/2-of-2.csv", "encoding,seed,failure\n\"c,d\",0,\"no number, \"\"nan\"\"\"\n");
  ASSERT_EQ(shell("scripts/merge-trainings " + out()), 0) << said();
  EXPECT_EQ(text_of(out() + "/accuracy.csv"),
            "encoding,seed,accuracy,failure\n\"c,d\",0,,\"no number, \"\"nan\"\"\"\na,9,0.5,\na,10,0.25,\nb,0,0.5,\n");
}

TEST_F(TrainShard, a_folder_is_of_one_set_of_trainings_and_mistakes_are_one_line) {
  ASSERT_EQ(shell("scripts/train-shard 1/2 " + out() + " " + arguments()), 0) << said();
  EXPECT_EQ(shell("scripts/merge-trainings " + out() + " --partial"), 0);
  EXPECT_EQ(said(), out() + "/accuracy.csv: 8 trainings, 1 of 2 shards whole\n");
  EXPECT_EQ(shell("scripts/train-shard 2/2 " + out() + " " + arguments() + " --epochs 3"), 1);
  expect_said("is of other trainings");
  EXPECT_EQ(shell("scripts/train-shard 2/3 " + out() + " " + arguments()), 1);
  expect_said("is of other trainings");
  EXPECT_EQ(shell("scripts/train-shard 3/2 " + out() + " " + arguments()), 2);
  expect_said("'3/2'");
  EXPECT_EQ(shell("scripts/train-shard 2/2 " + out() + " " + arguments() + " --jobs 2"), 2);
  expect_said("--jobs");
  EXPECT_EQ(shell("scripts/train-shard 2/2 " + out() + " none.csv --space fm28 --data x"), 2);
  expect_said("'none.csv'");
  EXPECT_EQ(shell("scripts/merge-trainings " + folder_.file("none")), 1);
  expect_said("holds no trainings");
  EXPECT_EQ(shell("scripts/slurm/train-submit 0 " + out() + " " + arguments()), 2);
  expect_said("'0'");
}

}  // namespace
}  // namespace lanewise::cli::testing
