// SPDX-License-Identifier: Apache-2.0
// Where answers are written: links, long names, devices that take nothing, and readers that have gone.
#include <sys/wait.h>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

namespace fs = std::filesystem;

Arguments show(const std::string& out) { return {"network", "show", kSqueezeNet, "--out", out}; }

// A command in a shell; its exit status, and what it said on standard error.
Finished shell(const std::string& command) {
  const ScratchFolder folder;
  const std::string program = std::string(LANEWISE_BINARY_DIR) + "/lanewise";
  const int status = std::system((program + " " + command + " 2>" + folder.file("err")).c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), "", text_of(folder.file("err")), 0};
}

TEST(OutputFiles, a_link_is_written_through) {
  const ScratchFolder folder;
  fs::create_directory(folder.file("data"));
  const std::string target = folder.write("data/target", "old"), link = folder.file("link");
  fs::create_symlink("data/target", link);
  ASSERT_EQ(run(show(link)).status, 0);
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_FALSE(fs::is_symlink(target));
  EXPECT_NE(text_of(target).find("squeezenet"), std::string::npos);
  // One whose target is not there yet, and one through another.
  const std::string dangling = folder.file("dangling"), second = folder.file("second");
  fs::create_symlink("data/fresh", dangling);
  fs::create_symlink("dangling", second);
  ASSERT_EQ(run(show(second)).status, 0);
  EXPECT_TRUE(fs::is_symlink(dangling));
  EXPECT_TRUE(fs::is_symlink(second));
  EXPECT_EQ(text_of(folder.file("data/fresh")), text_of(target));
  for (const auto& entry : fs::recursive_directory_iterator(folder.file("data"))) {
    EXPECT_TRUE(entry.path().filename() == "target" || entry.path().filename() == "fresh") << entry.path();
  }
}

TEST(OutputFiles, links_in_a_circle_are_refused) {
  const ScratchFolder folder;
  fs::create_symlink("b", folder.file("a"));
  fs::create_symlink("a", folder.file("b"));
  expect_refused(show(folder.file("a")), 1, {folder.file("a")});
  EXPECT_TRUE(fs::is_symlink(folder.file("a")));
}

TEST(OutputFiles, a_name_may_be_as_long_as_names_may_be) {
  const ScratchFolder folder;
  for (const std::size_t length : {230u, 254u, 255u}) {
    const std::string path = folder.file(std::string(length, 'n'));
    EXPECT_EQ(run(show(path)).status, 0) << length;
    EXPECT_NE(text_of(path).find("squeezenet"), std::string::npos) << length;
  }
  expect_refused(show(folder.file(std::string(256, 'n'))), 1, {"too long"});
}

TEST(OutputFiles, a_full_device_is_an_error_in_one_line) {
  for (const std::string command : {"--help", "--version", "simulate --help", "network show models/squeezenet1_1.onnx",
                                    "network show models/squeezenet1_1.onnx --json"}) {
    const Finished finished = shell(command + " >/dev/full");
    EXPECT_EQ(finished.status, 1) << command;
    EXPECT_EQ(finished.err.rfind("lanewise: error: cannot write to standard output", 0), 0u) << finished.err;
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
  }
  const Finished finished = shell("network show models/squeezenet1_1.onnx --out /dev/full");
  EXPECT_EQ(finished.status, 1);
  EXPECT_NE(finished.err.find("/dev/full"), std::string::npos) << finished.err;
}

TEST(OutputFiles, a_reader_that_has_gone_hears_nothing) {
  const Finished finished = shell("network show models/squeezenet1_1.onnx --json | head -c 1 >/dev/null");
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.err, "");
}

}  // namespace
}  // namespace lanewise::cli::testing
