// SPDX-License-Identifier: Apache-2.0
#include "study/training/active_learning.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "core/base/error.hpp"
#include "core/mapping/subgraph.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

class ActiveLearning : public ::testing::Test {
 protected:
  static Campaign small_campaign(double outside_share = 0) {
    CampaignOptions options;
    options.rows = 700;
    options.engines = 12;
    options.seed = 5;
    options.variants = 2;
    options.outside_share = outside_share;
    return plan_campaign({mobilenet(), squeezenet()}, small_engine(), engine::load_family(kEnginePath), options);
  }

  static LearningSettings quick(const std::string& target) {
    LearningSettings settings;
    settings.target = parse_accuracy_target(target);
    settings.first_rows = 100;
    settings.batch_rows = 60;
    settings.hold_out_rows = 60;
    settings.exploring.trees = 30;
    settings.exploring.depth = 5;
    settings.exploring.learning_rate = 0.2;
    return settings;
  }

  LearningOutcome learned(const Campaign& campaign, const LearningSettings& settings, const std::string& name,
                          int workers = 2, const Progress& progress = {}) const {
    record::Store store(folder_.file(name));
    sim::WorkerPool pool(kWorker, workers);
    return learn(campaign, settings, store, pool, progress);
  }

  // Every row's key and latency.
  std::string rows_of(const std::string& name) const {
    std::string text;
    record::Store(folder_.file(name)).for_each([&](const record::Row& row) {
      text += row.engine_hash + " " + row.subgraph_key + " " + std::to_string(row.measurement.latency.count()) + "\n";
    });
    return text;
  }

  static std::string shape_of(const Campaign& campaign, std::size_t job) {
    return mapping::shape_key(mapping::parse_subgraph_key(campaign.jobs[job].subgraph_key).shape);
  }

  ScratchFolder folder_;
};

TEST_F(ActiveLearning, stops_where_the_target_is_reached) {
  const Campaign campaign = small_campaign();
  const LearningOutcome outcome = learned(campaign, quick("within10>=0.5"), "a");
  EXPECT_EQ(outcome.end, LearningEnd::kReached);
  ASSERT_FALSE(outcome.rounds.empty());
  for (std::size_t i = 0; i < outcome.rounds.size(); ++i) {
    EXPECT_EQ(outcome.rounds[i].accuracy.within_10_percent >= 50, i + 1 == outcome.rounds.size());
    EXPECT_EQ(outcome.rounds[i].rows, static_cast<std::int64_t>(100 + 60 * i));
    EXPECT_EQ(outcome.rounds[i].accuracy.rows, 60);
  }
  record::Store store(folder_.file("a"));
  EXPECT_EQ(store.rows(), static_cast<std::int64_t>(outcome.chosen.size() + outcome.frozen.size()));
}

TEST_F(ActiveLearning, says_when_the_campaign_is_exhausted) {
  const Campaign campaign = small_campaign();
  const LearningOutcome outcome = learned(campaign, quick("mape<=0.0001"), "a");
  EXPECT_EQ(outcome.end, LearningEnd::kExhausted);
  EXPECT_EQ(outcome.chosen.size() + outcome.frozen.size() + outcome.refused.size(), campaign.jobs.size());
}

TEST_F(ActiveLearning, measures_no_more_than_it_may) {
  LearningSettings settings = quick("mape<=0.0001");
  settings.most_rows = 175;
  const LearningOutcome outcome = learned(small_campaign(), settings, "a");
  EXPECT_EQ(outcome.end, LearningEnd::kMostRows);
  EXPECT_EQ(outcome.chosen.size(), 175u);
}

TEST_F(ActiveLearning, never_trains_on_a_shape_of_the_hold_out) {
  const Campaign campaign = small_campaign(0.2);
  const LearningOutcome outcome = learned(campaign, quick("mape<=0.0001"), "a");
  std::set<std::string> held;
  std::set<std::size_t> seen;
  for (const std::size_t job : outcome.frozen) {
    held.insert(shape_of(campaign, job));
    EXPECT_TRUE(seen.insert(job).second);
    EXPECT_FALSE(campaign.engines[campaign.jobs[job].engine].outside_ranges);
  }
  EXPECT_FALSE(held.empty());
  for (const std::size_t job : outcome.chosen) {
    EXPECT_EQ(held.count(shape_of(campaign, job)), 0u);
    EXPECT_TRUE(seen.insert(job).second) << "chosen twice";
    EXPECT_FALSE(campaign.engines[campaign.jobs[job].engine].outside_ranges);
  }
}

