// SPDX-License-Identifier: Apache-2.0
#include "report/validation.hpp"

#include "tests/report/rendered.hpp"

namespace lanewise::report::testing {
namespace {

study::ValidatedRow make_row(int line, std::int64_t measured, std::int64_t simulated) {
  study::ValidatedRow row;
  row.line = line;
  row.engine = "engine";
  row.part = "all";
  row.tag = "tag";
  row.measured = measured;
  row.simulated = simulated;
  row.bound_by = "array";
  return row;
}

study::Validation make_rows() {
  study::RowValidation validation;
  validation.head = {"rows.csv", "1.2.3", {"comment"}, {}};
  validation.part_name = "set";
  validation.rows = {make_row(2, 100, 110), make_row(3, 50, 0)};
  validation.rows[0].timestamps = {{"first_mac", 20, 21}};
  validation.rows[1].failure = kHostile;
  study::ErrorStatistics statistics;
  statistics.rows = 1;
  statistics.failed = 1;
  statistics.mape_percent = 10;
  statistics.timestamps = {{"first_mac", 5}};
  validation.all.all = statistics;
  validation.all.parts = {{"all", statistics}};
  validation.all.worst = {validation.rows[0]};
  validation.engines = {{"engine", validation.all}};
  return validation;
}

TEST(ValidationJson, figures_that_no_row_gives_are_null) {
  const Parsed all = Parsed::parse(to_json(make_rows())).at("all");
  EXPECT_EQ(all.at("mape_percent"), 10);
  EXPECT_TRUE(all.at("p95_percent").is_null());
  EXPECT_EQ(all.at("first_mac_mape_percent"), 5);
  EXPECT_TRUE(all.at("read_beats_mape_percent").is_null());
  EXPECT_EQ(all.at("worst_rows")[0].at("error_percent"), 10);
}

TEST(ValidationJson, a_row_that_failed_has_its_reason_and_no_simulated_cycles) {
  const Parsed json = Parsed::parse(to_json(make_rows()));
  ASSERT_EQ(json.at("failed_rows").size(), 1u);
  EXPECT_EQ(json.at("failed_rows")[0].at("line"), 3);
  EXPECT_EQ(json.at("failed_rows")[0].at("failure"), kHostile);
  EXPECT_FALSE(json.at("failed_rows")[0].contains("simulated_cycles"));
  EXPECT_EQ(json.at("ignored_columns")[0], "comment");
}

TEST(ValidationCsv, has_one_row_per_measured_row_with_its_timestamps) {
  const CsvLines lines = read_csv_text(to_csv(make_rows()));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at("simulated_cycles"), "110");
  EXPECT_EQ(lines[0].at("measured_first_mac"), "20");
  EXPECT_EQ(lines[1].at("simulated_cycles"), "");
  EXPECT_EQ(lines[1].at("measured_first_mac"), "");
  EXPECT_EQ(lines[1].at("failure"), kHostileShown);
}

TEST(ValidationText, never_prints_a_figure_that_is_not_a_number) {
  EXPECT_TRUE(has_line(to_text(make_rows()), "engine", "10.00"));
  EXPECT_EQ(to_text(make_rows()).find("nan"), std::string::npos);
}

study::Validation make_sequences() {
  study::SequenceValidation validation;
  validation.head.file = "sequences.csv";
  study::ValidatedSequence sequence;
  sequence.engine = "engine";
  sequence.name = "one";
  sequence.prefetch = "weights";
  sequence.positions.resize(2);
  sequence.positions[0].layer = kHostile;
  sequence.positions[0].measured_done = 100;
  sequence.positions[0].simulated_done = 90;
  sequence.positions[1].measured_done = 300;
  sequence.positions[1].simulated_done = 300;
  sequence.positions[1].measured_load_enabled = 80;
  validation.sequences = {sequence};
  return validation;
}

TEST(SequenceValidation, json_has_every_position_and_null_where_nothing_was_measured) {
  const Parsed json = Parsed::parse(to_json(make_sequences()));
  const Parsed& sequence = json.at("sequences").at("engine").at("one");
  EXPECT_EQ(sequence.at("layers"), 2);
  EXPECT_TRUE(sequence.at("measured_period").is_null());
  EXPECT_EQ(sequence.at("positions")[0].at("done_error_percent"), -10);
  EXPECT_FALSE(sequence.at("positions")[0].contains("measured_load_enabled_cycle"));
  EXPECT_EQ(sequence.at("positions")[1].at("measured_load_enabled_cycle"), 80);
  EXPECT_TRUE(json.at("all").at("mape_percent").is_null());
}

TEST(SequenceValidation, csv_has_one_row_per_layer) {
  const CsvLines lines = read_csv_text(to_csv(make_sequences()));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at("layer"), kHostileShown);
  EXPECT_EQ(lines[0].at("measured_load_enabled_cycle"), "");
  EXPECT_EQ(lines[1].at("position"), "1");
}

}  // namespace
}  // namespace lanewise::report::testing
