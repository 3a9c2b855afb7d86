// SPDX-License-Identifier: Apache-2.0
#include "mcp/stdio.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>

namespace lanewise::mcp {
namespace {

volatile std::sig_atomic_t end_asked = 0;

extern "C" void ask_to_end(int) { end_asked = 1; }

// Cuts what comes into lines. Of a line that is too long nothing is kept.
class Lines {
 public:
  template <class Take, class Refuse>
  void add(std::string_view bytes, const Take& take, const Refuse& refuse) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::string_view part = bytes.substr(0, end);
      if (!too_long_ && line_.size() + part.size() > kLargestMessage) {
        too_long_ = true;
        line_.clear();
        line_.shrink_to_fit();
      }
      if (!too_long_) line_ += part;
      if (end == std::string_view::npos) return;
      bytes.remove_prefix(end + 1);
      if (too_long_) {
        refuse();
      } else {
        take(line_);
      }
      too_long_ = false;
      line_.clear();
    }
  }

  // What stands behind the last end of a line.
  const std::string& rest() const { return line_; }

 private:
  std::string line_;
  bool too_long_ = false;
};

// Writes the whole text. False where that is not possible.
bool write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

int serve_stdio(ServerSettings settings) {
  std::signal(SIGPIPE, SIG_IGN);
  struct sigaction action {};
  action.sa_handler = ask_to_end;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  // Both are let in while this thread waits, and nowhere else: threads of calls begin with what is blocked here.
  sigset_t ending, before;
  ::sigemptyset(&ending);
  ::sigaddset(&ending, SIGINT);
  ::sigaddset(&ending, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &ending, &before);

  std::atomic<bool> broken{false};
  Server server(std::move(settings), [&](const std::string& message) {
    if (!broken && !write_all(message + "\n")) broken = true;
  });
  Lines lines;
  std::array<char, 65536> buffer;
  const auto take = [&](const std::string& line) { server.receive(line); };
  const auto refuse = [&] { server.refuse_large(); };
  while (end_asked == 0 && !broken) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    constexpr timespec kGlance{1, 0};  // how soon a client that no longer reads is noticed
    const int ready = ::ppoll(&input, 1, &kGlance, &before);
    if (ready < 0 && errno != EINTR) break;
    if (ready <= 0) continue;
    const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) {
      if (!lines.rest().empty()) server.receive(lines.rest());
      break;
    }
    lines.add(std::string_view(buffer.data(), static_cast<std::size_t>(n)), take, refuse);
  }
  return broken ? 1 : 0;
}

}  // namespace lanewise::mcp
