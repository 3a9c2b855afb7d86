// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "core/base/printable.hpp"

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

Progress Terminal::progress() {
  Progress progress;
  progress.stopped = [] { return stop_asked != 0; };
  if (terminal_) {
    progress.report = [this](const std::string& phase, std::int64_t done, std::int64_t total) {
      draw(phase, done, total);
    };
  }
  return progress;
}

std::string Terminal::pace(std::int64_t done, std::int64_t total) const {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - phase_began_).count();
  const std::int64_t since = done - phase_start_;
  constexpr double kSoonest = 1;  // seconds; before, a rate only flickers
  if (since <= 0 || seconds < kSoonest) return "";
  const double rate = static_cast<double>(since) / seconds;
  const auto left = static_cast<std::int64_t>(static_cast<double>(total - done) / rate + 0.5);
  const std::string clock = left < 3600 ? fmt::format("{}:{:02}", left / 60, left % 60)
                                        : fmt::format("{}:{:02}:{:02}", left / 3600, left / 60 % 60, left % 60);
  return fmt::format(", {:.{}f}/s, {} left", rate, rate < 10 ? 1 : 0, clock);
}

void Terminal::draw(const std::string& phase, std::int64_t done, std::int64_t total) {
  constexpr int kWidth = 30;
  constexpr std::chrono::milliseconds kRedraw{100};
  const auto now = std::chrono::steady_clock::now();
  // Where a phase says how it fares behind a colon, it goes on, and so does its pace.
  const std::string work = phase.substr(0, phase.find(':'));
  if (work != phase_ || done < phase_start_) {
    phase_ = work;
    phase_start_ = done;
    phase_began_ = now;
  } else if (now - drawn_ < kRedraw && done != total) {
    return;
  }
  std::string text;
  if (total <= 0) {
    text = fmt::format("{} {}", phase, done);
  } else {
    const auto filled = static_cast<std::size_t>(kWidth * done / total);
    text = fmt::format("{:<12} [{}{}] {} % of {}{}", phase, std::string(filled, '#'), std::string(kWidth - filled, '.'),
                       100 * done / total, total, pace(done, total));
  }
  if (text == shown_) return;
  shown_ = text;
  drawn_ = now;
  std::fprintf(stderr, "\r\033[K%s", printable(text).c_str());
  std::fflush(stderr);
}

}  // namespace lanewise::cli
