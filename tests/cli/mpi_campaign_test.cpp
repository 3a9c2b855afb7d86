// SPDX-License-Identifier: Apache-2.0
// scripts/mpi/campaign under mpirun, where there is one.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kCampaign = kMobileNet + " " + kSqueezeNet + " --hw " + kEngine + " --rows 300 --engines 8 --seed 3";

// Exit status of a shell command; what it prints goes to `log`.
int shell(const std::string& command, const std::string& log) {
  const int status = std::system((command + " >" + log + " 2>&1").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class MpiCampaign : public ::testing::Test {
 protected:
  void SetUp() override {
    if (shell("command -v mpirun", log()) != 0) {
      GTEST_SKIP() << "there is no mpirun: scripts/install-packages --mpi installs it";
    }
    ASSERT_EQ(run({"measure", kMobileNet, kSqueezeNet, "--hw", kEngine, "--rows", "300", "--engines", "8", "--seed",
                   "3", "--out", folder_.file("whole")})
                  .status,
              0);
  }

  std::string log() const { return folder_.file("log"); }

  // Launches two ranks into `out`.
  int launch(const std::string& out, const std::string& program) const {
    return shell("OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 LANEWISE=" + program +
                     " mpirun -n 2 --oversubscribe scripts/mpi/campaign " + out + " " + kCampaign,
                 log());
  }

  std::string dataset(const std::string& store, const std::string& name) const {
    EXPECT_EQ(run({"store", "export", store, "--out", folder_.file(name)}).status, 0);
    return text_of(folder_.file(name) + "/measurements.csv");
  }

  const std::string program_ = std::string(LANEWISE_BINARY_DIR) + "/lanewise";
  ScratchFolder folder_;
};

TEST_F(MpiCampaign, joins_what_its_ranks_measured) {
  const std::string out = folder_.file("out");
  ASSERT_EQ(launch(out, program_), 0) << text_of(log());
  EXPECT_EQ(dataset(out + "/measurements.sqlite", "joined"), dataset(folder_.file("whole"), "all"));
}

TEST_F(MpiCampaign, a_failed_rank_stops_no_other_and_the_next_launch_goes_on) {
  const std::string out = folder_.file("out");
  const std::string failing = folder_.write(
      "failing", "#!/bin/sh\ncase \" $* \" in *' --shard 2/'*) exit 1 ;; esac\nexec " + program_ + " \"$@\"\n");
  ::chmod(failing.c_str(), 0755);
  EXPECT_NE(launch(out, failing), 0);
  EXPECT_NE(text_of(log()).find("lanewise: error: mpi/campaign: 1 of 2 ranks failed (1)"), std::string::npos)
      << text_of(log());
  EXPECT_TRUE(std::filesystem::exists(out + "/shards/1-of-2.sqlite"));
  EXPECT_FALSE(std::filesystem::exists(out + "/measurements.sqlite"));
  ASSERT_EQ(launch(out, program_), 0) << text_of(log());
  EXPECT_EQ(dataset(out + "/measurements.sqlite", "joined"), dataset(folder_.file("whole"), "all"));
}

}  // namespace
}  // namespace lanewise::cli::testing
