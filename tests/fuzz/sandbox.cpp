// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/sandbox.hpp"

#include <cxxabi.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <typeinfo>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"

namespace lanewise::fuzz {
namespace {

namespace fs = std::filesystem;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr int kFaultStatus = 90;

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_text(const std::string& path, const std::string& text) {
  fs::remove(path);  // what a fault of the one before made of it, a folder say, is not the next one's matter
  std::ofstream(path, std::ios::binary) << text;
}

double cpu_now() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double cpu_of(int pid) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::int64_t resident_mib(int pid) {
  std::ifstream file(fmt::format("/proc/{}/statm", pid));
  std::int64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) / (1 << 20);
}

std::string type_of(const std::exception& error) {
  int status = 0;
  char* name = abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status);
  const std::string text = status == 0 ? name : typeid(error).name();
  std::free(name);
  return text;
}

// Without what differs from input to input, so that the same fault is one kind.
std::string generic(const std::string& text) {
  std::string out;
  for (const char c : text.substr(0, 300)) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !out.empty() && out.back() == '#') continue;
    out += digit ? '#' : static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

// A sanitizer's own one-line summary, with the frames that are ours.
std::string summary_of(const std::string& report) {
  std::istringstream lines(report);
  std::string summary;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find("runtime error: ");
    if (at != std::string::npos) return line.substr(0, line.find(':', 0)) + ": " + line.substr(at);
    if (line.rfind("SUMMARY: ", 0) == 0) summary = line;
  }
  return summary;
}

}  // namespace

struct Sandbox::Shared {
  std::uint64_t index;
  double began;  // CPU seconds of the child
  std::int64_t accepted, refused;
  double slowest;
  std::uint64_t slowest_index;
  char what[4000];
};

Limits default_limits() {
  Limits limits;
  if (kSanitized) {
    limits.cpu_seconds = 40;
    limits.peak_mib = 2048;
  }
  return limits;
}

std::string bad_message(const std::string& text) {
  constexpr std::size_t kLongest = 4000;
  if (text.empty()) return "an empty message";
  if (text.size() > kLongest) return "a message of more than 4000 bytes";
  for (const char* words : {"[json.exception", "bad_alloc", "bad conversion", "unordered_map::", "vector::", "map::at",
                            "basic_string::", "stoi", "stol", "stod", "std::", "yaml-cpp", "basic_ios", "regex_error",
                            "bad optional", "bad_variant", "filesystem error"}) {
    if (text.find(words) != std::string::npos) return fmt::format("a library's own words in the message: {}", words);
  }
  return "";
}

Sandbox::Sandbox(std::string scratch, Limits limits) : scratch_(std::move(scratch)), limits_(limits) {
  fs::create_directories(scratch_ + "/input");
  fs::create_directories(scratch_ + "/work");
  for (const char* name : {"hwconfigs", "models", "campaigns", "spaces"}) {
    const std::string link = scratch_ + "/" + name;
    if (!fs::exists(fs::symlink_status(link))) fs::create_directory_symlink(source_folder() + "/" + name, link);
  }
}

std::string Sandbox::input_path(const Target& target) const { return scratch_ + "/input/input" + target.suffix; }

std::string Sandbox::what_it_said() const { return read_text(scratch_ + "/stderr"); }

