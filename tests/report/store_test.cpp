// SPDX-License-Identifier: Apache-2.0
// Stores, merges, dataset cards and campaigns.
#include "report/store.hpp"

#include "report/campaign.hpp"
#include "tests/report/rendered.hpp"

namespace lanewise::report::testing {
namespace {

study::StoreSummary make_summary() {
  study::StoreSummary summary;
  summary.store = kHostile;
  summary.rows = 1500;
  summary.failed = 20;
  summary.shapes = 300;
  summary.engines = 12;
  summary.outside_engines = 2;
  summary.tool_versions = {{"1.2.3", 1500}};
  summary.engine_families = {{"ne", 1500}};
  summary.subgraph_families = {{"convolution", 1480, 300, 10, 200, 3000}};
  summary.networks = {{"net", 1000, 12, 10}};
  for (int i = 0; i < 30; ++i) summary.failures.emplace_back("reason " + std::to_string(i), 1);
  summary.keys = {{"engine.clock", {"500 MHz", "1 GHz"}, {"2 GHz"}}};
  summary.splits = {{"split_row", 1000, 100, 300, 80}};
  return summary;
}

TEST(StoreJson, counts_agree_with_each_other) {
  const Parsed json = Parsed::parse(to_json(make_summary()));
  EXPECT_EQ(json.at("store"), kHostile);
  EXPECT_EQ(json.at("rows"), json.at("measured").get<int>() + json.at("failed").get<int>());
  int sides = 0;
  for (const auto& [side, rows] : json.at("splits").at("split_row").items()) sides += rows.get<int>();
  EXPECT_EQ(sides, json.at("measured"));
  EXPECT_EQ(json.at("pass_families").at("convolution").at("median_cycles"), 200);
  EXPECT_EQ(json.at("networks").at("net").at("complete_engines"), 10);
  EXPECT_EQ(json.at("engine_values").at("engine.clock").at("outside_ranges")[0], "2 GHz");
}

TEST(StoreJson, has_every_reason_for_failure_while_the_text_has_the_first) {
  EXPECT_EQ(Parsed::parse(to_json(make_summary())).at("failures").size(), 30u);
  EXPECT_TRUE(has_line(to_text(make_summary()), "reason 0"));
  EXPECT_FALSE(has_line(to_text(make_summary()), "reason 29"));
  EXPECT_TRUE(has_line(to_text(make_summary()), "reasons more; --json has them all"));
}

TEST(Store, an_empty_one_is_still_described) {
  const study::StoreSummary empty;
  EXPECT_EQ(Parsed::parse(to_json(empty)).at("rows"), 0);
  EXPECT_FALSE(to_text(empty).empty());
}

TEST(DatasetCard, begins_with_front_matter_and_tells_splits_and_failures) {
  const std::string card = dataset_card(make_summary());
  EXPECT_EQ(card.rfind("---\nlicense: apache-2.0\n", 0), 0u);
  EXPECT_NE(card.find("\n---\n", 4), std::string::npos) << "the front matter ends";
  EXPECT_TRUE(has_line(card, "| rows | 1,500, of which 1,480 measured and 20 failed |"));
  EXPECT_TRUE(has_line(card, "split_row", "1,000"));
  EXPECT_TRUE(has_line(card, "`engine.clock`", "2 GHz"));
}

TEST(DatasetCard, a_name_cannot_break_its_table) {
  study::StoreSummary summary = make_summary();
  summary.networks = {{"a|b\nc", 1000, 12, 10}};
  EXPECT_TRUE(has_line(dataset_card(summary), "| a\\|b c | 1,000 | 12 | 10"));
}

TEST(MergeOutcome, tells_what_each_source_brought) {
  record::MergeOutcome outcome;
  outcome.sources = {{"a.sqlite", 100, 0}, {kHostile, 80, 30}};
  outcome.rows = 150;
  const Parsed json = Parsed::parse(to_json(outcome, "out.sqlite"));
  EXPECT_EQ(json.at("store"), "out.sqlite");
  EXPECT_EQ(json.at("sources")[1].at("store"), kHostile);
  int distinct = 0;
  for (const Parsed& source : json.at("sources")) {
    distinct += source.at("rows").get<int>() - source.at("repeated").get<int>();
  }
  EXPECT_EQ(distinct, json.at("rows"));
  EXPECT_TRUE(has_line(to_text(outcome, "out.sqlite"), "2 stores, 30 rows"));
}

TEST(CampaignReport, a_shard_is_named_and_a_whole_campaign_has_none) {
  study::CampaignReport report;
  report.store = "s.sqlite";
  report.planned = 1000;
  report.measured = 990;
  EXPECT_TRUE(Parsed::parse(to_json(report)).at("shard").is_null());
  EXPECT_TRUE(has_line(to_text(report), "this campaign", "1,000 rows"));
  report.shard = "2/4";
  EXPECT_EQ(Parsed::parse(to_json(report)).at("shard"), "2/4");
  EXPECT_TRUE(has_line(to_text(report), "shard 2/4"));
}

}  // namespace
}  // namespace lanewise::report::testing
