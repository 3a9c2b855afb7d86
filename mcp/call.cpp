// SPDX-License-Identifier: Apache-2.0
#include "mcp/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/base/process.hpp"

namespace lanewise::mcp {
namespace {

using End = ProcessOutcome::End;

// More than the largest answer of a network of many thousand layers.
constexpr std::size_t kMostOutput = std::size_t{256} << 20;
// How long a cancelled job may take to end by itself.
constexpr std::chrono::seconds kGrace{5};

// Turns "lanewise: progress: {…}" into a number that only grows: finished phases, and the share of the present one.
class Progressing {
 public:
  explicit Progressing(ReportProgress report) : report_(std::move(report)) {}

  void line(std::string_view text) {
    constexpr std::string_view kMark = "lanewise: progress: ";
    if (!report_ || text.substr(0, kMark.size()) != kMark) return;
    const Json parsed = Json::parse(text.substr(kMark.size()), nullptr, false);
    if (!parsed.is_object()) return;
    const std::string phase = parsed.value("phase", "");
    const std::string work = phase.substr(0, phase.find(':'));
    const double done = parsed.value("done", 0.0), total = parsed.value("total", 0.0);
    if (work != work_) {
      if (!work_.empty()) ++finished_;
      work_ = work;
    }
    const double now = finished_ + (total > 0 ? std::min(done / total, 1.0) : 0.0);
    if (now <= told_) return;
    told_ = now;
    report_(now, total > 0 ? fmt::format("{}: {} of {}", phase, done, total) : phase);
  }

 private:
  ReportProgress report_;
  std::string work_;
  double finished_ = 0, told_ = 0;
};

// A run of this program to its end, or until it is cancelled, when it is asked to end and after a while made to.
ProcessOutcome run(const ServerSettings& settings, std::vector<std::string> words, std::chrono::milliseconds timeout,
                   const std::atomic<bool>& cancelled, const ReportProgress& report) {
  Progressing progress(report);
  ProcessRequest request;
  request.words = {settings.program};
  request.words.insert(request.words.end(), std::make_move_iterator(words.begin()),
                       std::make_move_iterator(words.end()));
  request.timeout = timeout;
  request.most_output = kMostOutput;
  request.on_error_line = [&](std::string_view line) { progress.line(line); };
  Process process(request);
  std::optional<std::chrono::steady_clock::time_point> end_by;
  while (!process.ended()) {
    const auto now = std::chrono::steady_clock::now();
    if (cancelled && !end_by) {
      process.ask_to_end();
      end_by = now + kGrace;
    }
    if (end_by && now > *end_by) return {};  // killed, as the process goes
    Process::wait_for_any({&process});
  }
  return process.outcome();
}

std::string failure_of(const ProcessOutcome& outcome, const Tool& tool, std::chrono::seconds timeout) {
  switch (outcome.end) {
    case End::kExited:
      if (outcome.status == 0 || outcome.status == tool.fair_status) return "";
      return outcome.last_words.empty() ? fmt::format("ended with status {}", outcome.status) : outcome.last_words;
    case End::kSignalled:
      return fmt::format("{} ended by signal {}; other calls are not concerned", tool.name, outcome.status);
    case End::kTimedOut:
      return fmt::format("{} took more than {} s: `lanewise mcp --timeout` allows more", tool.name, timeout.count());
    case End::kTooMuchOutput:
      return fmt::format("{} answered more than {} MiB", tool.name, kMostOutput >> 20);
    case End::kNotStarted:
      return fmt::format("{} cannot be started: {}", tool.name, outcome.last_words);
  }
  return "";
}

}  // namespace

int Cores::share(const Tool& tool) const { return tool.several_processes ? std::max((count_ + 1) / 2, count_ - 1) : 1; }

bool Cores::take(int count, const std::atomic<bool>& cancelled) {
  std::unique_lock<std::mutex> lock(guard_);
  changed_.wait(lock, [&] { return cancelled || free_ >= count; });
  if (cancelled) return false;
  free_ -= count;
  return true;
}

void Cores::give_back(int count) {
  {
    const std::lock_guard<std::mutex> lock(guard_);
    free_ += count;
  }
  changed_.notify_all();
}

void Cores::wake() {
  { const std::lock_guard<std::mutex> lock(guard_); }
  changed_.notify_all();
}

CallOutcome call(const Tool& tool, const Json& arguments, const ServerSettings& settings, const Paths& paths,
                 Cores& cores, const std::atomic<bool>& cancelled, const ReportProgress& report) {
  CallOutcome outcome;
  const int share = cores.share(tool);
  try {
    const std::vector<std::string> words = command_line(tool, arguments, paths, share);
    const std::vector<std::string> engine_words = engine_command_line(tool, arguments, paths);
    if (!cores.take(share, cancelled)) return {true, "", nullptr};
    struct GiveBack {
      Cores& cores;
      int share;
      ~GiveBack() { cores.give_back(share); }
    } give_back{cores, share};
    Json answer, known;
    const auto timeout = tool.long_job ? std::chrono::seconds(kLongestJob) : settings.timeout;
    // What is wrong with the engine is said by the verb itself.
    for (const bool of_engine : {false, true}) {
      if (of_engine ? engine_words.empty() : tool.verb.empty()) continue;
      const ProcessOutcome ended = run(settings, of_engine ? engine_words : words, timeout, cancelled, report);
      if (cancelled) return {true, "", nullptr};
      outcome.failure = failure_of(ended, tool, timeout);
      if (!outcome.failure.empty()) return outcome;
      (of_engine ? known : answer) = Json::parse(ended.output);
    }
    if (answer.is_object() && answer.contains("workload")) {
      outcome.failure = "a workload of several networks is for the command line; give a network";
      return outcome;
    }
    outcome.answer = clipped(tool.digest(answer, arguments, known));
  } catch (const Error& error) {
    outcome.failure = printable(error.what());
  } catch (const Json::exception& error) {
    outcome.failure = fmt::format("a fault of this program: {} gave an answer that it cannot read: {}", tool.name,
                                  printable(error.what()));
  }
  return outcome;
}

}  // namespace lanewise::mcp
