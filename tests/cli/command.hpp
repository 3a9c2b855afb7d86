// SPDX-License-Identifier: Apache-2.0
// The program run as a person runs it: arguments in, exit status and both outputs out. Every answer in JSON is held
// against its schema.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/schema/answer_schema.hpp"

extern char** environ;

namespace lanewise::cli::testing {

using Json = nlohmann::json;
using Arguments = std::vector<std::string>;

inline const std::string kMobileNet = "models/mobilenet_v2.onnx";
inline const std::string kSqueezeNet = "models/squeezenet1_1.onnx";
inline const std::string kEngine = "hwconfigs/ne-256.yaml";

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A folder of its own that goes when the test ends.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lanewise-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

struct Finished {
  int status = -1;  // exit status, or 128 + signal
  std::string out, err;
  std::int64_t peak_bytes = 0;  // of memory
};

// Whatever a program answers with --json is as its schema says. Status 3 is that of an answer that is not a good one.
inline void expect_schema(const std::string& program, const Arguments& words, const Finished& finished) {
  const bool answered = finished.status == 0 || finished.status == 3;
  if (!answered || finished.out.empty() || std::find(words.begin(), words.end(), "--json") == words.end()) return;
  const std::vector<std::string> verb = schema::verb_of(words);
  if (verb.empty()) return;
  const std::string path = schema::schema_of(std::filesystem::path(program).filename().string(), verb);
  // Of lanewise-fit, what takes no training has schemas (docs/schema/README.md).
  if (path.rfind("fit/", 0) == 0 && !std::filesystem::exists(LANEWISE_SOURCE_DIR "/docs/schema/" + path)) return;
  for (const std::string& violation : schema::violations(path, finished.out)) {
    ADD_FAILURE() << verb.back() << " --json: " << violation;
  }
}

// A process under way.
class Running {
 public:
  explicit Running(const Arguments& arguments,
                   const std::string& program = std::string(LANEWISE_BINARY_DIR) + "/lanewise")
      : program_(program), arguments_(arguments) {
    std::vector<std::string> words = {program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, folder_.file("out").c_str(), flags, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, folder_.file("err").c_str(), flags, 0600);
    if (::posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), environ) != 0) pid_ = -1;
    posix_spawn_file_actions_destroy(&actions);
    EXPECT_GT(pid_, 0) << "cannot start " << program;
  }

  pid_t pid() const { return pid_; }
  void send(int signal) const { ::kill(pid_, signal); }

  Finished wait() {
    int status = 0;
    struct rusage used {};
    ::wait4(pid_, &status, 0, &used);
    Finished finished{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text_of(folder_.file("out")),
                      text_of(folder_.file("err")), std::int64_t{used.ru_maxrss} * 1024};
    expect_schema(program_, arguments_, finished);
    return finished;
  }

 private:
  std::string program_;
  Arguments arguments_;
  ScratchFolder folder_;
  pid_t pid_ = -1;
};

// Waits until the log of a store has grown, so that rows are coming.
inline void wait_for_rows(const std::string& store) {
  constexpr std::uintmax_t kSomeRows = 100000;
  std::error_code none;
  for (int i = 0; i < 30000; ++i) {
    const std::uintmax_t size = std::filesystem::file_size(store + "-wal", none);
    if (!none && size > kSomeRows) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

inline Finished run(const Arguments& arguments) { return Running(arguments).wait(); }

inline Json run_json(Arguments arguments) {
  arguments.emplace_back("--json");
  const Finished finished = run(arguments);
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.err, "");
  return Json::parse(finished.out, nullptr, false);
}

// What every mistake must look like: one line on standard error, nothing on standard output, an exit status that is not
// 0.
inline void expect_refused(const Arguments& arguments, int status, const std::vector<std::string>& named) {
  std::string command;
  for (const std::string& argument : arguments) command += argument + " ";
  SCOPED_TRACE(command);
  const Finished finished = run(arguments);
  EXPECT_EQ(finished.status, status);
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(finished.err.rfind("lanewise: error: ", 0), 0u) << finished.err;
  EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
  for (const std::string& word : named)
    EXPECT_NE(finished.err.find(word), std::string::npos) << word << "\n" << finished.err;
}

}  // namespace lanewise::cli::testing
