// SPDX-License-Identifier: Apache-2.0
#include "core/base/process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace lanewise {
namespace {

namespace fs = std::filesystem;
using End = ProcessOutcome::End;

// A shell's script, which stands for any program.
ProcessRequest script(const std::string& text) {
  ProcessRequest request;
  request.words = {"sh", "-c", text};
  request.timeout = std::chrono::seconds(30);
  return request;
}

ProcessOutcome run(const ProcessRequest& request) {
  Process process(request);
  while (!process.ended()) Process::wait_for_any({&process});
  return process.outcome();
}

fs::path scratch(const std::string& name) {
  const fs::path folder = fs::path(::testing::TempDir()) / ("lanewise_process_" + name);
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

TEST(Process, gives_output_status_and_the_last_words) {
  const ProcessOutcome outcome = run(script("echo one; echo early >&2; echo two; printf 'late\\n\\n' >&2; exit 3"));
  EXPECT_EQ(outcome.end, End::kExited);
  EXPECT_EQ(outcome.status, 3);
  EXPECT_EQ(outcome.output, "one\ntwo\n");
  EXPECT_EQ(outcome.last_words, "late");
}

TEST(Process, words_reach_the_program_as_they_are) {
  ProcessRequest request;
  request.words = {"printf", "%s|", "$HOME", "a b", "; echo x", "\"'", "*"};
  EXPECT_EQ(run(request).output, "$HOME|a b|; echo x|\"'|*|");
}

TEST(Process, runs_in_its_folder_and_reads_its_input) {
  const fs::path folder = scratch("folder");
  std::ofstream(folder / "input") << "hello";
  ProcessRequest request = script("cat; pwd -P");
  request.folder = folder.string();
  request.input = (folder / "input").string();
  EXPECT_EQ(run(request).output, "hello" + fs::canonical(folder).string() + "\n");
  EXPECT_EQ(run(script("cat")).output, "");  // without one there is nothing to read
}

TEST(Process, what_cannot_be_started_has_ended_with_the_reason) {
  ProcessRequest request;
  request.words = {"lanewise-no-such-program"};
  const ProcessOutcome outcome = run(request);
  EXPECT_EQ(outcome.end, End::kNotStarted);
  EXPECT_EQ(outcome.last_words, "No such file or directory");
}

TEST(Process, a_signal_is_told) {
  const ProcessOutcome outcome = run(script("kill -SEGV $$"));
  EXPECT_EQ(outcome.end, End::kSignalled);
  EXPECT_EQ(outcome.status, SIGSEGV);
}

TEST(Process, at_a_time_out_all_that_it_started_ends) {
  const fs::path folder = scratch("timeout");
  ProcessRequest request = script("(sleep 100 & echo $! > child; wait) & wait");
  request.folder = folder.string();
  request.timeout = std::chrono::milliseconds(500);
  EXPECT_EQ(run(request).end, End::kTimedOut);
  pid_t child = 0;
  std::ifstream(folder / "child") >> child;
  ASSERT_GT(child, 0);
  // It is gone, or a corpse that init has yet to bury.
  const auto running = [&] {
    std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
    std::string number, name, state;
    return stat >> number >> name >> state && state != "Z" && state != "X";
  };
  for (int i = 0; i < 500 && running(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_FALSE(running());
}

TEST(Process, one_that_leaves_another_behind_has_ended) {
  const ProcessOutcome outcome = run(script("sleep 100 & echo done"));  // which holds the output open
  EXPECT_EQ(outcome.end, End::kExited);
  EXPECT_EQ(outcome.output, "done\n");
}

TEST(Process, too_much_output_ends_it) {
  ProcessRequest request = script("while :; do echo 0123456789; done");
  request.most_output = 100000;
  const ProcessOutcome outcome = run(request);
  EXPECT_EQ(outcome.end, End::kTooMuchOutput);
  EXPECT_EQ(outcome.output.size(), 100000u);
  // What it says on standard error is no output, however much that is.
  const ProcessOutcome talkative =
      run(script("i=0; while [ $i -lt 5000 ]; do echo 0123456789$i >&2; i=$((i+1)); done; echo x"));
  EXPECT_EQ(talkative.end, End::kExited);
  EXPECT_EQ(talkative.last_words, "01234567894999");
}

TEST(Process, several_run_at_once) {
  Process slow(script("sleep 100"));
  Process quick(script("echo quick"));
  while (!quick.ended()) Process::wait_for_any({&slow, &quick});
  EXPECT_FALSE(slow.ended());
  EXPECT_EQ(quick.outcome().output, "quick\n");
}  // and the slow one goes with its object

}  // namespace
}  // namespace lanewise
