// SPDX-License-Identifier: Apache-2.0
#include "core/base/installation.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/base/error.hpp"

namespace lanewise {
namespace {

namespace fs = std::filesystem;

// Two folders, one of which is the current one and the other LANEWISE_HOME.
class Installation : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "lanewise-test-XXXXXX").string();
    root_ = fs::canonical(::mkdtemp(pattern.data()));
    here_ = root_ / "here";
    home_ = root_ / "home";
    fs::create_directories(here_);
    fs::create_directories(home_);
    started_in_ = fs::current_path();
    fs::current_path(here_);
    ::setenv("LANEWISE_HOME", home_.c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("LANEWISE_HOME");
    fs::current_path(started_in_);
    fs::remove_all(root_);
  }

  static void write(const fs::path& path) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "\n";
  }

  static std::string error_of(const std::string& name) {
    try {
      return "found " + find_data("hwconfigs", name);
    } catch (const Error& error) {
      return error.what();
    }
  }

  fs::path root_, here_, home_, started_in_;
};

TEST_F(Installation, a_path_that_exists_is_taken_as_it_is) {
  write(here_ / "own.yaml");
  write(here_ / "hwconfigs" / "own.yaml");
  EXPECT_EQ(find_data("hwconfigs", "own.yaml"), "own.yaml");
  EXPECT_EQ(find_data("hwconfigs", (here_ / "own.yaml").string()), (here_ / "own.yaml").string());
}

TEST_F(Installation, a_bare_name_is_found_in_the_current_folder_first) {
  write(home_ / "hwconfigs" / "small.yaml");
  EXPECT_EQ(find_data("hwconfigs", "small"), (home_ / "hwconfigs/small.yaml").string());
  EXPECT_EQ(find_data("hwconfigs", "small.yaml"), (home_ / "hwconfigs/small.yaml").string());
  EXPECT_EQ(find_data("hwconfigs", "hwconfigs/small.yaml"), (home_ / "hwconfigs/small.yaml").string());
  write(here_ / "hwconfigs" / "small.yaml");
  EXPECT_EQ(find_data("hwconfigs", "small"), "hwconfigs/small.yaml");
}

TEST_F(Installation, home_may_be_the_prefix_of_an_installation) {
  write(home_ / "share/lanewise/models/net.onnx");
  write(home_ / "libexec/lanewise/lanewise-helper");
  EXPECT_EQ(find_data("models", "net"), (home_ / "share/lanewise/models/net.onnx").string());
  EXPECT_EQ(find_program("lanewise-helper"), (home_ / "libexec/lanewise/lanewise-helper").string());
}

TEST_F(Installation, a_folder_of_the_same_name_is_no_file) {
  fs::create_directories(here_ / "small");
  write(home_ / "hwconfigs" / "small.yaml");
  EXPECT_EQ(find_data("hwconfigs", "small"), (home_ / "hwconfigs/small.yaml").string());
}

TEST_F(Installation, an_unknown_name_is_refused_with_what_was_searched) {
  const std::string error = error_of("none");
  EXPECT_EQ(error.rfind("none: no such file; searched ., hwconfigs, " + home_.string(), 0), 0u) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos);
  EXPECT_EQ(error_of("/none.yaml"), "/none.yaml: no such file");
  EXPECT_EQ(error_of(""), ": no such file");
  EXPECT_THROW(find_program("lanewise-nothing"), Error);
}

TEST_F(Installation, a_name_that_stands_for_two_files_is_refused) {
  write(here_ / "hwconfigs" / "twice.yaml");
  write(here_ / "hwconfigs" / "twice.txt");
  EXPECT_EQ(error_of("twice"), "twice: may be hwconfigs/twice.txt or hwconfigs/twice.yaml: say which");
}

TEST_F(Installation, a_folder_is_found_like_a_file) {
  EXPECT_EQ(find_data_folder("nowhere"), "nowhere");
  fs::create_directories(home_ / "hwconfigs");
  EXPECT_EQ(find_data_folder("hwconfigs"), (home_ / "hwconfigs").string());
  fs::create_directories(here_ / "hwconfigs");
  EXPECT_EQ(find_data_folder("hwconfigs"), "hwconfigs");
}

}  // namespace
}  // namespace lanewise
