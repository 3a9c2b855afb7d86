// SPDX-License-Identifier: Apache-2.0
// A regressor that is fed by features.csv sees what Lanewise's own sees, and answers the same.
#include "study/dataset/feature_export.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "core/base/version.hpp"
#include "core/record/engine_values.hpp"
#include "core/record/file.hpp"
#include "estimator/booster.hpp"
#include "estimator/features.hpp"
#include "estimator/training_set.hpp"
#include "study/campaign/campaign.hpp"
#include "study/dataset/sample_set.hpp"
#include "study/dataset/splits.hpp"
#include "tests/core/record/csv_text.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

using Cells = std::vector<std::string>;

// The file as somebody else reads it.
class FeatureExport : public ::testing::Test {
 protected:
  // Rows of 12 engines, one beyond the ranges; every ninth row failed. The latency is some law of the analytical model.
  FeatureExport() : store_(folder_.file("rows")) {
    CampaignOptions options;
    options.rows = 900;
    options.engines = 12;
    options.outside_share = 0.1;
    options.variants = 1;
    const Campaign campaign = plan_campaign({squeezenet()}, small_engine(), engine::load_family(kEnginePath), options);
    int number = 0;
    for (const Job& job : campaign.jobs) {
      const SampledEngine& engine = campaign.engines[job.engine];
      record::Row row;
      row.engine_hash = engine.hash;
      row.subgraph_key = job.subgraph_key;
      row.tool_version = version();
      row.engine_values = record::engine_values(engine.config);
      row.engine_values.emplace_back(record::kOutsideRangesKey, engine.outside_ranges ? "true" : "false");
      const mapping::Subgraph subgraph = mapping::parse_subgraph_key(job.subgraph_key);
      row.measurement.latency = Cycles(1000 + 37 * (number % 101) + subgraph.shape.macs() / 300);
      row.measurement.energy = Picojoules(1000 + number);
      row.measurement.dram_read = Bytes(number % 5 == 0 ? 0 : 640);
      if (++number % 9 == 0) row.failure = "does not fit";
      store_.insert(row);
    }
    splits_ = split_rows(store_, "rows");
    columns_ = export_features(store_, "rows", splits_, folder_.file("features.csv"));
    lines_ = record::testing::csv_records(record::read_file(folder_.file("features.csv")));
    header_ = lines_.front();
    lines_.erase(lines_.begin());
  }

  const std::string& cell(std::size_t row, const std::string& column) const {
    const auto found = std::find(header_.begin(), header_.end(), column);
    EXPECT_NE(found, header_.end()) << column;
    return lines_[row][static_cast<std::size_t>(found - header_.begin())];
  }
  double number(std::size_t row, const std::string& column) const {
    return std::strtod(cell(row, column).c_str(), nullptr);
  }
  std::vector<float> features(std::size_t row) const {
    std::vector<float> values;
    for (std::size_t c = 0; c < header_.size(); ++c) {
      if (header_[c].rfind(kFeaturePrefix, 0) == 0) values.push_back(std::strtof(lines_[row][c].c_str(), nullptr));
    }
    return values;
  }

  ScratchFolder folder_;
  record::Store store_;
  std::vector<record::RowSplits> splits_;
  std::vector<record::DataColumn> columns_;
  Cells header_;
  std::vector<Cells> lines_;
};

TEST_F(FeatureExport, columns_are_described_and_hold_numbers) {
  ASSERT_EQ(columns_.size(), header_.size());
  std::set<std::string> names;
  for (std::size_t c = 0; c < header_.size(); ++c) {
    EXPECT_EQ(columns_[c].name, header_[c]);
    EXPECT_TRUE(names.insert(header_[c]).second) << header_[c];
    EXPECT_NE(columns_[c].unit, "");
    EXPECT_NE(columns_[c].meaning, "");
    if (columns_[c].unit == "text") continue;
    for (const Cells& line : lines_) {
      char* end = nullptr;
      EXPECT_TRUE(std::isfinite(std::strtod(line[c].c_str(), &end))) << header_[c];
      EXPECT_TRUE(!line[c].empty() && *end == 0) << header_[c] << ": " << line[c];
    }
  }
}

