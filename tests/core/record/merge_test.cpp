// SPDX-License-Identifier: Apache-2.0
#include "core/record/merge.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/engine_values.hpp"
#include "core/record/file.hpp"
#include "core/record/sqlite.hpp"
#include "core/record/store.hpp"

namespace fs = std::filesystem;
using namespace lanewise;
using namespace lanewise::record;

namespace {

std::string key_of(int number) {
  mapping::Subgraph subgraph;
  subgraph.shape.out_channels = number + 1;
  return mapping::subgraph_key(subgraph);
}

Row row_of(int number, const std::string& hash = "00000000000000aa") {
  Row row;
  row.engine_hash = hash;
  row.subgraph_key = key_of(number);
  row.tool_version = version();
  row.engine_values =
      engine_values(engine::load_engine(std::string(LANEWISE_SOURCE_DIR) + "/hwconfigs/ne-256.yaml").config);
  row.engine_values[0].second = "b";
  row.weight = 2;
  row.networks = {{"resnet", 2, 50}};
  row.measurement.latency = Cycles(1000 + number);
  row.measurement.energy = Picojoules(0.1 * number);
  row.measurement.bound_by = "dram";
  return row;
}

class MergeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("lanewise_merge_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::string store(const std::string& name, const std::vector<Row>& rows) const {
    Store store(path(name));
    for (const Row& row : rows) store.insert(row);
    return path(name);
  }

  std::vector<Row> rows_of(const std::string& name) const {
    std::vector<Row> rows;
    Store(path(name)).for_each([&](const Row& row) { rows.push_back(row); });
    return rows;
  }

  std::string csv(const std::string& name) const {
    Store(path(name)).export_csv(path(name + ".csv"));
    return read_file(path(name + ".csv"));
  }

  // What joining them says; whatever it says, nothing may be left of it.
  std::string refusal(const std::vector<std::string>& inputs) const {
    std::string text;
    try {
      merge_stores(path("out"), inputs);
    } catch (const Error& error) {
      text = error.what();
    }
    EXPECT_NE(text, "") << "was joined";
    EXPECT_FALSE(fs::exists(path("out")));
    for (const auto& entry : fs::directory_iterator(folder_)) {
      EXPECT_EQ(entry.path().string().find(".partial"), std::string::npos) << entry.path();
    }
    return text;
  }

  static void expect_named(const std::string& text, const std::vector<std::string>& words) {
    for (const std::string& word : words) EXPECT_NE(text.find(word), std::string::npos) << word << " in: " << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  }

  fs::path folder_;
};

TEST_F(MergeTest, joined_shards_hold_what_one_run_holds) {
  std::vector<Row> all;
  for (int i = 0; i < 40; ++i) all.push_back(row_of(i, i % 3 == 0 ? "00000000000000bb" : "00000000000000aa"));
  store("whole", all);
  std::vector<std::string> shards;
  for (int shard = 0; shard < 3; ++shard) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if ((i / 2) % 3 == static_cast<std::size_t>(shard)) rows.push_back(all[i]);
    }
    shards.push_back(store("shard" + std::to_string(shard), rows));
  }
  const MergeOutcome outcome = merge_stores(path("joined"), shards);
  EXPECT_EQ(outcome.rows, 40);
  EXPECT_EQ(outcome.engines, 2);
  EXPECT_EQ(outcome.family, "ne");
  EXPECT_EQ(outcome.tool_version, version());
  EXPECT_EQ(csv("joined"), csv("whole"));
}

TEST_F(MergeTest, bytes_do_not_depend_on_the_order_of_the_stores) {
  const std::string a = store("a", {row_of(1), row_of(4, "00000000000000bb")});
  const std::string b = store("b", {row_of(3), row_of(2)});
  const std::string c = store("c", {});
  merge_stores(path("abc"), {a, b, c});
  merge_stores(path("cba"), {c, b, a});
  EXPECT_EQ(read_file(path("abc")), read_file(path("cba")));
}

TEST_F(MergeTest, equal_rows_of_two_stores_are_one) {
  const std::string a = store("a", {row_of(1), row_of(2)}), b = store("b", {row_of(2), row_of(3)});
  const MergeOutcome outcome = merge_stores(path("out"), {a, b});
  EXPECT_EQ(outcome.rows, 3);
  ASSERT_EQ(outcome.sources.size(), 2u);
  EXPECT_EQ(outcome.sources[0].rows, 2);
  EXPECT_EQ(outcome.sources[0].repeated, 0);
  EXPECT_EQ(outcome.sources[1].repeated, 1);
}

TEST_F(MergeTest, a_store_that_is_there_is_joined_in) {
  const std::string a = store("a", {row_of(1)});
  store("out", {row_of(2)});
  const MergeOutcome outcome = merge_stores(path("out"), {a, path("out")});
  EXPECT_EQ(outcome.rows, 2);
  ASSERT_EQ(outcome.sources.size(), 2u);  // itself once
  EXPECT_EQ(rows_of("out").size(), 2u);
}

