// SPDX-License-Identifier: Apache-2.0
#include "core/base/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"

extern char** environ;

namespace lanewise {
namespace {

// Of standard error only the end is kept.
constexpr std::size_t kKeptErrors = 4096;
// A process that ends without closing its outputs is noticed after this.
constexpr int kGlanceMilliseconds = 20;

// The reading end of a pipe; -1 once it has ended.
class Reader {
 public:
  ~Reader() { close(); }
  int descriptor() const { return descriptor_; }

  // Returns the writing end. Throws Error where no pipe is to be had.
  int open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw Error(std::string("cannot make a pipe: ") + std::strerror(errno));
    descriptor_ = ends[0];
    ::fcntl(descriptor_, F_SETFL, O_NONBLOCK);
    return ends[1];
  }

  // Appends what is there to `text`, up to about `most` bytes at once.
  void take(std::string& text, std::size_t most) {
    std::array<char, 65536> buffer;
    for (std::size_t taken = 0; descriptor_ >= 0 && taken < most;) {
      const ssize_t n = ::read(descriptor_, buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) return close();
      text.append(buffer.data(), static_cast<std::size_t>(n));
      taken += static_cast<std::size_t>(n);
    }
  }

  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

 private:
  int descriptor_ = -1;
};

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) return "";
  const std::size_t begin = text.find_last_of("\r\n", end);
  return printable(
      text.substr(begin == std::string::npos ? 0 : begin + 1, end - (begin == std::string::npos ? 0 : begin + 1) + 1));
}

// What posix_spawn is told, freed with it.
class SpawnSettings {
 public:
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    // A group of its own, so that all of it can be ended; signals as a program expects them, whatever we do with ours.
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

}  // namespace

struct Process::Pipes {
  Reader out, err;
  std::string errors;
  std::string line;  // of standard error, as far as it has come
};

Process::Process(const ProcessRequest& request)
    : pipes_(std::make_unique<Pipes>()),
      deadline_(std::chrono::steady_clock::now() + request.timeout),
      most_output_(request.most_output),
      on_error_line_(request.on_error_line) {
  if (request.words.empty()) throw InternalError("a process without a program");
  const int out = pipes_->out.open();
  int err = -1;
  try {
    err = pipes_->err.open();
  } catch (const Error&) {
    ::close(out);
    throw;
  }
  SpawnSettings settings;
  // The folder is entered last, so that a relative input is relative to where we are.
  const char* const input = request.input.empty() ? "/dev/null" : request.input.c_str();
  ::posix_spawn_file_actions_addopen(&settings.actions, STDIN_FILENO, input, O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&settings.actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&settings.actions, err, STDERR_FILENO);
  if (!request.folder.empty()) ::posix_spawn_file_actions_addchdir_np(&settings.actions, request.folder.c_str());
  std::vector<std::string> words = request.words;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int failure =
      ::posix_spawnp(&pid_, arguments[0], &settings.actions, &settings.attributes, arguments.data(), environ);
  ::close(out);
  ::close(err);
  if (failure != 0) {
    pid_ = -1;
    outcome_.last_words = std::strerror(failure);
    ended_ = true;
  }
}

Process::~Process() {
  if (!ended_) finish(ProcessOutcome::End::kSignalled, SIGKILL);
}

bool Process::ended() {
  if (ended_) return true;
  using End = ProcessOutcome::End;
  // Asked before the outputs are read: what the program wrote before it ended is then read below.
  siginfo_t info{};
  const bool gone =
      ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
  pipes_->out.take(outcome_.output, most_output_ + 1);
  const std::size_t known = pipes_->errors.size();
  pipes_->err.take(pipes_->errors, most_output_ + 1);
  if (on_error_line_) {
    pipes_->line.append(pipes_->errors, known, std::string::npos);
    hand_over_lines();
  }
  if (pipes_->errors.size() > kKeptErrors) pipes_->errors.erase(0, pipes_->errors.size() - kKeptErrors);
  if (outcome_.output.size() > most_output_) {
    finish(End::kTooMuchOutput, 0);
  } else if (gone) {
    finish(info.si_code == CLD_EXITED ? End::kExited : End::kSignalled, info.si_status);
  } else if (std::chrono::steady_clock::now() >= deadline_) {
    finish(End::kTimedOut, 0);
  }
  return ended_;
}

void Process::hand_over_lines() {
  constexpr std::size_t kLongest = 65536;
  std::string& text = pipes_->line;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    on_error_line_(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  text.erase(0, begin);
  if (text.size() <= kLongest) return;
  on_error_line_(text);
  text.clear();
}

void Process::ask_to_end() {
  if (!ended_) ::kill(-pid_, SIGTERM);
}

// The group is killed before its leader is reaped: until then its number cannot be another's.
void Process::finish(ProcessOutcome::End end, int status) {
  ::kill(-pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  outcome_.end = end;
  outcome_.status = status;
  if (outcome_.output.size() > most_output_) outcome_.output.resize(most_output_);
  outcome_.last_words = last_line(pipes_->errors);
  pipes_.reset();
  ended_ = true;
}

void Process::wait_for_any(const std::vector<const Process*>& processes) {
  std::vector<pollfd> waits;
  for (const Process* process : processes) {
    if (process->ended_) return;
    for (const Reader* reader : {&process->pipes_->out, &process->pipes_->err}) {
      if (reader->descriptor() >= 0) waits.push_back({reader->descriptor(), POLLIN, 0});
    }
  }
  ::poll(waits.data(), waits.size(), kGlanceMilliseconds);
}

}  // namespace lanewise
