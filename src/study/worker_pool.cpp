// SPDX-License-Identifier: Apache-2.0
#include "study/worker_pool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <deque>
#include <optional>

#include "study/worker_protocol.hpp"

extern char** environ;

namespace lanewise::study {

std::string default_worker_path() {
  char path[PATH_MAX];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  if (length <= 0) throw Error("cannot find the worker executable: /proc/self/exe cannot be read");
  const std::string self(path, static_cast<std::size_t>(length));
  return self.substr(0, self.rfind('/') + 1) + "lanewise-worker";
}

int default_workers() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (::sched_getaffinity(0, sizeof cpus, &cpus) != 0) return 1;
  return std::max(1, CPU_COUNT(&cpus));
}

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
    char buffer[16384];
    const ssize_t n = ::recv(socket_, buffer, sizeof buffer, 0);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return true;
    if (n <= 0) return false;
    received_.append(buffer, static_cast<std::size_t>(n));
    return true;
  }

  std::optional<std::string> line() {
    const std::size_t newline = received_.find('\n');
    if (newline == std::string::npos) return std::nullopt;
    std::string out = received_.substr(0, newline);
    received_.erase(0, newline + 1);
    return out;
  }

  // Closes the socket, which ends the worker, and says how it ended.
  std::string end() {
    if (!running()) return "";
    ::close(socket_);
    int status = 0;
    if (job) ::kill(pid_, SIGKILL);  // it may be in the middle of a long pass
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    socket_ = -1;
    if (WIFSIGNALED(status)) return fmt::format("ended by signal {}", WTERMSIG(status));
    return fmt::format("ended with status {}", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  }

  // After the end of the output: the process is gone or going, and its own end is to be told, not our kill.
  std::string reap() {
    job.reset();
    return end();
  }

  std::optional<std::size_t> job;
  std::string engine_hash;  // of the engine it was told last

 private:
  pid_t pid_ = -1;
  int socket_ = -1;
  std::string received_;
};

WorkerPool::WorkerPool(std::string worker_path, int workers) : path_(std::move(worker_path)) {
  if (workers < 1) throw Error(fmt::format("{} workers cannot work: give 1 or more", workers));
  for (int i = 0; i < workers; ++i) workers_.push_back(std::make_unique<Worker>());
}

WorkerPool::~WorkerPool() = default;

void WorkerPool::give(Worker& worker, const std::vector<WorkerJob>& jobs, std::size_t job) {
  if (!worker.running()) worker.start(path_);
  std::string text;
  if (worker.engine_hash != jobs[job].engine_hash) {
    text = engine_line(*jobs[job].engine);
    worker.engine_hash = jobs[job].engine_hash;
  }
  worker.job = job;
  // A worker that is gone shows as the end of its output.
  worker.send(text + job_line(job, jobs[job].subgraph_key));
}

void WorkerPool::run(const std::vector<WorkerJob>& jobs,
                     const std::function<void(std::size_t job, PassResult result)>& done,
                     const std::function<bool()>& stopped) {
  std::deque<std::size_t> again;
  std::vector<bool> tried(jobs.size(), false);
  std::size_t next = 0, finished = 0;
  // A worker left over from a run that was cut short still holds one of its jobs.
  for (auto& worker : workers_) {
    if (worker->job) {
      worker->end();
      worker->job.reset();
    }
  }
  while (finished < jobs.size()) {
    std::vector<pollfd> waits;
    std::vector<Worker*> waiting;
    for (auto& worker : workers_) {
      if (!worker->job && !again.empty()) {
        give(*worker, jobs, again.front());
        again.pop_front();
      } else if (!worker->job && next < jobs.size()) {
        give(*worker, jobs, next++);
      }
      if (!worker->job) continue;
      waits.push_back({worker->socket(), POLLIN, 0});
      waiting.push_back(worker.get());
    }
    if (stopped && stopped()) throw Interrupted();
    constexpr int kStopCheckMilliseconds = 200;
    if (::poll(waits.data(), waits.size(), kStopCheckMilliseconds) <= 0) continue;
    for (std::size_t i = 0; i < waits.size(); ++i) {
      if (waits[i].revents == 0) continue;
      Worker& worker = *waiting[i];
      const std::size_t job = *worker.job;
      const bool alive = worker.receive();
      if (const auto line = worker.line()) {
        WorkerReply reply = parse_result_line(*line);
        if (reply.id != job) throw InternalError("a worker answered another job than its own");
        worker.job.reset();
        ++finished;
        done(job, std::move(reply.result));
      }
      if (alive) continue;
      const bool unanswered = worker.job.has_value();
      const std::string how = worker.reap();
      if (!unanswered) continue;
      if (!tried[job]) {
        tried[job] = true;
        again.push_back(job);
        continue;
      }
      ++finished;
      done(job, {{}, "the simulator's process " + how});
    }
  }
}

}  // namespace lanewise::study