void Sandbox::child(const Target& target, std::uint64_t begin, std::uint64_t end, const MakeInput& make,
                    Shared& shared) const {
  const int said = ::open((scratch_ + "/stderr").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int nothing = ::open("/dev/null", O_WRONLY);
  ::dup2(said, STDERR_FILENO);
  ::dup2(nothing, STDOUT_FILENO);
  const rlimit no_core{0, 0}, file_size{1 << 28, 1 << 28};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::setrlimit(RLIMIT_FSIZE, &file_size);
  ::signal(SIGXFSZ, SIG_IGN);
  const std::string path = input_path(target), folder = scratch_ + "/work";
  const auto fault = [&](const std::string& what) {
    std::strncpy(shared.what, what.c_str(), sizeof shared.what - 1);
    ::_exit(kFaultStatus);
  };
  for (std::uint64_t i = begin; i < end; ++i) {
    shared.began = cpu_now();
    shared.index = i;
    write_text(path, make(i));
    try {
      target.read(path, folder);
      ++shared.accepted;
    } catch (const Error& error) {
      // As the command line prints it.
      const std::string bad = bad_message(printable(error.what()));
      if (!bad.empty()) fault(bad + ": " + error.what());
      ++shared.refused;
      std::strncpy(shared.what, error.what(), sizeof shared.what - 1);
    } catch (const std::exception& error) {
      fault(type_of(error) + ": " + error.what());
    } catch (...) {
      fault("something thrown that is no exception");
    }
    const double seconds = cpu_now() - shared.began;
    if (seconds > shared.slowest) {
      shared.slowest = seconds;
      shared.slowest_index = i;
    }
  }
  shared.index = end;
  ::_exit(0);
}

std::string Sandbox::watch(int pid, Shared& shared, Tally& tally) const {
  using Clock = std::chrono::steady_clock;
  const volatile Shared& now = shared;  // another process writes it
  std::uint64_t last = now.index;
  Clock::time_point since = Clock::now();
  int status = 0;
  double cpu = 0;
  std::string killed;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    const std::uint64_t index = now.index;
    if (index != last) {
      last = index;
      since = Clock::now();
    }
    cpu = std::max(cpu, cpu_of(pid));
    const std::int64_t mib = resident_mib(pid);
    tally.peak_mib = std::max(tally.peak_mib, mib);
    const double wall = std::chrono::duration<double>(Clock::now() - since).count();
    if (killed.empty()) {
      if (mib > limits_.peak_mib) killed = fmt::format("more than {} MiB", limits_.peak_mib);
      if (cpu - now.began > limits_.cpu_seconds) killed = fmt::format("more than {} s", limits_.cpu_seconds);
      // A machine under load is slow, too: a child that waits does not work.
      const bool waits = wall > limits_.wall_seconds && cpu - now.began < 1;
      if (waits) killed = fmt::format("waited for more than {} s", limits_.wall_seconds);
      if (!killed.empty()) ::kill(pid, SIGKILL);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  tally.cpu_seconds += cpu;
  if (!killed.empty()) return killed;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kFaultStatus) return shared.what;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  const std::string summary = summary_of(what_it_said());
  if (!summary.empty()) return summary;
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  return fmt::format("exit status {}", WEXITSTATUS(status));
}

void Sandbox::run(const Target& target, std::uint64_t begin, std::uint64_t end, const MakeInput& make, Tally& tally,
                  const std::function<void(const Fault&)>& on_fault) const {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw Error("no memory to share with a child");
  Shared& shared = *static_cast<Shared*>(memory);
  while (begin < end) {
    std::memset(memory, 0, sizeof(Shared));
    shared.index = begin;
    const int pid = ::fork();
    if (pid < 0) throw Error("cannot start a child");
    if (pid == 0) child(target, begin, end, make, shared);
    const std::string ended = watch(pid, shared, tally);
    tally.accepted += shared.accepted;
    tally.refused += shared.refused;
    tally.last_refusal = shared.what;
    if (shared.slowest > tally.slowest_seconds) {
      tally.slowest_seconds = shared.slowest;
      tally.slowest_index = shared.slowest_index;
    }
    if (ended.empty()) break;
    const Fault fault{generic(ended), ended + "\n" + what_it_said(), read_text(input_path(target)), shared.index};
    ++tally.faults;
    ++tally.fault_kinds[fault.kind];
    if (on_fault) on_fault(fault);
    begin = shared.index + 1;
  }
  ::munmap(memory, sizeof(Shared));
}

std::string Sandbox::verdict(const Target& target, const std::string& input) const {
  Tally tally;
  std::string out;
  run(
      target, 0, 1, [&](std::uint64_t) { return input; }, tally,
      [&](const Fault& fault) { out = "FAULT: " + fault.detail; });
  if (!out.empty()) return out;
  return tally.accepted > 0 ? "accepted" : "refused: " + tally.last_refusal;
}

void Sandbox::apart(const std::function<void()>& work) const {
  const int pid = ::fork();
  if (pid < 0) throw Error("cannot start a child");
  if (pid == 0) {
    try {
      work();
      ::_exit(0);
    } catch (const std::exception& error) {
      write_text(scratch_ + "/stderr", error.what());
      ::_exit(kFaultStatus);
    }
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw Error("inputs cannot be made: " + what_it_said());
}

}  // namespace lanewise::fuzz

#if defined(__SANITIZE_ADDRESS__)
// One report and a death, so that the parent sees it; the quarantine is small, since memory is watched.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0:abort_on_error=0:exitcode=91:quarantine_size_mb=16:allocator_may_return_null=0:"
         "max_allocation_size_mb=1024:detect_stack_use_after_return=0";
}
extern "C" const char* __ubsan_default_options();
extern "C" const char* __ubsan_default_options() { return "print_stacktrace=1"; }
#endif
