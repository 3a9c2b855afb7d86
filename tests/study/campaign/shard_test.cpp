// SPDX-License-Identifier: Apache-2.0
#include "study/campaign/shard.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "core/base/error.hpp"
#include "study/campaign/campaign.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

Campaign plan(std::int64_t rows, const Shard& shard = {}) {
  CampaignOptions options;
  options.shard = shard;
  options.rows = rows;
  options.engines = 12;
  options.variants = 2;
  return plan_campaign({squeezenet()}, small_engine(), engine::load_family(kEnginePath), options);
}

// Jobs as text, in order.
std::vector<std::string> jobs_of(const Campaign& campaign) {
  std::vector<std::string> jobs;
  for (const Job& job : campaign.jobs) jobs.push_back(campaign.engines[job.engine].hash + " " + job.subgraph_key);
  return jobs;
}

TEST(Shard, is_read_as_index_and_count) {
  const Shard shard = parse_shard("3/8");
  EXPECT_EQ(shard.index, 3);
  EXPECT_EQ(shard.count, 8);
  EXPECT_EQ(parse_shard("1000000/1000000").index, kMostShards);
}

TEST(Shard, refuses_everything_else_in_words) {
  for (const char* text : {"", "/", "3", "3/", "/8", "0/8", "9/8", "-1/8", "+1/8", "1/0", "1.5/8", "1/8/2", "a/b",
                           " 1/8", "1/8 ", "1/1000001", "1/99999999999999999999999"}) {
    try {
      parse_shard(text);
      FAIL() << "took '" << text << "'";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("'" + std::string(text) + "': must be I/N"), std::string::npos)
          << error.what();
    }
  }
}

TEST(Shard, shards_are_disjoint_and_together_the_whole_campaign_in_its_order) {
  const Campaign whole = plan(600);
  for (const std::int64_t count : {1, 2, 3, 7, 64}) {
    std::multiset<std::string> joined;
    for (std::int64_t index = 1; index <= count; ++index) {
      const Campaign part = plan(600, {index, count});
      const std::vector<std::string> jobs = jobs_of(part);
      joined.insert(jobs.begin(), jobs.end());
      EXPECT_EQ(part.engines.size(), whole.engines.size());
      // In the campaign's order, which is engine by engine.
      for (std::size_t i = 1; i < part.jobs.size(); ++i) EXPECT_LE(part.jobs[i - 1].engine, part.jobs[i].engine);
    }
    const std::vector<std::string> all = jobs_of(whole);
    EXPECT_EQ(joined, std::multiset<std::string>(all.begin(), all.end())) << count << " shards";
  }
}

TEST(Shard, takes_whole_engines_and_parts_of_those_at_its_borders) {
  // Ten engines, four shards: 2.5 engines each.
  const Shard second = parse_shard("2/4");
  std::vector<std::int64_t> taken;
  for (std::size_t e = 0; e < 10; ++e) {
    const EnginePart part = part_of_engine(second, e, 10);
    taken.push_back(part.empty() ? 0 : part.end - part.begin);
  }
  EXPECT_EQ(taken, (std::vector<std::int64_t>{0, 0, 2, 4, 4, 0, 0, 0, 0, 0}));  // of four parts each
}

TEST(Shard, parts_cover_every_engine_exactly_once) {
  for (const std::size_t engines : {1, 2, 5, 12, 400}) {
    for (const std::int64_t count : {1, 2, 3, 7, 12, 1000}) {
      for (std::size_t e = 0; e < engines; ++e) {
        std::int64_t next = 0;
        for (std::int64_t index = 1; index <= count; ++index) {
          const EnginePart part = part_of_engine({index, count}, e, engines);
          if (part.empty()) continue;
          ASSERT_EQ(part.begin, next);
          next = part.end;
        }
        ASSERT_EQ(next, count) << engines << " engines, " << count << " shards, engine " << e;
      }
    }
  }
}

TEST(Shard, shares_are_even) {
  // 600 rows, 50 on each of 12 engines.
  for (std::int64_t index = 1; index <= 4; ++index) {
    const Campaign part = plan(600, {index, 4});
    // Engines may differ by a row or two.
    EXPECT_NEAR(static_cast<double>(part.jobs.size()), 150, 6) << index;
  }
  for (std::int64_t index = 1; index <= 24; ++index) {
    const Campaign part = plan(600, {index, 24});
    // 25 of an engine's 50 expected, standard deviation 3.5: four of them are left on either side.
    EXPECT_NEAR(static_cast<double>(part.jobs.size()), 25, 14) << index;
  }
}

}  // namespace
}  // namespace lanewise::study::testing