TEST_F(MergeTest, networks_that_hold_a_subgraph_are_joined_and_its_weight_is_of_all_of_them) {
  Row other = row_of(1);
  other.networks = {{"mobilenet", 3, 60}};
  other.weight = 3;
  Row both = row_of(1);
  both.networks = {{"mobilenet", 3, 60}, {"resnet", 2, 50}};
  both.weight = 5;
  const std::string a = store("a", {row_of(1)}), b = store("b", {other}), c = store("c", {both});
  for (const auto& inputs : {std::vector<std::string>{a, b}, {b, a}, {c, a, b}}) {
    fs::remove(path("out"));
    merge_stores(path("out"), inputs);
    const std::vector<Row> rows = rows_of("out");
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].weight, 5);
    ASSERT_EQ(rows[0].networks.size(), 2u);
    EXPECT_EQ(rows[0].networks[0].network, "mobilenet");
    EXPECT_EQ(rows[0].networks[1].occurrences, 2);
  }
}

TEST_F(MergeTest, of_engines_that_differ_in_name_the_first_text_stays) {
  Row renamed = row_of(2);
  renamed.engine_values[0].second = "a";
  const std::string a = store("a", {row_of(1)}), b = store("b", {renamed});
  merge_stores(path("out"), {a, b});
  for (const Row& row : rows_of("out")) EXPECT_EQ(row.engine_values[0].second, "a");
}

TEST_F(MergeTest, rows_that_contradict_each_other_are_refused) {
  Row slower = row_of(1);
  slower.measurement.latency = Cycles(7);
  const std::string a = store("a", {row_of(1)}), b = store("b", {slower});
  expect_named(refusal({a, b}), {b, a, key_of(1), "latency_cycles", "'7'", "'1001'"});
}

TEST_F(MergeTest, another_weight_of_the_same_networks_is_refused) {
  Row heavier = row_of(1);
  heavier.weight = 9;
  const std::string a = store("a", {row_of(1)}), b = store("b", {heavier});
  expect_named(refusal({a, b}), {b, a, key_of(1), "weight"});
}

TEST_F(MergeTest, two_networks_of_one_name_are_refused) {
  Row longer = row_of(1);
  longer.networks[0].subgraphs = 51;
  const std::string a = store("a", {row_of(1)}), b = store("b", {longer});
  expect_named(refusal({a, b}), {b, a, key_of(1), "resnet", "51", "50"});
}

TEST_F(MergeTest, rows_of_two_tool_versions_are_refused) {
  Row old = row_of(2);
  old.tool_version = "0.0.9";
  const std::string a = store("a", {row_of(1)}), b = store("b", {old});
  expect_named(refusal({a, b}), {b, a, "tool version", "0.0.9", version()});
  const std::string mixed = store("mixed", {row_of(1), old});
  expect_named(refusal({mixed}), {mixed, "0.0.9", version()});
}

TEST_F(MergeTest, engines_of_two_families_are_refused) {
  Row other = row_of(2, "00000000000000bb");
  other.engine_values[1].second = "nvdla";
  const std::string a = store("a", {row_of(1)}), b = store("b", {other});
  expect_named(refusal({a, b}), {b, a, "family", "nvdla", "ne"});
}

TEST_F(MergeTest, another_schema_version_is_refused) {
  const std::string a = store("a", {row_of(1)});
  Connection(a).run("PRAGMA user_version = 1");
  expect_named(refusal({a}), {a, "schema version 1"});
}

TEST_F(MergeTest, what_is_no_store_is_refused) {
  expect_named(refusal({path("none")}), {path("none")});
  EXPECT_FALSE(fs::exists(path("none")));
  write_file(path("text"), "no database, but long enough to be looked at as one: not an SQLite file\n");
  expect_named(refusal({path("text")}), {path("text"), "not an SQLite file"});
  Connection(path("sheet")).run("CREATE TABLE sheet (cell)");
  expect_named(refusal({path("sheet")}), {path("sheet"), "not a store of measurements"});
  write_file(path("empty"), "");
  expect_named(refusal({path("empty")}), {path("empty"), "not a store of measurements"});
}

TEST_F(MergeTest, a_failure_leaves_the_store_that_is_there_as_it_was) {
  Row slower = row_of(1);
  slower.measurement.latency = Cycles(7);
  store("out", {row_of(1)});
  const std::string b = store("b", {slower});
  EXPECT_THROW(merge_stores(path("out"), {b}), Error);
  const std::vector<Row> rows = rows_of("out");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].measurement.latency.count(), 1001);
}

TEST_F(MergeTest, a_full_disk_is_one_line_and_leaves_nothing) {
  std::vector<Row> rows;
  for (int i = 0; i < 2000; ++i) rows.push_back(row_of(i));
  const std::string a = store("a", rows);
  const auto join_on_full_disk = [&] {
    rlimit limit{};
    limit.rlim_cur = limit.rlim_max = 1 << 16;
    ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int status = 1;
    try {
      merge_stores(path("out"), {a});
    } catch (const Error&) {
      status = fs::exists(path("out")) ? 2 : 0;
    }
    ::_exit(status);
  };
  EXPECT_EXIT(join_on_full_disk(), ::testing::ExitedWithCode(0), "");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1) << "only the source is there";
}

}  // namespace
