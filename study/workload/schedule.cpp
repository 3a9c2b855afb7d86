// SPDX-License-Identifier: Apache-2.0
#include "study/workload/schedule.hpp"

#include <algorithm>
#include <utility>

namespace lanewise::study {
namespace {

// What an engine has been told.
struct Told {
  bool busy = false;
  std::size_t frame = 0;    // place in Dispatcher::frames
  std::size_t command = 0;  // the last one
  std::size_t run = 0;      // place in Schedule::runs
};

class Loop {
 public:
  Loop(Dispatcher dispatcher, Machines& machines, const std::vector<std::vector<std::size_t>>& commands,
       std::size_t engines)
      : dispatcher_(std::move(dispatcher)), machines_(machines), commands_(commands), told_(engines) {}

  Schedule run(const Progress& progress) {
    std::int64_t now = 0;
    std::vector<Machines::Happened> happened;
    for (std::int64_t turn = 0;; ++turn) {
      dispatcher_.release_until(now);
      for (const Machines::Happened& what : happened) answer(what, now);
      out_.overflow = dispatcher_.overflow();
      if (out_.overflow) break;
      for (std::size_t engine = 0; engine < told_.size(); ++engine) begin(engine, now);
      const bool busy = std::any_of(told_.begin(), told_.end(), [](const Told& told) { return told.busy; });
      const std::int64_t until = dispatcher_.next_release();
      if (!busy && until == kNever) break;
      happened.clear();
      now = machines_.advance(until, happened);
      if (turn % 64 == 0) progress("running the workload", now, 0);
    }
    out_.elapsed = now;
    // What is given up in the middle counts as not begun.
    const auto undone = [](const CommandRun& run) { return run.end < 0; };
    out_.runs.erase(std::remove_if(out_.runs.begin(), out_.runs.end(), undone), out_.runs.end());
    out_.frames = dispatcher_.frames();
    return std::move(out_);
  }

 private:
  std::size_t commands_of(const FrameRun& frame) const { return commands_[frame.network][frame.engine]; }

  void answer(const Machines::Happened& what, std::int64_t now) {
    Told& told = told_[what.engine];
    const FrameRun& frame = dispatcher_.frames()[told.frame];
    if (what.event == Machines::Event::kFree) {
      out_.runs[told.run].end = now;
      dispatcher_.serve(told.frame, now - out_.runs[told.run].begin);
      told.busy = false;
      if (told.command + 1 == commands_of(frame)) dispatcher_.complete(told.frame, now);
      return;
    }
    const bool goes_on = !machines_.may_stop(what.engine) || dispatcher_.best(what.engine) == told.frame;
    if (told.command + 1 < commands_of(frame) && goes_on) {
      dispatcher_.served(told.frame);
      machines_.extend(what.engine);
      out_.runs[told.run].last = ++told.command;
      ++next_[told.frame];
    } else {
      machines_.stop(what.engine);
    }
  }

  void begin(std::size_t engine, std::int64_t now) {
    Told& told = told_[engine];
    if (told.busy) return;
    const std::optional<std::size_t> picked = dispatcher_.pick(engine, now);
    if (!picked) return;
    const FrameRun& frame = dispatcher_.frames()[*picked];
    // A frame that was stopped goes on behind its last command.
    next_.resize(dispatcher_.frames().size());
    const std::size_t command = next_[*picked]++;
    told = {true, *picked, command, out_.runs.size()};
    out_.runs.push_back({engine, frame.network, frame.number, command, command, now, -1});
    machines_.begin(engine, frame.network, command, now);
  }

  Dispatcher dispatcher_;
  Machines& machines_;
  const std::vector<std::vector<std::size_t>>& commands_;
  std::vector<Told> told_;
  std::vector<std::size_t> next_;  // command, by frame
  Schedule out_;
};

}  // namespace

Schedule run_schedule(Dispatcher dispatcher, Machines& machines, const std::vector<std::vector<std::size_t>>& commands,
                      std::size_t engines, const Progress& progress) {
  return Loop(std::move(dispatcher), machines, commands, engines).run(progress);
}

}  // namespace lanewise::study
