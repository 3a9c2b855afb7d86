// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/engine_values.hpp"
#include "sim/pool/worker_protocol.hpp"
#include "study/campaign/campaign.hpp"
#include "study/dataset/sample_set.hpp"
#include "study/dataset/splits.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

class DatasetSplits : public ::testing::Test {
 protected:
  // Rows of 40 engines, some beyond the ranges; every seventh row failed. What was measured does not matter here.
  DatasetSplits() : store_(folder_.file("rows")) {
    CampaignOptions options;
    options.rows = 3000;
    options.engines = 40;
    options.outside_share = 0.1;
    options.variants = 2;
    const Campaign campaign =
        plan_campaign({mobilenet(), squeezenet()}, small_engine(), engine::load_family(kEnginePath), options);
    int number = 0;
    for (const Job& job : campaign.jobs) {
      const SampledEngine& engine = campaign.engines[job.engine];
      record::Row row;
      row.engine_hash = engine.hash;
      row.subgraph_key = job.subgraph_key;
      row.tool_version = version();
      row.engine_values = record::engine_values(engine.config);
      row.engine_values.emplace_back(record::kOutsideRangesKey, engine.outside_ranges ? "true" : "false");
      row.measurement.latency = Cycles(100 + number);
      if (++number % 7 == 0) row.failure = "does not fit";
      store_.insert(row);
    }
    rows_ = split_rows(store_, "rows");
  }

  ScratchFolder folder_;
  record::Store store_;
  std::vector<record::RowSplits> rows_;
};

TEST_F(DatasetSplits, test_sides_are_what_the_estimator_holds_out_and_it_trains_on_the_others) {
  const SampleSet set = load_sample_set(store_, "rows");
  for (std::size_t c = 0; c < split_columns().size(); ++c) {
    const std::vector<bool> held = estimator::held_out(set.samples, split_columns()[c].split);
    std::size_t sample = 0;
    std::map<std::string, int> sides;
    for (const record::RowSplits& row : rows_) {
      const std::string& side = side_of(row, c);
      ++sides[side];
      if (side.empty()) continue;  // failed: the estimator never sees it
      ASSERT_LT(sample, held.size());
      ASSERT_EQ(mapping::subgraph_key(set.samples[sample].subgraph), row.subgraph_key);
      EXPECT_EQ(side == "test", held[sample]);
      EXPECT_EQ(side == "train" || side == "validation", !held[sample] && !set.samples[sample].outside_ranges);
      ++sample;
    }
    EXPECT_EQ(sample, held.size());
    EXPECT_EQ(sides[""], 3000 / 7);
    EXPECT_GT(sides["train"], sides["test"]);
    EXPECT_GT(sides["test"], 0);
    EXPECT_GT(sides["validation"], 0);
  }
}

TEST_F(DatasetSplits, validation_is_a_tenth_of_the_rest) {
  int validation = 0, train = 0;
  for (const record::RowSplits& row : rows_) {
    validation += row.row == "validation" ? 1 : 0;
    train += row.row == "train" ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(validation) / (validation + train), 0.1, 0.02);
}

TEST_F(DatasetSplits, what_belongs_together_is_on_one_side) {
  std::map<std::string, std::set<std::string>> by_engine, by_shape;
  std::map<std::string, std::set<std::string>> contexts;
  for (const record::RowSplits& row : rows_) {
    if (row.row.empty()) continue;
    by_engine[row.engine_hash].insert(row.engine);
    if (row.shape == "outside") continue;
    const std::string shape = mapping::shape_key(mapping::parse_subgraph_key(row.subgraph_key).shape);
    by_shape[shape].insert(row.shape);
    contexts[shape].insert(row.subgraph_key);
  }
  for (const auto& [hash, sides] : by_engine) EXPECT_EQ(sides.size(), 1u) << hash;
  bool several = false;
  for (const auto& [shape, sides] : by_shape) {
    EXPECT_EQ(sides.size(), 1u) << shape;
    several = several || contexts[shape].size() > 1;
  }
  EXPECT_TRUE(several) << "no shape in two contexts: nothing was tested";
}

TEST_F(DatasetSplits, refuses_rows_of_another_version) {
  record::Row row;
  row.engine_hash = "00000000000000aa";
  row.subgraph_key = rows_[0].subgraph_key;
  row.tool_version = "0.0.9";
  row.engine_values = record::engine_values(small_engine());
  row.engine_values.emplace_back(record::kOutsideRangesKey, "false");
  row.measurement.latency = Cycles(100);
  store_.insert(row);
  try {
    split_rows(store_, "rows");
    FAIL() << "were split";
  } catch (const Error& error) {
    for (const char* word : {"rows", "0.0.9"})
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace lanewise::study::testing
