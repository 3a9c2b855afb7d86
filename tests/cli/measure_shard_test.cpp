// SPDX-License-Identifier: Apache-2.0
// scripts/measure-shard and scripts/merge-shards: what batch systems run.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kProgram = std::string(LANEWISE_BINARY_DIR) + "/lanewise";
const std::string kCampaign = kMobileNet + " " + kSqueezeNet + " --hw " + kEngine + " --rows 300 --engines 8 --seed 3";

class MeasureShard : public ::testing::Test {
 protected:
  // Exit status of a shell command; what it prints goes to the log.
  int shell(const std::string& command) const {
    const int status = std::system((command + " >" + folder_.file("log") + " 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  int measure(const std::string& shard, const std::string& campaign = kCampaign,
              const std::string& program = kProgram) const {
    return shell("LANEWISE=" + program + " scripts/measure-shard " + shard + " " + out() + " " + campaign);
  }
  int merge() const { return shell("LANEWISE=" + kProgram + " scripts/merge-shards " + out()); }
  std::string out() const { return folder_.file("out"); }
  std::string log() const { return text_of(folder_.file("log")); }
  // One line that a person can act on.
  void expect_said(const std::string& words) const {
    const std::string said = log();
    EXPECT_EQ(said.rfind("lanewise: error: ", 0), 0u) << said;
    EXPECT_NE(said.find(words), std::string::npos) << said;
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  }

  ScratchFolder folder_;
};

TEST_F(MeasureShard, shards_of_a_folder_are_joined_once_all_are_whole) {
  ASSERT_EQ(measure("2/2"), 0) << log();
  EXPECT_EQ(merge(), 1);
  expect_said("1 of 2 shards are not whole: 1");
  ASSERT_EQ(measure("1/2"), 0) << log();
  ASSERT_EQ(merge(), 0) << log();
  EXPECT_EQ(run_json({"store", "show", out() + "/measurements.sqlite"}).at("rows"), 300);
}

TEST_F(MeasureShard, a_whole_shard_is_not_measured_again) {
  ASSERT_EQ(measure("1/2"), 0) << log();
  const std::string before = text_of(out() + "/shards/1-of-2.sqlite");
  // Would fail if it measured.
  const std::string idle =
      folder_.write("idle", "#!/bin/sh\ncase $1 in measure) exit 9 ;; esac\nexec " + kProgram + " \"$@\"\n");
  std::filesystem::permissions(idle, std::filesystem::perms::owner_all);
  EXPECT_EQ(measure("1/2", kCampaign, idle), 0) << log();
  EXPECT_EQ(text_of(out() + "/shards/1-of-2.sqlite"), before);
}

TEST_F(MeasureShard, stopped_it_keeps_its_rows_and_goes_on) {
  // Stops the program once it has measured the campaign's smaller half, as a batch system would.
  const std::string stopping = folder_.write(
      "stopping", "#!/bin/sh\n[ \"$1\" = measure ] || exec " + kProgram + " \"$@\"\n" + kProgram + " measure " +
                      kCampaign + " --shard 1/4 --out \"$(printf '%s\\n' \"$@\" | tail -n 1)\" && exit 130\n");
  std::filesystem::permissions(stopping, std::filesystem::perms::owner_all);
  EXPECT_EQ(measure("1/2", kCampaign, stopping), 130) << log();
  ASSERT_TRUE(std::filesystem::exists(out() + "/shards/1-of-2.unfinished.sqlite")) << log();
  EXPECT_FALSE(std::filesystem::exists(out() + "/shards/1-of-2.sqlite"));
  ASSERT_EQ(measure("1/2"), 0) << log();
  EXPECT_EQ(log().find("stored before  0"), std::string::npos) << log();
  EXPECT_TRUE(std::filesystem::exists(out() + "/shards/1-of-2.sqlite"));
  EXPECT_FALSE(std::filesystem::exists(out() + "/shards/1-of-2.unfinished.sqlite"));
}

TEST_F(MeasureShard, a_folder_is_of_one_campaign) {
  ASSERT_EQ(measure("1/2"), 0) << log();
  EXPECT_EQ(measure("2/2", kCampaign + "1"), 1);
  expect_said("is of another campaign");
  EXPECT_EQ(measure("2/3"), 1);
  expect_said("number of shards");
  EXPECT_FALSE(std::filesystem::exists(out() + "/shards/2-of-3.sqlite"));
}

TEST_F(MeasureShard, refuses_what_it_gives_itself_and_what_is_no_shard) {
  EXPECT_EQ(measure("1/2", kCampaign + " --out x"), 2);
  expect_said("--out");
  EXPECT_EQ(measure("one/2"), 2);
  expect_said("'one/2'");
  EXPECT_EQ(shell("LANEWISE=" + kProgram + " scripts/merge-shards " + folder_.file("none")), 1);
  expect_said("holds no campaign");
}

// A bare name means whatever this machine finds: shards of different files would be joined.
TEST_F(MeasureShard, only_files_are_taken_for_what_is_measured) {
  EXPECT_EQ(measure("1/2", "squeezenet1_1 --hw hwconfigs/ne-64.yaml"), 2);
  expect_said("MODEL 'squeezenet1_1': must be a file");
  EXPECT_EQ(measure("1/2", "models/squeezenet1_1.onnx --hw ne-64"), 2);
  expect_said("--hw 'ne-64': must be a file");
  EXPECT_EQ(measure("1/2", "--campaign quick-ne"), 2);
  expect_said("--campaign 'quick-ne': must be a file");
}

}  // namespace
}  // namespace lanewise::cli::testing
