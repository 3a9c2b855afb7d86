// SPDX-License-Identifier: Apache-2.0
#include "core/record/store.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/record/file.hpp"
#include "core/record/sqlite.hpp"
#include "tests/core/record/without_rights.hpp"

namespace fs = std::filesystem;
using namespace lanewise;
using namespace lanewise::record;

using lanewise::testing::WithoutRights;

namespace {

Row sample_row(int number) {
  Row row;
  row.engine_hash = number % 2 == 0 ? "00000000000000aa" : "00000000000000bb";
  row.subgraph_key = "key" + std::to_string(number);
  row.tool_version = version();
  row.engine_values = {{"engine.parallelism_factor", number % 2 == 0 ? "16" : "32"}, {"memory.bank_size", "32 KiB"}};
  row.weight = 0.1 * number;
  Measurement& m = row.measurement;
  m.latency = Cycles(1000 + number);
  m.macs = std::numeric_limits<std::int64_t>::max() - number;
  m.utilization = 1.0 / 3 + number * 1e-17;
  m.dram_read = Bytes(1);
  m.dram_write = Bytes(2);
  m.sram_read = Bytes(3);
  m.sram_write = Bytes(4);
  m.peak_sram = Bytes(5);
  m.energy = Picojoules(0.1 + 0.2 + number);
  m.bound_by = "dram";
  m.units = {{Unit::kLoadDma, Cycles(12), Cycles(3), {{StallCause::kWeights, Cycles(5)}}},
             {Unit::kDram, Cycles(1), Cycles(19), {}}};
  return row;
}

std::uint64_t bits_of(double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

void expect_equal(const Row& a, const Row& b) {
  EXPECT_EQ(a.engine_hash, b.engine_hash);
  EXPECT_EQ(a.subgraph_key, b.subgraph_key);
  EXPECT_EQ(a.tool_version, b.tool_version);
  EXPECT_EQ(a.engine_values, b.engine_values);
  EXPECT_EQ(a.failure, b.failure);
  EXPECT_EQ(bits_of(a.weight), bits_of(b.weight));
  ASSERT_EQ(a.networks.size(), b.networks.size());
  for (std::size_t i = 0; i < a.networks.size(); ++i) {
    EXPECT_EQ(a.networks[i].network, b.networks[i].network);
    EXPECT_EQ(a.networks[i].occurrences, b.networks[i].occurrences);
    EXPECT_EQ(a.networks[i].subgraphs, b.networks[i].subgraphs);
  }
  const Measurement &x = a.measurement, &y = b.measurement;
  EXPECT_EQ(x.latency.count(), y.latency.count());
  EXPECT_EQ(x.macs, y.macs);
  EXPECT_EQ(bits_of(x.utilization), bits_of(y.utilization));
  EXPECT_EQ(x.dram_read.count(), y.dram_read.count());
  EXPECT_EQ(x.dram_write.count(), y.dram_write.count());
  EXPECT_EQ(x.sram_read.count(), y.sram_read.count());
  EXPECT_EQ(x.sram_write.count(), y.sram_write.count());
  EXPECT_EQ(x.peak_sram.count(), y.peak_sram.count());
  EXPECT_EQ(bits_of(x.energy.count()), bits_of(y.energy.count()));
  EXPECT_EQ(x.bound_by, y.bound_by);
  ASSERT_EQ(x.units.size(), y.units.size());
  for (std::size_t i = 0; i < x.units.size(); ++i) {
    EXPECT_EQ(x.units[i].unit, y.units[i].unit);
    EXPECT_EQ(x.units[i].busy.count(), y.units[i].busy.count());
    EXPECT_EQ(x.units[i].idle.count(), y.units[i].idle.count());
    ASSERT_EQ(x.units[i].stalled.size(), y.units[i].stalled.size());
    for (std::size_t j = 0; j < x.units[i].stalled.size(); ++j) {
      EXPECT_EQ(x.units[i].stalled[j].cause, y.units[i].stalled[j].cause);
      EXPECT_EQ(x.units[i].stalled[j].cycles.count(), y.units[i].stalled[j].cycles.count());
    }
  }
}

std::vector<Row> read_all(const Store& store) {
  std::vector<Row> rows;
  store.for_each([&](const Row& row) { rows.push_back(row); });
  return rows;
}

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("lanewise_store_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  // What opening the file says; "" when it opens.
  static std::string refusal(const std::string& path) {
    try {
      Store store(path);
    } catch (const Error& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find(path), std::string::npos) << text;
      EXPECT_EQ(text.find('\n'), std::string::npos) << text;
      return text;
    }
    return "";
  }

  fs::path folder_;
};

TEST_F(StoreTest, rows_come_back_as_they_went_in_ordered_by_their_keys) {
  std::vector<Row> rows;
  for (const int number : {5, 2, 9, 4, 1}) rows.push_back(sample_row(number));
  rows[0].networks = {{"alpha", 3, 52}, {"net; with \"marks\"", 1, 7}};
  rows[1].networks = {{"beta", 2, 9}};
  rows[4].networks = {{"alpha", 1, 52}};
  rows[3].failure = "does not fit: \"quoted\", and a comma";
  rows[3].measurement = Measurement{};
  {
    Store store(path("s.db"));
    for (const Row& row : rows) store.insert(row);
    EXPECT_TRUE(store.contains("00000000000000aa", "key2"));
    EXPECT_FALSE(store.contains("00000000000000bb", "key2"));
  }
  Store store(path("s.db"));
  EXPECT_EQ(store.rows(), 5);
  const std::vector<Row> read = read_all(store);
  ASSERT_EQ(read.size(), 5U);
  const int order[] = {3, 1, 4, 0, 2};  // aa: key2 key4; bb: key1 key5 key9
  expect_equal(read[0], rows[1]);
  expect_equal(read[1], rows[3]);
  for (std::size_t i = 2; i < 5; ++i) expect_equal(read[i], rows[static_cast<std::size_t>(order[i])]);
}

TEST_F(StoreTest, a_row_is_measured_once) {
  Store store(path("s.db"));
  store.insert(sample_row(2));
  Row again = sample_row(2);
  again.measurement.latency = Cycles(7);
  store.insert(again);
  EXPECT_EQ(store.rows(), 1);
  EXPECT_EQ(read_all(store)[0].measurement.latency.count(), 1002);
}

TEST_F(StoreTest, a_row_learns_of_further_networks_whichever_came_first) {
  Row one = sample_row(2), two = sample_row(2);
  one.networks = {{"alpha", 2, 10}, {"beta", 1, 4}};
  one.weight = 3;
  two.networks = {{"beta", 1, 4}, {"gamma", 5, 20}};
  two.weight = 6;
  Row both = sample_row(2);
  both.networks = {{"alpha", 2, 10}, {"beta", 1, 4}, {"gamma", 5, 20}};
  both.weight = 8;
  for (const bool swapped : {false, true}) {
    Store store(path(swapped ? "ba.db" : "ab.db"));
    store.insert(swapped ? two : one);
    if (swapped) {
      store.insert(one);
    } else {
      store.add_networks(two.engine_hash, two.subgraph_key, two.networks);
    }
    store.add_networks(two.engine_hash, "a key that is not there", two.networks);
    ASSERT_EQ(store.rows(), 1);
    expect_equal(read_all(store)[0], both);
  }
}

TEST_F(StoreTest, networks_that_cannot_be_are_a_bug) {
  Store store(path("s.db"));
  using Networks = std::vector<NetworkMembership>;
  for (const Networks& wrong : {Networks{{"", 1, 1}}, Networks{{"a", 0, 1}}, Networks{{"a", 3, 2}},
                                Networks{{"b", 1, 1}, {"a", 1, 1}}, Networks{{"a", 1, 2}, {"a", 1, 2}}}) {
    Row row = sample_row(1);
    row.networks = wrong;
    EXPECT_THROW(store.insert(row), InternalError);
  }
  EXPECT_EQ(store.rows(), 0);
}

TEST_F(StoreTest, contains_asks_for_this_version_of_the_tool) {
  Store store(path("s.db"));
  Row old = sample_row(2);
  old.tool_version = "0.0.1";
  store.insert(old);
  EXPECT_FALSE(store.contains(old.engine_hash, old.subgraph_key));
  store.insert(sample_row(2));
  EXPECT_TRUE(store.contains(old.engine_hash, old.subgraph_key));
  EXPECT_EQ(store.rows(), 2);
}

TEST_F(StoreTest, engines_of_one_hash_read_the_same_whichever_came_first) {
  Row a = sample_row(2), b = sample_row(4);
  a.engine_values.insert(a.engine_values.begin(), {"name", "zeta"});
  b.engine_values.insert(b.engine_values.begin(), {"name", "alpha"});
  for (const bool swapped : {false, true}) {
    Store store(path(swapped ? "ba.db" : "ab.db"));
    store.insert(swapped ? b : a);
    store.insert(swapped ? a : b);
    for (const Row& row : read_all(store)) EXPECT_EQ(row.engine_values, b.engine_values);
  }
}

TEST_F(StoreTest, numbers_that_are_not_finite_are_a_bug) {
  Store store(path("s.db"));
  Row row = sample_row(1);
  row.measurement.energy = Picojoules(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THROW(store.insert(row), InternalError);
  row = sample_row(1);
  row.weight = -1;
  EXPECT_THROW(store.insert(row), InternalError);
  EXPECT_EQ(store.rows(), 0);
}

TEST_F(StoreTest, a_killed_writer_loses_at_most_the_row_in_flight) {
  int acknowledgements[2];
  ASSERT_EQ(::pipe(acknowledgements), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Store store(path("s.db"));
    for (int number = 0;; ++number) {
      store.insert(sample_row(number));
      const char byte = 1;
      if (::write(acknowledgements[1], &byte, 1) != 1) ::_exit(1);
    }
  }
  ::close(acknowledgements[1]);
  std::int64_t committed = 0;
  char byte = 0;
  while (committed < 300 && ::read(acknowledgements[0], &byte, 1) == 1) ++committed;
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  while (::read(acknowledgements[0], &byte, 1) == 1) ++committed;
  ::close(acknowledgements[0]);

  Store store(path("s.db"));
  EXPECT_GE(store.rows(), committed);
  EXPECT_LE(store.rows(), committed + 1);
  for (const Row& row : read_all(store)) expect_equal(row, sample_row(std::stoi(row.subgraph_key.substr(3))));
  store.insert(sample_row(1000000));
  EXPECT_GT(store.rows(), committed);
}

TEST_F(StoreTest, two_writers_take_turns) {
  Store first(path("s.db"));
  std::thread other([&] {
    Store second(path("s.db"));
    for (int number = 0; number < 100; number += 2) second.insert(sample_row(number));
  });
  for (int number = 1; number < 100; number += 2) first.insert(sample_row(number));
  other.join();
  EXPECT_EQ(first.rows(), 100);
}

TEST_F(StoreTest, another_schema_version_is_refused) {
  { Store store(path("s.db")); }
  Connection(path("s.db")).run("PRAGMA user_version = 99");
  EXPECT_NE(refusal(path("s.db")).find("schema version 99"), std::string::npos);
}

TEST_F(StoreTest, other_files_are_refused_and_left_alone) {
  write_file(path("text"), std::string(5000, 'x'));
  EXPECT_NE(refusal(path("text")).find("not an SQLite file"), std::string::npos);
  EXPECT_EQ(read_file(path("text")), std::string(5000, 'x'));

  Connection(path("other.db")).run("CREATE TABLE songs (title TEXT)");
  const std::string before = read_file(path("other.db"));
  EXPECT_NE(refusal(path("other.db")).find("not a store of measurements"), std::string::npos);
  EXPECT_EQ(read_file(path("other.db")), before);

  EXPECT_NE(refusal(folder_.string()), "");
  EXPECT_NE(refusal(path("no/such/folder.db")), "");
  EXPECT_NE(refusal(""), "");
}

TEST_F(StoreTest, a_truncated_store_is_refused) {
  {
    Store store(path("s.db"));
    for (int number = 0; number < 200; ++number) store.insert(sample_row(number));
  }
  const std::string whole = read_file(path("s.db"));
  ASSERT_GT(whole.size(), 8192U);
  write_file(path("s.db"), whole.substr(0, 5000));
  std::string text;
  try {
    Store store(path("s.db"));
    read_all(store);
  } catch (const Error& error) {
    text = error.what();
  }
  EXPECT_NE(text.find(path("s.db")), std::string::npos);
}

TEST_F(StoreTest, a_read_only_folder_is_refused) {
  { Store store(path("there.db")); }
  fs::permissions(folder_,
                  fs::perms::all & ~(fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write));
  std::string text, existing;
  {
    const WithoutRights nobody;
    text = refusal(path("s.db"));
    existing = refusal(path("there.db"));
  }
  fs::permissions(folder_, fs::perms::owner_all);
  EXPECT_NE(text, "");
  EXPECT_NE(existing, "");
  EXPECT_FALSE(fs::exists(path("s.db")));
}

}  // namespace
