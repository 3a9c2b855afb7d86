// SPDX-License-Identifier: Apache-2.0
#include "accuracy/fit/training_queue.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <utility>

#include "core/base/error.hpp"

namespace lanewise::fit {
namespace {

class Child;
using Children = std::vector<std::unique_ptr<Child>>;
using TrainOne = std::function<void(const QueuedTraining&, const Progress&)>;

constexpr std::int64_t kWhole = 1000;  // thousandths of a training
constexpr char kDone = 'd', kRemark = 'r', kFailure = 'f', kInterrupted = 'i';

// A message is a line of its kind and a text without line breaks.
void say(int pipe, char kind, std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  const std::string line = kind + text + "\n";
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t count = ::write(pipe, line.data() + sent, line.size() - sent);
    if (count < 0 && errno != EINTR) ::_exit(1);
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
}

std::string remark_of(const std::string& phase) {
  const std::size_t colon = phase.find(": ");
  return colon == std::string::npos ? "" : phase.substr(colon + 2);
}

// What runs in the process of a training; it ends here.
[[noreturn]] void run_child(const QueuedTraining& item, const TrainOne& train_one, const Progress& outer, int pipe) {
  Progress progress;
  progress.stopped = outer.stopped;
  std::int64_t told = -1;
  progress.report = [&](const std::string& phase, std::int64_t done, std::int64_t total) {
    const std::int64_t now = total > 0 ? kWhole * done / total : 0;
    if (now == told) return;
    told = now;
    say(pipe, kRemark, remark_of(phase));
    say(pipe, kDone, std::to_string(now));
  };
  try {
    train_one(item, progress);
  } catch (const Interrupted&) {
    say(pipe, kInterrupted, "");
  } catch (const std::bad_alloc&) {
    say(pipe, kFailure, "it needs more memory than there is");
  } catch (const std::exception& error) {
    say(pipe, kFailure, error.what());
  }
  ::_exit(0);
}

class Child {
 public:
  Child(const QueuedTraining& item, const TrainOne& train_one, const Progress& progress) : item_(&item) {
    int ends[2];
    if (::pipe(ends) != 0) throw Error(std::string("cannot start a training: ") + std::strerror(errno));
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);
      ::close(ends[0]);
      run_child(item, train_one, progress, ends[1]);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
    if (pid_ < 0) {
      ::close(pipe_);
      throw Error(std::string("cannot start a training: ") + std::strerror(errno));
    }
  }
  ~Child() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    if (pipe_ >= 0) ::close(pipe_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  const QueuedTraining& item() const { return *item_; }
  int pipe() const { return pipe_; }
  std::int64_t done() const { return done_; }
  bool interrupted() const { return interrupted_; }
  const std::string& remark() const { return remark_; }
  const std::string& failure() const { return failure_; }
  void ask_to_stop() const {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
  }

  // Takes in what there is to read. True once the process has ended.
  bool read() {
    char buffer[4096];
    const ssize_t count = ::read(pipe_, buffer, sizeof buffer);
    if (count < 0) return errno != EINTR && errno != EAGAIN && collect();
    if (count == 0) return collect();
    pending_.append(buffer, static_cast<std::size_t>(count));
    for (std::size_t end; (end = pending_.find('\n')) != std::string::npos; pending_.erase(0, end + 1)) {
      hear(pending_.substr(0, end));
    }
    return false;
  }

 private:
  void hear(const std::string& line) {
    const std::string text = line.substr(1);
    if (line[0] == kDone) std::from_chars(text.data(), text.data() + text.size(), done_);
    if (line[0] == kRemark) remark_ = text;
    if (line[0] == kFailure) failure_ = text;
    if (line[0] == kInterrupted) interrupted_ = true;
  }

  bool collect() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    pid_ = -1;
    if (WIFSIGNALED(status)) {
      failure_ =
          fmt::format("its process was killed by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    } else if (WEXITSTATUS(status) != 0 && failure_.empty()) {
      interrupted_ = true;
    }
    return true;
  }

  const QueuedTraining* item_;
  pid_t pid_ = -1;
  int pipe_ = -1;
  std::int64_t done_ = 0;
  bool interrupted_ = false;
  std::string remark_, failure_, pending_;
};

// Waits a little for any of them to say something.
void wait_for_any(const Children& children) {
  std::vector<pollfd> polled;
  for (const auto& child : children) polled.push_back({child->pipe(), POLLIN, 0});
  ::poll(polled.data(), polled.size(), 200);
}

bool readable(const Child& child) {
  pollfd polled{child.pipe(), POLLIN, 0};
  return ::poll(&polled, 1, 0) > 0;
}

[[noreturn]] void stop(const Children& children) {
  for (const auto& child : children) child->ask_to_stop();
  for (const auto& child : children) {
    while (!child->read()) continue;
  }
  throw Interrupted();
}

void run_here(const std::vector<QueuedTraining>& items, const TrainOne& train_one,
              const std::function<void(const QueuedTraining&, const std::string&)>& ended, const Progress& progress) {
  const std::int64_t count = static_cast<std::int64_t>(items.size());
  for (std::int64_t i = 0; i < count; ++i) {
    Progress inner;
    inner.stopped = progress.stopped;
    inner.report = [&](const std::string& phase, std::int64_t done, std::int64_t total) {
      const std::string which = count > 1 ? fmt::format("network {} of {}, ", i + 1, count) : "";
      const std::int64_t now = total > 0 ? kWhole * done / total : 0;
      progress("training: " + which + remark_of(phase), i * kWhole + now, count * kWhole);
    };
    std::string failure;
    try {
      train_one(items[static_cast<std::size_t>(i)], inner);
    } catch (const Interrupted&) {
      throw;
    } catch (const Error& error) {
      failure = error.what();
    }
    ended(items[static_cast<std::size_t>(i)], failure);
  }
}

}  // namespace

void run_queue(const std::vector<QueuedTraining>& items, int jobs, const TrainOne& train_one,
               const std::function<void(const QueuedTraining&, const std::string& failure)>& ended,
               const Progress& progress) {
  if (jobs == 1) return run_here(items, train_one, ended, progress);
  Children children;
  std::size_t next = 0, finished = 0;
  while (finished < items.size()) {
    while (next < items.size() && children.size() < static_cast<std::size_t>(jobs)) {
      children.push_back(std::make_unique<Child>(items[next++], train_one, progress));
    }
    wait_for_any(children);
    if (progress.stopped && progress.stopped()) stop(children);
    for (auto& child : children) {
      if (!readable(*child) || !child->read()) continue;
      if (child->interrupted()) {  // somebody stopped this one alone
        child.reset();
        children.erase(std::remove(children.begin(), children.end(), nullptr), children.end());
        stop(children);
      }
      ++finished;
      ended(child->item(), child->failure());
      child.reset();
    }
    children.erase(std::remove(children.begin(), children.end(), nullptr), children.end());
    std::int64_t done = kWhole * static_cast<std::int64_t>(finished);
    for (const auto& child : children) done += child->done();
    const std::string remark = children.empty() ? "" : ", " + children.front()->remark();
    progress(fmt::format("training: {} of {} networks done{}", finished, items.size(), remark), done,
             kWhole * static_cast<std::int64_t>(items.size()));
  }
}

void end_with_parent() {
  const char* const named = std::getenv("LANEWISE_PARENT");
  if (named == nullptr || std::to_string(::getppid()) != named) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (std::to_string(::getppid()) != named) ::_exit(1);
}

}  // namespace lanewise::fit