TEST_F(ActiveLearning, holds_engines_out_where_asked_to) {
  const Campaign campaign = small_campaign();
  LearningSettings settings = quick("mape<=0.0001");
  settings.split = estimator::Split::kUnseenEngine;
  settings.most_rows = 160;
  const LearningOutcome outcome = learned(campaign, settings, "a");
  std::set<std::size_t> held;
  for (const std::size_t job : outcome.frozen) held.insert(campaign.jobs[job].engine);
  EXPECT_FALSE(held.empty());
  for (const std::size_t job : outcome.chosen) EXPECT_EQ(held.count(campaign.jobs[job].engine), 0u);
}

TEST_F(ActiveLearning, chooses_the_same_whatever_the_number_of_workers) {
  const Campaign campaign = small_campaign();
  LearningSettings settings = quick("mape<=0.0001");
  settings.most_rows = 280;
  const LearningOutcome one = learned(campaign, settings, "one", 1);
  settings.exploring.threads = 1;
  const LearningOutcome two = learned(campaign, settings, "two", 3);
  EXPECT_EQ(one.chosen, two.chosen);
  EXPECT_EQ(rows_of("one"), rows_of("two"));
}

TEST_F(ActiveLearning, stopped_it_goes_on_to_the_same_rows) {
  const Campaign campaign = small_campaign();
  LearningSettings settings = quick("mape<=0.0001");
  settings.most_rows = 280;
  const LearningOutcome whole = learned(campaign, settings, "whole");
  // Stopped ever later, until it comes through: before, between and inside rounds.
  LearningOutcome pieces;
  int stops = 0;
  for (int patience = 5; pieces.rounds.empty(); patience += 5) {
    Progress progress;
    progress.stopped = [left = patience]() mutable { return --left < 0; };
    try {
      pieces = learned(campaign, settings, "pieces", 2, progress);
    } catch (const Interrupted&) {
      ++stops;
    }
  }
  EXPECT_GT(stops, 1);
  EXPECT_EQ(pieces.chosen, whole.chosen);
  EXPECT_EQ(rows_of("pieces"), rows_of("whole"));
}

TEST_F(ActiveLearning, strategies_begin_alike_and_look_at_the_same_hold_out) {
  const Campaign campaign = small_campaign();
  LearningSettings settings = quick("mape<=0.0001");
  settings.most_rows = 160;
  const LearningOutcome active = learned(campaign, settings, "a");
  settings.strategy = LearningStrategy::kRandom;
  const LearningOutcome random = learned(campaign, settings, "b");
  EXPECT_EQ(active.frozen, random.frozen);
  EXPECT_TRUE(std::equal(active.chosen.begin(), active.chosen.begin() + 100, random.chosen.begin()));
  EXPECT_EQ(active.rounds.front().accuracy.mape_percent, random.rounds.front().accuracy.mape_percent);
  EXPECT_NE(active.chosen, random.chosen);
}

TEST_F(ActiveLearning, the_hold_out_does_not_depend_on_the_seed) {
  const Campaign campaign = small_campaign();
  LearningSettings settings = quick("mape<=0.0001");
  settings.most_rows = 100;
  const LearningOutcome one = learned(campaign, settings, "a");
  settings.seed = 2;
  const LearningOutcome two = learned(campaign, settings, "b");
  EXPECT_EQ(one.frozen, two.frozen);
  EXPECT_NE(one.chosen, two.chosen);
}

TEST_F(ActiveLearning, refuses_a_campaign_with_one_side_only) {
  Campaign campaign = small_campaign();
  campaign.jobs.resize(1);
  try {
    learned(campaign, quick("mape<=1"), "a");
    ADD_FAILURE() << "took a campaign of one point";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("unseen_shape"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace lanewise::study::testing
