// SPDX-License-Identifier: Apache-2.0
// Campaigns without the engines that ship, and what a store keeps of a campaign.
#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "study/campaign/campaign.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

CampaignOptions options_of(bool members) {
  CampaignOptions options;
  options.rows = 300;
  options.engines = 24;
  options.seed = 5;
  options.variants = 1;
  options.members = members;
  return options;
}

Campaign plan(const CampaignOptions& options) {
  return plan_campaign({squeezenet()}, small_engine(), engine::load_family(kEnginePath), options);
}

bool is_ranged(const engine::Family& family, const std::string& key) {
  return std::any_of(family.ranges.begin(), family.ranges.end(),
                     [&](const engine::FamilyRange& range) { return range.key == key; });
}

std::set<std::string> described_hashes() {
  std::set<std::string> hashes;
  for (const std::string& member : engine::load_family(kEnginePath).members) {
    hashes.insert(engine::engine_hash(engine::load_engine(member).config));
  }
  return hashes;
}

TEST(CampaignMembers, are_measured_unless_the_ranges_alone_are_asked_for) {
  const std::set<std::string> described = described_hashes();
  ASSERT_GT(described.size(), 1u);
  std::size_t with = 0;
  for (const SampledEngine& engine : plan(options_of(true)).engines) with += described.count(engine.hash);
  EXPECT_EQ(with, described.size());

  const engine::Family family = engine::load_family(kEnginePath);
  const Campaign alone = plan(options_of(false));
  EXPECT_EQ(alone.engines.size(), 24u);
  for (const SampledEngine& engine : alone.engines) {
    EXPECT_EQ(described.count(engine.hash), 0u) << engine.config.name;
    EXPECT_TRUE(engine.drawn);
    if (engine.outside_ranges) continue;
    for (const engine::FamilyRange& range : family.ranges) {
      const std::string value = engine::value_text(engine.config, range.key);
      EXPECT_EQ(std::count(range.values.begin(), range.values.end(), value), 1) << range.key << " " << value;
    }
    // What no range varies is of the engine of the file.
    for (const char* key : {"accumulators.bits", "dram.latency"}) {
      if (is_ranged(family, key)) continue;
      EXPECT_EQ(engine::value_text(engine.config, key), engine::value_text(small_engine(), key)) << key;
    }
  }
  EXPECT_EQ(alone.jobs.size(), 300u);
}

TEST(CampaignMembers, the_engine_of_the_file_is_there_where_rows_are_asked_for_on_it) {
  CampaignOptions options = options_of(false);
  options.base_share = 0.2;
  const Campaign campaign = plan(options);
  EXPECT_EQ(campaign.engines.front().hash, engine::engine_hash(small_engine()));
  const std::set<std::string> described = described_hashes();
  std::size_t met = 0, rows = 0;
  for (const SampledEngine& engine : campaign.engines) met += described.count(engine.hash);
  EXPECT_EQ(met, 1u);
  for (const Job& job : campaign.jobs) rows += job.engine == 0 ? 1 : 0;
  // As many as the network has for it, and more than the even share.
  EXPECT_GT(rows, 2 * 300u / 24);
}

TEST(CampaignMembers, ranges_that_hold_nothing_else_are_refused) {
  engine::Family family = engine::load_family(kEnginePath);
  const engine::EngineConfig base = small_engine();
  for (engine::FamilyRange& range : family.ranges) {
    range.values = {engine::value_text(base, range.key)};
    range.outside_values.clear();
  }
  EXPECT_THROW(plan_campaign({squeezenet()}, base, family, options_of(false)), Error);
}

TEST(CampaignRecord, says_plan_ranges_and_seed) {
  CampaignOptions options = options_of(false);
  options.name = "mine";
  options.sampling = EngineSampling::kSobol;
  ShapeRanges shape;
  shape.family = mapping::SubgraphFamily::kPooling;
  shape.in_channels = {5, 7};
  options.shapes = {shape};
  options.shape_share = 0.1;
  const record::CampaignRecord record = plan(options).record;
  EXPECT_EQ(record.value("name"), "mine");
  EXPECT_EQ(record.value("family"), "ne");
  EXPECT_EQ(record.value("rows"), "300");
  EXPECT_EQ(record.value("seed"), "5");
  EXPECT_EQ(record.value("engines.count"), "24");
  EXPECT_EQ(record.value("engines.sampling"), "sobol");
  EXPECT_EQ(record.value("engines.members"), "false");
  EXPECT_EQ(record.value("shares.networks"), "0.5");
  EXPECT_EQ(record.value("shapes.pooling.in_channels"), "[5, 7]");
  EXPECT_EQ(record.value("engines.set.name"), "ne-256");
  EXPECT_EQ(record.value("networks.names").find("[" + squeezenet().name() + " "), 0u) << record.value("networks.names");
  for (const engine::FamilyRange& range : engine::load_family(kEnginePath).ranges) {
    const std::string values = record.value("engines.ranges." + range.key + ".values");
    for (const std::string& value : range.values) EXPECT_NE(values.find(value), std::string::npos) << range.key;
  }
}

TEST(CampaignRecord, is_that_of_the_whole_campaign_and_tells_others_apart) {
  CampaignOptions options = options_of(true);
  const std::string whole = plan(options).record.hash();
  options.shard = {2, 3};
  EXPECT_EQ(plan(options).record.hash(), whole);
  std::set<std::string> hashes = {whole};
  const auto expect_other = [&](const CampaignOptions& changed) {
    EXPECT_TRUE(hashes.insert(plan(changed).record.hash()).second);
  };
  CampaignOptions other = options_of(true);
  other.seed = 6;
  expect_other(other);
  other = options_of(false);
  expect_other(other);
  other = options_of(true);
  other.network_share = 0.25;
  expect_other(other);
  other = options_of(true);
  other.forms.row_share = 0.5;
  expect_other(other);
}

}  // namespace
}  // namespace lanewise::study::testing
