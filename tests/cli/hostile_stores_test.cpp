// SPDX-License-Identifier: Apache-2.0
// Stores whose rows no measurement can have given, and stores where nothing can be written.
#include "core/record/sqlite.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

namespace fs = std::filesystem;

class HostileStores : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<ScratchFolder>();
    const Finished finished = run(
        {"measure", kSqueezeNet, "--hw", kEngine, "--rows", "60", "--engines", "4", "--out", folder_->file("good")});
    ASSERT_EQ(finished.status, 0) << finished.err;
  }
  static void TearDownTestSuite() { folder_.reset(); }

  // A copy of the store with the change.
  static std::string changed(const std::string& name, const std::string& sql) {
    const std::string path = folder_->file(name);
    fs::copy_file(folder_->file("good"), path, fs::copy_options::overwrite_existing);
    record::Connection(path, record::Connection::Mode::kExisting).run(sql.c_str());
    return path;
  }

  // Every verb that reads rows refuses the store in one line and leaves nothing.
  static void expect_refused_everywhere(const std::string& store, const std::vector<std::string>& named) {
    const std::string out = folder_->file("out");
    expect_refused({"store", "show", store}, 1, named);
    expect_refused({"store", "merge", out, store}, 1, named);
    expect_refused({"store", "export", store, "--out", out}, 1, named);
    expect_refused({"train", store, "--out", out}, 1, named);
    expect_refused({"evaluate", store}, 1, named);
    EXPECT_FALSE(fs::exists(out));
  }

  static std::unique_ptr<ScratchFolder> folder_;
};
std::unique_ptr<ScratchFolder> HostileStores::folder_;

TEST_F(HostileStores, a_value_that_nothing_measures_is_named_with_its_row_and_rule) {
  const struct {
    const char* column;
    const char* value;
    const char* rule;
  } kValues[] = {
      {"latency_cycles", "-5", "must be a whole number above 0"},
      {"latency_cycles", "0", "must be a whole number above 0"},
      {"latency_cycles", "1e300", "must be a whole number above 0"},
      {"latency_cycles", "'fast'", "must be a whole number above 0"},
      {"macs", "-1", "must be a whole number, 0 or above"},
      {"dram_read_bytes", "-1", "must be a whole number, 0 or above"},
      {"peak_sram_bytes", "-1", "must be a whole number, 0 or above"},
      {"energy_pj", "9e999", "must be a finite number, 0 or above"},
      {"energy_pj", "-0.5", "must be a finite number, 0 or above"},
      {"energy_pj", "'much'", "must be a finite number, 0 or above"},
      {"weight", "9e999", "must be a finite number, 0 or above"},
      {"weight", "-1", "must be a finite number, 0 or above"},
      {"utilization", "-9e999", "must be a finite number, 0 or above"},
      {"unit_times", "'dram -1 2'", "malformed"},
      {"tool_version", "''", "must be a text"},
  };
  for (const auto& value : kValues) {
    const std::string store =
        changed("bad", std::string("UPDATE measurements SET ") + value.column + " = " + value.value);
    expect_refused_everywhere(store, {store, "engine ", "pass '", value.column, value.rule});
  }
}

TEST_F(HostileStores, an_engine_without_a_key_or_with_another_is_refused) {
  const std::string missing = changed("bad", "DELETE FROM engine_values WHERE key = 'memory.bank_size'");
  expect_refused_everywhere(missing, {missing, "no value of 'memory.bank_size'"});
  const std::string renamed =
      changed("bad", "UPDATE engine_values SET key = 'memory.bank' WHERE key = 'memory.bank_size'");
  expect_refused_everywhere(renamed, {renamed, "unknown key 'memory.bank'"});
  const std::string impossible =
      changed("bad", "UPDATE engine_values SET value = '-4' WHERE key = 'engine.parallelism_factor'");
  expect_refused_everywhere(impossible, {impossible, "engine.parallelism_factor", "-4"});
  const std::string none = changed("bad", "DELETE FROM engine_values");
  expect_refused_everywhere(none, {none, "no value of"});
}

TEST_F(HostileStores, a_subgraph_that_cannot_be_is_refused) {
  const std::string words = changed("bad", "UPDATE measurements SET subgraph_key = subgraph_key || ' zz'");
  expect_refused_everywhere(words, {words, "subgraph key"});
  const std::string huge =
      changed("bad", "UPDATE measurements SET subgraph_key = replace(subgraph_key, 'b=1 ', 'b=9000000000000000000 ')");
  expect_refused_everywhere(huge, {huge, "2^53"});
  const std::string members = changed("bad", "UPDATE network_passes SET occurrences = -3");
  expect_refused_everywhere(members, {members, "-3"});
}

TEST_F(HostileStores, other_columns_than_the_schema_has_are_named) {
  const std::string renamed = changed("bad", "ALTER TABLE measurements RENAME COLUMN energy_pj TO energy_nj");
  expect_refused_everywhere(renamed, {renamed, "'energy_nj'", "'energy_pj'"});
  const std::string more = changed("bad", "ALTER TABLE measurements ADD COLUMN colour TEXT");
  expect_refused_everywhere(more, {more, "'colour'"});
  const std::string gone = changed("bad", "DROP TABLE engine_values");
  expect_refused_everywhere(gone, {gone, "engine_values"});
}

TEST_F(HostileStores, reading_changes_nothing) {
  const std::string store = folder_->file("good"), before = text_of(store);
  EXPECT_EQ(run({"store", "show", store}).status, 0);
  EXPECT_EQ(run({"store", "merge", folder_->file("joined"), store}).status, 0);
  EXPECT_EQ(text_of(store), before);
  for (const char* tail : {"-wal", "-shm", "-journal"}) EXPECT_FALSE(fs::exists(store + tail)) << tail;
}

}  // namespace
}  // namespace lanewise::cli::testing