TEST_F(FeatureExport, rows_are_those_that_training_sees_to_the_last_bit) {
  const SampleSet set = load_sample_set(store_, "rows");
  const estimator::TrainingSet training(set.samples);
  ASSERT_EQ(lines_.size(), set.samples.size());
  EXPECT_GT(set.failed, 0);
  EXPECT_EQ(static_cast<std::int64_t>(lines_.size()), store_.rows() - set.failed);
  // The order of training is that of the file, so that sums have the order that they have there.
  std::vector<std::size_t> order(lines_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  EXPECT_EQ(training.order(), order);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    ASSERT_EQ(cell(i, "engine_hash"), training.keys()[i].engine_hash);
    ASSERT_EQ(cell(i, "subgraph_key"), training.keys()[i].subgraph_key);
    ASSERT_EQ(features(i), training.features(i)) << i;
    EXPECT_EQ(number(i, "latency_cycles"),
              estimator::measured(estimator::Target::kLatency, set.samples[i].measurement));
    EXPECT_EQ(number(i, "analytical_latency_cycles"),
              estimator::analytical_value(estimator::Target::kLatency, training.analytic(i)));
    EXPECT_EQ(number(i, "outside_ranges"), set.samples[i].outside_ranges ? 1 : 0);
    EXPECT_EQ(number(i, "occurrences"), set.samples[i].weight);
  }
}

TEST_F(FeatureExport, splits_are_those_that_lanewise_is_tested_on) {
  const SampleSet set = load_sample_set(store_, "rows");
  for (const auto split :
       {estimator::Split::kRandom, estimator::Split::kUnseenEngine, estimator::Split::kUnseenShape}) {
    const std::vector<bool> held = estimator::held_out(set.samples, split);
    EXPECT_GT(std::count(held.begin(), held.end(), true), 0);
    const std::string column = std::string("held_out_") + estimator::to_string(split);
    for (std::size_t i = 0; i < held.size(); ++i) EXPECT_EQ(number(i, column), held[i] ? 1 : 0) << column << i;
  }
}

TEST_F(FeatureExport, a_regressor_fed_by_the_file_is_the_one_that_lanewise_trains) {
  const SampleSet set = load_sample_set(store_, "rows");
  estimator::TrainOptions options;
  options.trees = 40;
  options.depth = 5;
  options.folds = 0;
  const std::vector<bool> held = estimator::held_out(set.samples, estimator::Split::kUnseenEngine);
  const estimator::Estimator ours = estimator::Estimator::train(set.samples, options, held);

  std::vector<float> rows, labels, all;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const std::vector<float> values = features(i);
    all.insert(all.end(), values.begin(), values.end());
    if (number(i, "held_out_unseen_engine") != 0 || number(i, "outside_ranges") != 0) continue;
    rows.insert(rows.end(), values.begin(), values.end());
    labels.push_back(std::strtof(cell(i, "log_latency_ratio").c_str(), nullptr));
  }
  estimator::BoosterOptions booster;
  booster.seed = options.seed;
  booster.trees = options.trees;
  booster.depth = options.depth;
  booster.learning_rate = options.learning_rate;
  const std::vector<float> answers = estimator::Booster::train(rows, labels, booster).predict(all, lines_.size());

  std::vector<estimator::Estimator::Query> queries;
  for (const estimator::Sample& sample : set.samples) queries.push_back({&sample.subgraph, sample.engine});
  const std::vector<Cycles> predicted = ours.predict_latencies(queries);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const double cycles = std::max(number(i, "analytical_latency_cycles") * std::exp(static_cast<double>(answers[i])),
                                   number(i, "least_latency_cycles"));
    EXPECT_EQ(predicted[i].count(), std::llround(cycles)) << i;
  }
}

TEST_F(FeatureExport, equal_rows_give_equal_bytes) {
  export_features(store_, "another name", splits_, folder_.file("again.csv"));
  EXPECT_EQ(record::read_file(folder_.file("again.csv")), record::read_file(folder_.file("features.csv")));
}

}  // namespace
}  // namespace lanewise::study::testing
