// SPDX-License-Identifier: Apache-2.0
// Stores on media and in folders where nothing can be written.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/record/file.hpp"
#include "core/record/merge.hpp"
#include "core/record/store.hpp"
#include "tests/core/record/without_rights.hpp"

namespace fs = std::filesystem;

namespace lanewise::record {
namespace {

using lanewise::testing::WithoutRights;

class ReadOnlyStore : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("lanewise read%only " + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    Row row;
    row.engine_hash = "00000000000000aa";
    row.subgraph_key = "key";
    row.tool_version = version();
    row.engine_values = {{"name", "a"}};
    row.measurement.latency = Cycles(7);
    Store(path()).insert(row);
  }
  void TearDown() override {
    fs::permissions(folder_, fs::perms::all);
    fs::remove_all(folder_);
  }
  std::string path() const { return (folder_ / "store?#.sqlite").string(); }
  void take_rights() const {
    fs::permissions(path(), fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
    const auto read = fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;
    fs::permissions(folder_, read | fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec);
  }
  static std::int64_t rows(const std::string& path) {
    std::int64_t count = 0;
    Store(path, Store::Access::kRead).for_each([&](const Row& row) { count += row.measurement.latency.count(); });
    return count;
  }

  fs::path folder_;
};

TEST_F(ReadOnlyStore, is_read_as_it_lies_there) {
  take_rights();
  const std::string before = read_file(path());
  const WithoutRights none;
  EXPECT_EQ(rows(path()), 7);
  EXPECT_EQ(read_file(path()), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(ReadOnlyStore, cannot_be_written) {
  take_rights();
  const WithoutRights none;
  EXPECT_THROW(Store{path()}, Error);
}

TEST_F(ReadOnlyStore, with_rows_in_its_log_is_refused_rather_than_read_without_them) {
  write_file(path() + "-wal", "rows of a writer that was killed");
  take_rights();
  const WithoutRights none;
  try {
    rows(path());
    ADD_FAILURE() << "the log was left out";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("log beside it"), std::string::npos) << error.what();
  }
}

TEST_F(ReadOnlyStore, that_is_missing_is_not_made) {
  EXPECT_THROW(Store((folder_ / "none").string(), Store::Access::kRead), Error);
  EXPECT_FALSE(fs::exists(folder_ / "none"));
}

}  // namespace
}  // namespace lanewise::record
