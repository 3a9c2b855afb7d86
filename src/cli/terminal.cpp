// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace lanewise::cli {
namespace {

constexpr int kInterruptedStatus = 130;
volatile std::sig_atomic_t stop_asked = 0;

extern "C" void ask_to_stop(int) {
  if (stop_asked != 0) ::_exit(kInterruptedStatus);
  stop_asked = 1;
}

}  // namespace

Terminal::Terminal() : terminal_(::isatty(STDERR_FILENO) == 1) {
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

Terminal::~Terminal() {
  if (!shown_.empty()) std::fputs("\r\033[K", stderr);
}

study::Progress Terminal::progress() {
  study::Progress progress;
  progress.stopped = [] { return stop_asked != 0; };
  if (terminal_) {
    progress.report = [this](const std::string& phase, std::int64_t done, std::int64_t total) {
      draw(phase, done, total);
    };
  }
  return progress;
}

void Terminal::draw(const std::string& phase, std::int64_t done, std::int64_t total) {
  constexpr int kWidth = 30;
  std::string text;
  if (total <= 0) {
    text = fmt::format("{} {}", phase, done);
  } else {
    const auto filled = static_cast<std::size_t>(kWidth * done / total);
    text = fmt::format("{:<12} [{}{}] {} % of {}", phase, std::string(filled, '#'), std::string(kWidth - filled, '.'),
                       100 * done / total, total);
  }
  if (text == shown_) return;
  shown_ = text;
  std::fprintf(stderr, "\r\033[K%s", text.c_str());
  std::fflush(stderr);
}

}  // namespace lanewise::cli
