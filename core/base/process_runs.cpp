// SPDX-License-Identifier: Apache-2.0
#include "core/base/process_runs.hpp"

#include <chrono>
#include <list>

namespace lanewise {
namespace {

using Clock = std::chrono::steady_clock;

struct Running {
  explicit Running(std::size_t its_number) : number(its_number) {}

  std::size_t number;
  std::optional<Process> process;
  Clock::time_point begun;
};

void start(Running& running, const ProcessRequest& request) {
  running.begun = Clock::now();
  running.process.emplace(request);
}

void wait(const std::list<Running>& all) {
  if (all.empty()) return;
  std::vector<const Process*> processes;
  for (const Running& running : all) processes.push_back(&*running.process);
  Process::wait_for_any(processes);
}

}  // namespace

void run_side_by_side(std::size_t count, std::size_t jobs, const Progress& progress, const std::string& what,
                      const std::function<std::optional<ProcessRequest>(std::size_t)>& request,
                      const std::function<bool(std::size_t, const ProcessOutcome&, double)>& heard) {
  std::list<Running> running;
  std::size_t next = 0;
  std::int64_t done = 0;
  while (next < count || !running.empty()) {
    while (next < count && running.size() < jobs) {
      const std::size_t number = next++;
      if (const std::optional<ProcessRequest> wanted = request(number)) {
        start(running.emplace_back(number), *wanted);
      } else {
        ++done;
      }
    }
    progress(what.c_str(), done, static_cast<std::int64_t>(count));
    wait(running);
    for (auto one = running.begin(); one != running.end();) {
      if (!one->process->ended()) {
        ++one;
        continue;
      }
      const double seconds = std::chrono::duration<double>(Clock::now() - one->begun).count();
      if (heard(one->number, one->process->outcome(), seconds)) {
        one->process.reset();
        if (const std::optional<ProcessRequest> again = request(one->number)) {
          start(*one, *again);
          ++one;
          continue;
        }
      }
      one = running.erase(one);
      ++done;
    }
  }
}

}  // namespace lanewise
