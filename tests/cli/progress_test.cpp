// SPDX-License-Identifier: Apache-2.0
// Long work shows at a terminal, and only there, what it does and how long it will take.
#include <poll.h>
#include <pty.h>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

using Clock = std::chrono::steady_clock;

struct Watched {
  int status = -1;
  std::string shown;
  double longest_silence = 0;  // seconds without anything new on the terminal
};

// Runs the program at a terminal of its own.
Watched watch(const Arguments& arguments) {
  Watched out;
  int terminal = -1;
  winsize size{24, 160, 0, 0};
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (pid == 0) {
    const std::string program = std::string(LANEWISE_BINARY_DIR) + "/lanewise";
    std::vector<std::string> words = {program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  EXPECT_GT(pid, 0);
  Clock::time_point last = Clock::now();
  for (;;) {
    char bytes[4096];
    const ssize_t count = ::read(terminal, bytes, sizeof bytes);
    if (count <= 0) break;  // EIO once the program has ended
    const auto now = Clock::now();
    out.longest_silence = std::max(out.longest_silence, std::chrono::duration<double>(now - last).count());
    last = now;
    out.shown.append(bytes, static_cast<std::size_t>(count));
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  out.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ::close(terminal);
  return out;
}

// Everything that takes more than a moment says so; with a machine under load a second more does not matter.
constexpr double kLongestSilence = 5;

void expect_phases(const Watched& watched, const std::vector<std::string>& phases) {
  EXPECT_EQ(watched.status, 0) << watched.shown;
  std::size_t from = 0;
  for (const std::string& phase : phases) {
    const std::size_t at = watched.shown.find(phase, from);
    EXPECT_NE(at, std::string::npos) << phase << " does not follow in " << watched.shown.substr(from);
    if (at != std::string::npos) from = at;
  }
  EXPECT_LT(watched.longest_silence, kLongestSilence);
}

TEST(Progress, every_phase_of_measuring_training_and_evaluating_shows) {
  const ScratchFolder folder;
  const std::string store = folder.file("s.sqlite"), model = folder.file("m.lwm");
  const Arguments measure = {"measure",
                             kSqueezeNet,
                             kMobileNet,
                             "--hw",
                             kEngine,
                             "--rows",
                             "1200",
                             "--engines",
                             "10",
                             "--out",
                             store,
                             "--rows-csv",
                             folder.file("rows.csv")};
  expect_phases(watch(measure), {"planning", "measuring", "writing rows"});
  const Arguments train = {"train", store, "--trees", "60", "--out", model};
  const Watched trained = watch(train);
  expect_phases(trained, {"loading rows", "building features", "training", "calibrating intervals", "evaluating"});
  EXPECT_NE(trained.shown.find(" left"), std::string::npos) << "no time left is shown";
  expect_phases(watch({"evaluate", store, "--trees", "20", "--quick"}), {"loading rows", "training", "evaluating"});
  // In a pipe there is nothing but the answer.
  EXPECT_EQ(run(train).err, "");
  EXPECT_EQ(
      run({"measure", kSqueezeNet, "--hw", kEngine, "--rows", "10", "--engines", "2", "--out", folder.file("t")}).err,
      "");
}

TEST(Progress, every_phase_of_a_codesign_shows) {
  const ScratchFolder folder;
  const Watched watched =
      watch({"codesign", kSqueezeNet, "--hw", kEngine, "--measure", "--rows", "600", "--engines", "8", "--trees", "40",
             "--population", "8", "--generations", "4", "--finalists", "2", "--out", folder.file("d")});
  expect_phases(watched, {"planning", "measuring", "writing rows.csv", "loading rows", "building features", "training",
                          "searching", "simulating the baseline", "simulating finalists"});
}

TEST(Progress, validating_and_sweeping_show) {
  expect_phases(watch({"validate", "benchmarks/validation/neureka_rtl.csv"}), {"%"});
  expect_phases(watch({"sweep", kMobileNet, "--hw", kEngine, "--jobs", "1", "--vary", "dram.latency=50 ns,100 ns"}),
                {"%"});
}

}  // namespace
}  // namespace lanewise::cli::testing
