// SPDX-License-Identifier: Apache-2.0
// Against values worked out by hand.
#include "study/validation/validation_statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace lanewise::study {
namespace {

study::ValidatedRow row_of(std::int64_t measured, std::int64_t simulated, const std::string& part = "all") {
  study::ValidatedRow row;
  row.part = part;
  row.measured = measured;
  row.simulated = simulated;
  return row;
}

TEST(ErrorStatistics, are_those_of_the_rows) {
  // Errors 1, 4, 8 and 20 %.
  const study::ErrorStatistics s =
      error_statistics({row_of(2000, 2020), row_of(1000, 960), row_of(100, 108), row_of(200, 160)});
  EXPECT_EQ(s.rows, 4);
  EXPECT_EQ(s.failed, 0);
  EXPECT_DOUBLE_EQ(s.mape_percent, 8.25);
  EXPECT_DOUBLE_EQ(s.median_percent, 6);
  EXPECT_DOUBLE_EQ(s.p95_percent, 20);
  EXPECT_DOUBLE_EQ(s.worst_percent, 20);
  EXPECT_DOUBLE_EQ(s.worst_long_percent, 4);  // a row of exactly 1,000 cycles is long
  EXPECT_DOUBLE_EQ(s.worst_short_cycles, 40);
  EXPECT_DOUBLE_EQ(s.within_2_percent, 25);
  EXPECT_DOUBLE_EQ(s.within_5_percent, 50);
  EXPECT_DOUBLE_EQ(s.within_10_percent, 75);
  EXPECT_TRUE(s.timestamps.empty());
}

TEST(ErrorStatistics, the_95th_percentile_leaves_out_a_twentieth) {
  std::vector<study::ValidatedRow> rows;
  for (int percent = 1; percent <= 20; ++percent) rows.push_back(row_of(100, 100 + percent));
  EXPECT_DOUBLE_EQ(error_statistics(rows).p95_percent, 19);
  EXPECT_DOUBLE_EQ(error_statistics(rows).median_percent, 10.5);
  rows.push_back(row_of(100, 121));
  EXPECT_DOUBLE_EQ(error_statistics(rows).p95_percent, 20);
  EXPECT_DOUBLE_EQ(error_statistics(rows).median_percent, 11);
  EXPECT_DOUBLE_EQ(error_statistics({row_of(100, 103)}).p95_percent, 3);
}

TEST(ErrorStatistics, failed_rows_are_counted_and_left_out) {
  std::vector<study::ValidatedRow> rows = {row_of(2000, 2100), row_of(2000, 0)};
  rows[1].failure = "does not fit";
  const study::ErrorStatistics s = error_statistics(rows);
  EXPECT_EQ(s.rows, 1);
  EXPECT_EQ(s.failed, 1);
  EXPECT_DOUBLE_EQ(s.worst_percent, 5);
  EXPECT_TRUE(std::isnan(s.worst_short_cycles));  // no short row
}

TEST(ErrorStatistics, no_rows_give_no_figures) {
  const study::ErrorStatistics s = error_statistics({});
  EXPECT_EQ(s.rows, 0);
  for (const double value : {s.mape_percent, s.median_percent, s.p95_percent, s.worst_percent, s.within_2_percent}) {
    EXPECT_TRUE(std::isnan(value));
  }
}

TEST(ErrorStatistics, timestamp_errors_are_over_the_rows_that_give_them) {
  std::vector<study::ValidatedRow> rows = {row_of(100, 100), row_of(100, 100), row_of(100, 100)};
  rows[0].timestamps = {{"first_mac", 50, 55}};
  rows[2].timestamps = {{"first_mac", 200, 140}, {"read_beats", 8, 8}};
  const study::ErrorStatistics s = error_statistics(rows);
  ASSERT_EQ(s.timestamps.size(), 2u);
  EXPECT_EQ(s.timestamps[0].name, "first_mac");
  EXPECT_DOUBLE_EQ(s.timestamps[0].mape_percent, 20);
  EXPECT_EQ(s.timestamps[1].name, "read_beats");
  EXPECT_DOUBLE_EQ(s.timestamps[1].mape_percent, 0);
}

TEST(Summary, parts_keep_their_order_and_the_worst_come_first) {
  std::vector<study::ValidatedRow> rows;
  for (int i = 0; i < 12; ++i) rows.push_back(row_of(1000, 1000 + (i % 2 == 0 ? i : -i) * 10, i < 5 ? "z" : "a"));
  const study::ValidatedGroup group = summarize(rows);
  ASSERT_EQ(group.parts.size(), 2u);
  EXPECT_EQ(group.parts[0].first, "z");
  EXPECT_EQ(group.parts[0].second.rows, 5);
  EXPECT_DOUBLE_EQ(group.parts[0].second.mape_percent, 2);
  EXPECT_EQ(group.parts[1].second.rows, 7);
  EXPECT_DOUBLE_EQ(group.parts[1].second.worst_percent, 11);
  ASSERT_EQ(group.worst.size(), 10u);
  EXPECT_EQ(group.worst[0].simulated, 890);
  EXPECT_EQ(group.worst[1].simulated, 1100);
  EXPECT_EQ(group.worst[9].simulated, 1020);
}

study::ValidatedSequence sequence_of(const std::vector<std::pair<std::int64_t, std::int64_t>>& done) {
  study::ValidatedSequence sequence;
  for (const auto& [measured, simulated] : done) {
    study::ValidatedPosition position;
    position.measured_done = measured;
    position.simulated_done = simulated;
    sequence.positions.push_back(position);
  }
  return sequence;
}

TEST(Sequence, the_period_is_the_mean_difference_of_ends) {
  study::ValidatedSequence sequence = sequence_of({{1000, 900}, {1500, 1500}, {2500, 2550}});
  sequence.positions[1].measured_load_enabled = 200;
  sequence.positions[1].simulated_load_enabled = 190;
  sequence.positions[2].measured_load_enabled = 1100;
  sequence.positions[2].simulated_load_enabled = 1130;
  summarize(sequence);
  EXPECT_DOUBLE_EQ(sequence.measured_period, 750);  // of 500 and 1000
  EXPECT_DOUBLE_EQ(sequence.simulated_period, 825);
  EXPECT_DOUBLE_EQ(sequence.period_error_percent, 10);
  EXPECT_DOUBLE_EQ(sequence.done_mape_percent, 4);  // 10, 0 and 2 %
  EXPECT_DOUBLE_EQ(sequence.load_enabled_mean_error_cycles, 20);
}

TEST(Sequence, one_layer_has_no_period) {
  study::ValidatedSequence sequence = sequence_of({{1000, 1100}});
  summarize(sequence);
  EXPECT_TRUE(std::isnan(sequence.measured_period));
  EXPECT_TRUE(std::isnan(sequence.period_error_percent));
  EXPECT_DOUBLE_EQ(sequence.done_mape_percent, 10);
}

TEST(Sequence, together_they_give_mean_and_worst_period) {
  study::SequenceValidation validation;
  validation.sequences = {sequence_of({{1000, 1000}, {2000, 1900}}), sequence_of({{1000, 1000}, {2000, 2020}}),
                          sequence_of({{1000, 1300}}), sequence_of({{1000, 1}, {2000, 2}})};
  validation.sequences[3].failure = "does not fit";
  for (study::ValidatedSequence& sequence : validation.sequences) summarize(sequence);
  summarize(validation);
  EXPECT_EQ(validation.failed, 1);
  EXPECT_DOUBLE_EQ(validation.mape_percent, 6);
  EXPECT_DOUBLE_EQ(validation.worst_period_percent, 10);
  EXPECT_DOUBLE_EQ(validation.done_mape_percent, (0 + 5 + 0 + 1 + 30) / 5.0);
}

}  // namespace
}  // namespace lanewise::study
