// SPDX-License-Identifier: Apache-2.0
// What stores keep of the campaigns that measured their rows.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/record/campaign_record.hpp"
#include "core/record/merge.hpp"
#include "core/record/sqlite.hpp"
#include "core/record/store.hpp"

namespace fs = std::filesystem;

namespace lanewise::record {
namespace {

CampaignRecord record_of(const std::string& name, const std::string& seed) {
  return {{{"name", name}, {"seed", seed}, {"engines.ranges.dram.burst.values", "[16 B, 64 B]"}}};
}

class Campaigns : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("lanewise-campaigns-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  static void add_row(Store& store, const std::string& key) {
    Row row;
    row.engine_hash = "aa";
    row.subgraph_key = key;
    row.tool_version = "0.0.0";
    row.engine_values = {{"name", "a"}, {"family", "f"}};
    row.measurement.latency = Cycles(7);
    store.insert(row);
  }
  static std::string refusal(const std::string& path) {
    try {
      Store(path, Store::Access::kRead).campaigns();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  fs::path folder_;
};

TEST_F(Campaigns, are_kept_once_in_the_order_of_their_hashes) {
  const CampaignRecord a = record_of("a", "1"), b = record_of("b", "1");
  const std::vector<CampaignRecord> both = a.hash() < b.hash() ? std::vector{a, b} : std::vector{b, a};
  {
    Store store(file("s"));
    EXPECT_TRUE(store.campaigns().empty());
    for (const CampaignRecord* one : {&b, &a, &b}) store.add_campaign(*one);
    EXPECT_EQ(store.campaigns(), both);
  }
  EXPECT_EQ(Store(file("s"), Store::Access::kRead).campaigns(), both);
  EXPECT_NE(a.hash(), record_of("a", "2").hash());
  EXPECT_EQ(a.value("seed"), "1");
  EXPECT_EQ(a.value("none"), "");
}

TEST_F(Campaigns, are_undone_with_their_group) {
  Store store(file("s"));
  {
    Store::Group group(store);
    store.add_campaign(record_of("a", "1"));
  }
  EXPECT_TRUE(store.campaigns().empty());
}

TEST_F(Campaigns, of_all_sources_are_in_a_merged_store) {
  const CampaignRecord a = record_of("a", "1"), b = record_of("b", "1");
  for (const char* name : {"1", "2"}) {
    Store store(file(name));
    add_row(store, name);
    store.add_campaign(a);
    if (*name == '2') store.add_campaign(b);
  }
  merge_stores(file("out"), {file("1"), file("2")});
  EXPECT_EQ(Store(file("out")).campaigns(), Store(file("2")).campaigns());
  EXPECT_EQ(Store(file("out")).campaigns().size(), 2U);
}

TEST_F(Campaigns, stores_made_before_they_were_kept_are_read_and_gone_on_with) {
  {
    Store store(file("s"));
    add_row(store, "key");
  }
  Connection(file("s")).run("DROP TABLE campaigns");
  {
    const Store store(file("s"), Store::Access::kRead);
    EXPECT_EQ(store.rows(), 1);
    EXPECT_TRUE(store.campaigns().empty());
  }
  Store store(file("s"));
  store.add_campaign(record_of("a", "1"));
  EXPECT_EQ(store.campaigns().size(), 1U);
}

TEST_F(Campaigns, that_no_tool_wrote_are_refused) {
  {
    Store store(file("s"));
    store.add_campaign(record_of("a", "1"));
  }
  EXPECT_EQ(refusal(file("s")), "");
  fs::copy_file(file("s"), file("changed"));
  Connection(file("changed")).run("UPDATE campaigns SET value = '2' WHERE key = 'seed'");
  EXPECT_NE(refusal(file("changed")).find("hash"), std::string::npos) << refusal(file("changed"));
  fs::copy_file(file("s"), file("other"));
  Connection(file("other")).run("ALTER TABLE campaigns RENAME COLUMN value TO text");
  EXPECT_NE(refusal(file("other")).find("table 'campaigns'"), std::string::npos) << refusal(file("other"));
  Store store(file("s"));
  EXPECT_THROW(store.add_campaign({}), Error);
  EXPECT_THROW(store.add_campaign({{{"a", "1"}, {"a", "2"}}}), Error);
  EXPECT_THROW(store.add_campaign({{{"a", "1\n2"}}}), Error);
}

}  // namespace
}  // namespace lanewise::record
