// SPDX-License-Identifier: Apache-2.0
#include "cli/console/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "cli/console/quiet.hpp"
#include "core/base/printable.hpp"

namespace lanewise::cli {
namespace {

constexpr int kInterruptedStatus = 130;
volatile std::sig_atomic_t stop_asked = 0;

extern "C" void ask_to_stop(int) {
  if (stop_asked != 0) ::_exit(kInterruptedStatus);
  stop_asked = 1;
}

// Columns of the terminal; a line that wraps could not be drawn over.
std::size_t width() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : kUsual;
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::max(seconds, 0.0) + 0.5);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

bool wants_lines() {
  const char* const wanted = std::getenv("LANEWISE_PROGRESS");
  return wanted != nullptr && std::string_view(wanted) == "json";
}

// As the inside of a JSON string. What `printable` leaves has no control characters.
std::string json_text(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

Terminal::Terminal()
    : lines_(!quiet() && wants_lines()), terminal_(!quiet() && !lines_ && ::isatty(STDERR_FILENO) == 1) {
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  if (!terminal_) return;
  phase_began_ = reported_ = Clock::now();
  redrawing_ = std::thread([this] {
    constexpr std::chrono::milliseconds kRedraw{250};
    std::unique_lock<std::mutex> lock(guard_);
    while (!ended_.wait_for(lock, kRedraw, [this] { return ending_; })) draw();
  });
}

Terminal::~Terminal() {
  if (redrawing_.joinable()) {
    {
      const std::lock_guard<std::mutex> lock(guard_);
      ending_ = true;
    }
    ended_.notify_all();
    redrawing_.join();
  }
  if (!shown_.empty()) std::fputs("\r\033[K", stderr);
}

Progress Terminal::progress() {
  Progress progress;
  progress.stopped = [] { return stop_asked != 0; };
  if (lines_) {
    progress.report = [this](const std::string& phase, std::int64_t done, std::int64_t total) {
      write_line(phase, done, total);
    };
  } else if (terminal_) {
    progress.report = [this](const std::string& phase, std::int64_t done, std::int64_t total) {
      report(phase, done, total);
    };
  }
  return progress;
}

void Terminal::report(const std::string& phase, std::int64_t done, std::int64_t total) {
  const std::lock_guard<std::mutex> lock(guard_);
  // Where a phase says how it fares behind a colon, it goes on, and so does its pace.
  const std::string work = phase.substr(0, phase.find(':'));
  const bool begins = work != work_ || done < phase_start_;
  const auto now = Clock::now();
  if (begins) {
    work_ = work;
    phase_start_ = done;
    phase_began_ = now;
  }
  phase_ = phase;
  if (begins || done != done_) reported_ = now;
  done_ = done;
  total_ = total;
  if (begins || done == total) draw();  // the rest is up to the thread that redraws
}

void Terminal::write_line(const std::string& phase, std::int64_t done, std::int64_t total) {
  constexpr std::chrono::milliseconds kApart{250};
  const std::lock_guard<std::mutex> lock(guard_);
  const std::string work = phase.substr(0, phase.find(':'));
  const auto now = Clock::now();
  if (work == work_ && done != total && now - written_ < kApart) return;
  work_ = work;
  written_ = now;
  std::fprintf(stderr, "lanewise: progress: {\"phase\": \"%s\", \"done\": %lld, \"total\": %lld}\n",
               json_text(phase).c_str(), static_cast<long long>(done), static_cast<long long>(total));
}

std::string Terminal::pace() const {
  constexpr double kSoonest = 1;  // seconds; before, a rate only flickers
  const auto seconds = [](Clock::duration time) { return std::chrono::duration<double>(time).count(); };
  const Clock::time_point now = Clock::now();
  const double so_far = seconds(now - phase_began_);
  if (so_far < kSoonest) return "";
  const std::int64_t since = done_ - phase_start_;
  const double working = seconds(reported_ - phase_began_);
  if (since <= 0 || total_ <= 0 || working <= 0) return fmt::format(", {} so far", clock_text(so_far));
  const double rate = static_cast<double>(since) / working;
  const double left = static_cast<double>(total_ - done_) / rate - seconds(now - reported_);
  return fmt::format(", {:.{}f}/s, {} left", rate, rate < 10 ? 1 : 0, clock_text(left));
}

void Terminal::draw() {
  constexpr int kWidth = 30;
  if (phase_.empty()) return;
  const std::string phase = printable(phase_);
  std::string text;
  if (total_ <= 0) {
    text = done_ > 0 ? fmt::format("{} {}{}", phase, done_, pace()) : phase + pace();
  } else {
    const auto filled = static_cast<std::size_t>(kWidth * std::min(done_, total_) / total_);
    text = fmt::format("{:<12} [{}{}] {} % of {}{}", phase, std::string(filled, '#'), std::string(kWidth - filled, '.'),
                       100 * done_ / total_, total_, pace());
  }
  text.resize(std::min(text.size(), width() - 1));
  if (text == shown_) return;
  shown_ = text;
  std::fprintf(stderr, "\r\033[K%s", text.c_str());
  std::fflush(stderr);
}

}  // namespace lanewise::cli
