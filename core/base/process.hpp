// SPDX-License-Identifier: Apache-2.0
// A program of somebody else's, run with bounds on its time and its output.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lanewise {

struct ProcessRequest {
  // The program and its arguments, as they are: no shell reads them. A program without a slash is looked for in PATH;
  // a relative one with a slash is relative to `folder`.
  std::vector<std::string> words;
  std::string folder;  // where it runs; "": where we do
  std::string input;   // the file that is its standard input; "": an empty one
  std::chrono::milliseconds timeout{600'000};
  std::size_t most_output = std::size_t{1} << 20;  // bytes of its standard output
  // Called by ended() with each whole line of its standard error as it comes, without its end; may be empty. A line of
  // more than 64 KiB comes in parts.
  std::function<void(std::string_view line)> on_error_line;
};

struct ProcessOutcome {
  enum class End { kExited, kSignalled, kTimedOut, kTooMuchOutput, kNotStarted };
  End end = End::kNotStarted;
  int status = 0;          // exit status, or number of the signal
  std::string output;      // its standard output, up to the bound
  std::string last_words;  // the last line with any text of its standard error; or why it was not started
};

// A program under way, in a process group of its own. One that ends takes what it started along: the whole group is
// killed, also at a time-out, at too much output and when this object goes.
class Process {
 public:
  // Starts it. What cannot be started has ended as kNotStarted.
  explicit Process(const ProcessRequest& request);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Takes in what has come, without waiting. True once the program has ended and the outcome is whole.
  bool ended();
  // Asks it and what it started to end (SIGTERM). One that does not is killed when this object goes.
  void ask_to_end();
  // Of a program that has ended.
  const ProcessOutcome& outcome() const { return outcome_; }

  // Waits until one of them has something to say, or a little while: at most some hundredths of a second.
  static void wait_for_any(const std::vector<const Process*>& processes);

 private:
  struct Pipes;
  void finish(ProcessOutcome::End end, int status);
  void hand_over_lines();

  ProcessOutcome outcome_;
  std::unique_ptr<Pipes> pipes_;
  int pid_ = -1;
  bool ended_ = false;
  std::chrono::steady_clock::time_point deadline_;
  std::size_t most_output_;
  std::function<void(std::string_view line)> on_error_line_;
};

}  // namespace lanewise
