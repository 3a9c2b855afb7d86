// SPDX-License-Identifier: Apache-2.0
#include "core/record/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "core/base/error.hpp"
#include "tests/core/record/without_rights.hpp"

namespace fs = std::filesystem;
using lanewise::Error;
using lanewise::record::FileWriter;
using lanewise::record::read_file;
using lanewise::record::Unfinished;
using lanewise::record::write_file;

using lanewise::testing::WithoutRights;

namespace {

class FileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("lanewise_file_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator{}));
  }
  static std::string message(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  fs::path folder_;
};

TEST_F(FileTest, what_was_written_is_read_back_byte_for_byte) {
  std::string content("a\0b\r\n\xff", 6);
  content += std::string(300000, 'x');
  write_file(path("out"), content);
  EXPECT_EQ(read_file(path("out")), content);
  write_file(path("out"), "");
  EXPECT_EQ(read_file(path("out")), "");
  EXPECT_EQ(entries(), 1U) << "the unfinished file stayed behind";
}

TEST_F(FileTest, a_missing_folder_is_named_and_nothing_is_left) {
  const std::string target = path("no/such/out.csv");
  EXPECT_NE(message([&] { write_file(target, "x"); }).find(target), std::string::npos);
  EXPECT_NE(message([&] { read_file(target); }).find(target), std::string::npos);
  EXPECT_EQ(entries(), 0U);
}

TEST_F(FileTest, a_folder_is_neither_read_nor_replaced) {
  fs::create_directory(path("folder"));
  EXPECT_NE(message([&] { write_file(path("folder"), "x"); }).find("folder"), std::string::npos);
  EXPECT_NE(message([&] { read_file(path("folder")); }).find("folder"), std::string::npos);
  EXPECT_TRUE(fs::is_directory(path("folder")));
  EXPECT_EQ(entries(), 1U);
}

TEST_F(FileTest, a_file_that_cannot_be_finished_leaves_the_old_one) {
  // A full device refuses every byte: what is written there fails, and the device stays a device.
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  EXPECT_NE(message([] { write_file("/dev/full", "x"); }).find("/dev/full"), std::string::npos);
  struct stat status {};
  ASSERT_EQ(::stat("/dev/full", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
}

TEST_F(FileTest, a_read_only_folder_is_refused) {
  fs::permissions(folder_,
                  fs::perms::all & ~(fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write));
  std::string text;
  {
    const WithoutRights nobody;
    text = message([&] { write_file(path("out"), "x"); });
  }
  fs::permissions(folder_, fs::perms::owner_all);
  EXPECT_NE(text.find(path("out")), std::string::npos);
  EXPECT_EQ(entries(), 0U);
}

TEST_F(FileTest, a_link_keeps_pointing_at_its_file) {
  write_file(path("real"), "old");
  fs::create_symlink(path("real"), path("link"));
  write_file(path("link"), "new");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(read_file(path("real")), "new");
}

TEST_F(FileTest, pieces_become_a_file_only_when_finished) {
  write_file(path("out"), "old");
  std::string expected;
  {
    FileWriter writer(path("out"));
    for (int piece = 0; piece < 1000; ++piece) {
      const std::string text(static_cast<std::size_t>(piece) * 300, static_cast<char>('a' + piece % 26));
      writer.write(text);
      expected += text;
    }
    EXPECT_EQ(read_file(path("out")), "old");
    writer.finish();
  }
  EXPECT_EQ(read_file(path("out")), expected);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(FileTest, an_unfinished_file_leaves_nothing) {
  {
    FileWriter writer(path("out"));
    writer.write("half");
  }
  EXPECT_EQ(entries(), 0U);
}

TEST_F(FileTest, a_writer_refuses_at_once_what_cannot_be_written) {
  EXPECT_NE(message([&] { FileWriter writer(path("no/such/out")); }).find(path("no/such/out")), std::string::npos);
}

TEST_F(FileTest, an_unfinished_folder_appears_whole_or_not_at_all) {
  const auto make = [&](bool finish) {
    Unfinished folder(path("out"));
    fs::create_directories(folder.path());
    write_file(folder.path() + "/inside", "text");
    EXPECT_FALSE(fs::exists(path("out")));
    if (finish) folder.finish();
  };
  make(false);
  EXPECT_EQ(entries(), 0U);
  make(true);
  EXPECT_EQ(entries(), 1U);
  EXPECT_EQ(read_file(path("out/inside")), "text");
}

TEST_F(FileTest, an_unfinished_path_that_was_never_made_cannot_be_finished) {
  Unfinished nothing(path("out"));
  EXPECT_NE(message([&] { nothing.finish(); }).find(path("out")), std::string::npos);
}

}  // namespace
