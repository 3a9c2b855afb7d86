// SPDX-License-Identifier: Apache-2.0
#include "sim/pool/worker_pool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/progress.hpp"
#include "sim/pool/worker_protocol.hpp"

extern char** environ;

namespace lanewise::sim {

std::string default_worker_path() { return find_program("lanewise-worker"); }

int default_workers() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (::sched_getaffinity(0, sizeof cpus, &cpus) != 0) return 1;
  return std::max(1, CPU_COUNT(&cpus));
}

namespace {

// Workers in a row that end before they are ready: they never will be.
constexpr int kMostUnready = 3;
// A worker may be killed for what is not its job's fault, and once more.
constexpr int kTriesAlone = 2;
// How often work under way is asked whether it should stop.
constexpr int kStopCheckMilliseconds = 200;

using Clock = std::chrono::steady_clock;

}  // namespace

// One process and the socket to its standard input and output.
class WorkerPool::Worker {
 public:
  ~Worker() { end(); }

  bool running() const { return pid_ > 0; }
  int socket() const { return socket_; }

  void start(const std::string& path) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      throw Error(fmt::format("cannot start a worker: {}", std::strerror(errno)));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string program = path;
    char* arguments[] = {program.data(), nullptr};
    const int failure = ::posix_spawn(&pid_, path.c_str(), &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (failure != 0) {
      ::close(ends[0]);
      pid_ = -1;
      throw Error(fmt::format("cannot start the worker {}: {}", path, std::strerror(failure)));
    }
    socket_ = ends[0];
    received_.clear();
    engine_hash.clear();
    ready = false;
    heard = Clock::now();
  }

  // False when the worker is gone.
  bool send(const std::string& text) const {
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t n = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    return true;
  }

  // Reads what is there. False at the end of the worker's output.
  bool receive() {
    heard = Clock::now();
    char buffer[65536];
    const ssize_t n = ::recv(socket_, buffer, sizeof buffer, 0);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (n <= 0) return false;
    received_.append(buffer, static_cast<std::size_t>(n));
    return true;
  }

  // The whole lines that have come.
  std::vector<std::string> lines() {
    std::vector<std::string> out;
    std::size_t begin = 0;
    for (std::size_t end = received_.find('\n'); end != std::string::npos; end = received_.find('\n', begin)) {
      out.push_back(received_.substr(begin, end - begin));
      begin = end + 1;
    }
    received_.erase(0, begin);
    return out;
  }

  // Closes the socket, which ends the worker, and says how it ended.
  std::string end() {
    if (!running()) return "";
    ::close(socket_);
    int status = 0;
    if (!held.empty()) ::kill(pid_, SIGKILL);  // it may be in the middle of a long subgraph
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    socket_ = -1;
    if (WIFSIGNALED(status)) return fmt::format("ended by signal {}", WTERMSIG(status));
    return fmt::format("ended with status {}", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  }

  // After the end of the output: the process is gone or going, and its own end is to be told, not our kill.
  std::string reap() {
    held.clear();
    return end();
  }

  std::deque<std::size_t> held;  // jobs given to it, not answered yet, in order
  bool alone = false;            // what it holds may end it: nothing else is given
  std::string engine_hash;       // of the engine it was told last
  bool ready = false;            // it said so
  Clock::time_point heard;       // when it last said something

 private:
  pid_t pid_ = -1;
  int socket_ = -1;
  std::string received_;
};

WorkerPool::WorkerPool(std::string worker_path, int workers, WorkerLimits limits)
    : path_(std::move(worker_path)), limits_(limits) {
  if (workers < 1) throw Error(fmt::format("{} workers cannot work: give 1 or more", workers));
  for (int i = 0; i < workers; ++i) workers_.push_back(std::make_unique<Worker>());
}

WorkerPool::~WorkerPool() = default;

// One list of jobs on its way through the workers.
class WorkerPool::Run {
 public:
  Run(WorkerPool& pool, const std::vector<WorkerJob>& jobs) : pool_(pool), jobs_(jobs), died_alone_(jobs.size(), 0) {
    // A worker left over from a run that was cut short still holds some of its jobs.
    for (auto& worker : pool_.workers_) {
      if (!worker->held.empty()) worker->end();
      worker->held.clear();
    }
  }

  bool finished() const { return finished_ == jobs_.size(); }

