// SPDX-License-Identifier: Apache-2.0
// Stores on media and in folders where nothing can be written.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/record/file.hpp"
#include "core/record/merge.hpp"
#include "core/record/sqlite.hpp"
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
    make_store();
  }
  void make_store() const {
    Row row;
    row.engine_hash = "00000000000000aa";
    row.subgraph_key = "key";
    row.tool_version = "0.0.0";  // whose keys nobody here reads
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

// What a writer that was killed leaves: rows in the log that are not in the file. `shared`: with what it shared with
// readers, too.
void leave_log(const std::string& path, bool shared) {
  const std::string other = path + ".open";
  {
    fs::copy_file(path, other);
    Store writer(other);
    Row row;
    row.engine_hash = "00000000000000bb";
    row.subgraph_key = "key";
    row.tool_version = "0.0.0";  // whose keys nobody here reads
    row.engine_values = {{"name", "b"}};
    row.measurement.latency = Cycles(100);
    writer.insert(row);
    ASSERT_GT(fs::file_size(other + "-wal"), 0U);
    fs::copy_file(other, path, fs::copy_options::overwrite_existing);
    fs::copy_file(other + "-wal", path + "-wal");
    if (shared) fs::copy_file(other + "-shm", path + "-shm");
  }
  fs::remove(other);
}

// A folder for temporary files of this test's own, so that what is left there is its doing.
class TemporaryFiles {
 public:
  TemporaryFiles() : folder_(fs::temp_directory_path() / ("lanewise-tmp-" + std::to_string(::getpid()))) {
    if (const char* set = std::getenv("TMPDIR")) before_ = set;
    fs::create_directories(folder_);
    fs::permissions(folder_, fs::perms::all);
    ::setenv("TMPDIR", folder_.c_str(), 1);
  }
  ~TemporaryFiles() {
    before_.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", before_.c_str(), 1);
    fs::remove_all(folder_);
  }
  TemporaryFiles(const TemporaryFiles&) = delete;
  TemporaryFiles& operator=(const TemporaryFiles&) = delete;
  bool empty() const { return fs::is_empty(folder_); }

 private:
  fs::path folder_;
  std::string before_;
};

TEST_F(ReadOnlyStore, with_rows_in_its_log_is_read_with_them) {
  for (const bool shared : {false, true}) {
    leave_log(path(), shared);
    const std::string before = read_file(path()), log = read_file(path() + "-wal");
    take_rights();
    const TemporaryFiles temporary;
    {
      const WithoutRights none;
      EXPECT_EQ(rows(path()), 107) << (shared ? "with" : "without") << " the shared file";
    }
    EXPECT_EQ(read_file(path()), before);
    EXPECT_EQ(read_file(path() + "-wal"), log);
    EXPECT_TRUE(temporary.empty()) << "a copy was left behind";
    fs::permissions(folder_, fs::perms::all);
    fs::remove(path() + "-wal");
    fs::remove(path() + "-shm");
    fs::remove(path());
    make_store();
  }
}

TEST_F(ReadOnlyStore, a_transaction_that_was_cut_off_is_not_seen) {
  const std::string whole = path() + ".whole";
  fs::copy_file(path(), whole);
  {
    const Connection writer(whole, Connection::Mode::kExisting);
    writer.run("PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; PRAGMA cache_spill = 1");
    writer.run("CREATE TABLE filler (text)");
    writer.run("BEGIN; UPDATE measurements SET latency_cycles = 5000");
    // More than fits the cache: changed pages go to the file before the transaction ends.
    for (int i = 0; i < 200; ++i) writer.run("INSERT INTO filler VALUES (randomblob(4096))");
    fs::copy_file(whole, path(), fs::copy_options::overwrite_existing);
    ASSERT_GT(fs::file_size(whole + "-journal"), 0U);
    fs::copy_file(whole + "-journal", path() + "-journal");
    writer.run("ROLLBACK");
  }
  take_rights();
  const WithoutRights none;
  EXPECT_EQ(rows(path()), 7);
}

TEST_F(ReadOnlyStore, is_read_where_the_folder_alone_could_be_written) {
  fs::permissions(path(), fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  fs::permissions(folder_, fs::perms::all);
  const WithoutRights none;
  EXPECT_EQ(rows(path()), 7);
}

TEST_F(ReadOnlyStore, is_merged_from) {
  take_rights();
  const std::string out = (fs::temp_directory_path() / ("lanewise-merged-" + std::to_string(::getpid()))).string();
  {
    const WithoutRights none;
    EXPECT_EQ(merge_stores(out, {path()}).rows, 1);
    EXPECT_EQ(rows(out), 7);
  }
  fs::remove(out);
}

TEST_F(ReadOnlyStore, that_is_missing_is_not_made) {
  EXPECT_THROW(Store((folder_ / "none").string(), Store::Access::kRead), Error);
  EXPECT_FALSE(fs::exists(folder_ / "none"));
}

}  // namespace
}  // namespace lanewise::record