  // Waits a little and returns what ended.
  std::vector<WorkerAnswer> step() {
    std::vector<pollfd> waits;
    std::vector<Worker*> waiting;
    for (auto& worker : pool_.workers_) {
      give(*worker);
      if (worker->held.empty()) continue;
      waits.push_back({worker->socket(), POLLIN, 0});
      waiting.push_back(worker.get());
    }
    ::poll(waits.data(), waits.size(), kStopCheckMilliseconds);
    for (std::size_t i = 0; i < waits.size(); ++i) {
      Worker& worker = *waiting[i];
      if (waits[i].revents != 0) {
        const bool alive = worker.receive();
        for (const std::string& line : worker.lines()) hear(worker, line);
        if (!alive) bury(worker, {});
      } else if (Clock::now() - worker.heard > pool_.limits_.silence) {
        worker.end();
        bury(worker, fmt::format("gave no answer for {} s", static_cast<double>(pool_.limits_.silence.count()) / 1000));
      }
    }
    finished_ += answers_.size();
    return std::move(answers_);
  }

 private:
  // Small towards the end, so that all workers end together.
  std::size_t batch() const {
    const std::size_t left = jobs_.size() - next_;
    return std::clamp<std::size_t>(left / (4 * pool_.workers_.size()), 1, pool_.limits_.batch);
  }

  void give(Worker& worker) {
    if (worker.alone && !worker.held.empty()) return;
    worker.alone = false;
    std::string text;
    if (worker.held.empty() && !suspects_.empty()) {
      worker.alone = true;
      add(worker, suspects_.front(), text);
      suspects_.pop_front();
    } else if (const std::size_t full = batch(); 2 * worker.held.size() <= full) {
      while (next_ < jobs_.size() && worker.held.size() < full) add(worker, next_++, text);
    }
    if (text.empty()) return;
    // A worker that is gone shows as the end of its output.
    worker.send(text);
  }

  void add(Worker& worker, std::size_t job, std::string& text) {
    if (!worker.running()) worker.start(pool_.path_);
    if (worker.held.empty()) worker.heard = Clock::now();
    if (worker.engine_hash != jobs_[job].engine_hash) {
      text += engine_line(*jobs_[job].engine);
      worker.engine_hash = jobs_[job].engine_hash;
    }
    worker.held.push_back(job);
    text += job_line(job, jobs_[job].subgraph_key);
  }

  void hear(Worker& worker, const std::string& line) {
    if (!worker.ready) {
      if (line + '\n' != ready_line()) {
        throw Error(fmt::format("the worker {} is not of this version: reinstall it", pool_.path_));
      }
      worker.ready = true;
      unready_ = 0;
      return;
    }
    WorkerReply reply = parse_result_line(line);
    if (worker.held.empty() || reply.id != worker.held.front()) {
      throw InternalError("a worker answered another job than its own");
    }
    worker.held.pop_front();
    answers_.push_back({reply.id, std::move(reply.result)});
  }

  void bury(Worker& worker, std::string how) {
    const std::deque<std::size_t> lost = worker.held;
    const std::string end = worker.reap();
    if (how.empty()) how = end;
    if (!worker.ready && ++unready_ >= kMostUnready) {
      throw Error(fmt::format("the worker {} {} before it was ready", pool_.path_, how));
    }
    for (const std::size_t job : lost) {
      if (worker.ready && worker.alone) ++died_alone_[job];
      if (died_alone_[job] < kTriesAlone) {
        suspects_.push_back(job);
      } else {
        WorkerAnswer& answer = answers_.emplace_back();
        answer.job = job;
        answer.result.failure = "the simulator's process " + how;
      }
    }
  }

  WorkerPool& pool_;
  const std::vector<WorkerJob>& jobs_;
  std::vector<int> died_alone_;       // how often a worker died with this job alone
  std::deque<std::size_t> suspects_;  // to be tried again, each alone
  std::size_t next_ = 0, finished_ = 0;
  int unready_ = 0;
  std::vector<WorkerAnswer> answers_;
};

void WorkerPool::run(const std::vector<WorkerJob>& jobs,
                     const std::function<void(std::vector<WorkerAnswer>& answers)>& done,
                     const std::function<bool()>& stopped) {
  Run run(*this, jobs);
  while (!run.finished()) {
    if (stopped && stopped()) throw Interrupted();
    std::vector<WorkerAnswer> answers = run.step();
    if (!answers.empty()) done(answers);
  }
}

}  // namespace lanewise::sim
