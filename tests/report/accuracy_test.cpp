// SPDX-License-Identifier: Apache-2.0
// What is said of an estimator: its accuracy, its model card, and how it was trained by active learning.
#include "report/accuracy.hpp"

#include "report/active_learning.hpp"
#include "report/model_card.hpp"
#include "tests/report/rendered.hpp"

namespace lanewise::report::testing {
namespace {

estimator::Accuracy make_accuracy(double mape) {
  estimator::Accuracy accuracy;
  accuracy.rows = 1200;
  accuracy.mape_percent = mape;
  accuracy.within_10_percent = 97.5;
  accuracy.spearman = 0.99;
  return accuracy;
}

estimator::AccuracyReport make_report() {
  estimator::AccuracyReport report;
  report.rows = 5000;
  report.engines = 40;
  report.family = "ne";
  estimator::SplitReport& split = report.splits["unseen_engine"];
  split.latency = make_accuracy(3);
  split.bound = make_accuracy(40);
  split.analytical_model = make_accuracy(20);
  split.energy = make_accuracy(kNaN);
  split.by_family["convolution"] = make_accuracy(2);
  split.intervals.subgraphs = {{0.9, 300, 91, 12}};
  split.intervals.networks_outside = {{0.8, 4, 75, 30}};
  report.splits["random"] = split;
  return report;
}

TEST(AccuracyJson, every_split_has_the_regressor_beside_its_baselines) {
  const Parsed json = Parsed::parse(to_json(make_report()));
  EXPECT_EQ(json.at("rows"), 5000);
  ASSERT_EQ(json.at("splits").size(), 2u);
  for (const auto& [name, split] : json.at("splits").items()) {
    EXPECT_EQ(split.at("mape_percent"), 3) << name;
    EXPECT_EQ(split.at("bound").at("mape_percent"), 40) << name;
    EXPECT_EQ(split.at("reference").at("mape_percent"), 20) << name;
    EXPECT_TRUE(split.at("energy").at("mape_percent").is_null()) << name;
    EXPECT_EQ(split.at("by_family").at("convolution").at("rows"), 1200) << name;
  }
}

TEST(AccuracyJson, intervals_say_what_they_are_of) {
  const Parsed intervals = Parsed::parse(to_json(make_report())).at("splits").at("unseen_engine").at("intervals");
  ASSERT_EQ(intervals.size(), 2u);
  EXPECT_EQ(intervals[0].at("of"), "passes");
  EXPECT_EQ(intervals[0].at("outside_ranges"), false);
  EXPECT_EQ(intervals[0].at("covered_percent"), 91);
  EXPECT_EQ(intervals[1].at("of"), "networks");
  EXPECT_EQ(intervals[1].at("outside_ranges"), true);
}

TEST(AccuracyCsv, has_one_row_per_split_and_quantity) {
  std::size_t latency = 0, families = 0;
  for (const auto& line : read_csv_text(to_csv(make_report()))) {
    if (line.at("predicted") != "latency") continue;
    line.at("family").empty() ? ++latency : ++families;
  }
  EXPECT_EQ(latency, 2u);
  EXPECT_EQ(families, 2u);
}

TEST(AccuracyText, shows_a_figure_without_rows_as_a_dash) {
  const std::string text = to_text(make_report());
  EXPECT_TRUE(has_line(text, "unseen_engine"));
  EXPECT_TRUE(has_line(text, "energy", "-"));
  EXPECT_EQ(text.find("nan"), std::string::npos);
}

study::ModelCard make_card() {
  study::ModelCard card;
  card.file = "m.lwm";
  card.accuracy = make_report();
  card.card.tool_version = "1.2.3";
  card.card.schema_hash = "abcd";
  card.card.analytical_version = 5;
  card.card.targets = {{"latency", "cycles"}, {"energy", "pJ"}};
  card.card.features = {"in_channels", "out_channels"};
  card.card.networks = {kHostile};
  card.card.engine_ranges = {{"engine.clock", "500 MHz", "1 GHz"}};
  card.card.subgraph_ranges["convolution"]["in_channels"] = {3, 2048};
  return card;
}

TEST(ModelCardJson, tells_the_training_data_and_the_schema) {
  const Parsed json = Parsed::parse(to_json(make_card()));
  EXPECT_EQ(json.at("training_rows"), 5000);
  EXPECT_EQ(json.at("networks")[0], kHostile);
  EXPECT_EQ(json.at("reference_version"), 5);
  EXPECT_EQ(json.at("features").size(), 2u);
  EXPECT_EQ(json.at("engine_ranges").at("engine.clock"), Parsed::parse(R"(["500 MHz", "1 GHz"])"));
  EXPECT_EQ(json.at("pass_ranges").at("convolution").at("in_channels"), Parsed::parse("[3.0, 2048.0]"));
  EXPECT_EQ(json.at("splits").size(), 2u);
}

TEST(ModelCardJson, a_model_without_intervals_or_adaptation_says_null) {
  study::ModelCard card = make_card();
  EXPECT_TRUE(Parsed::parse(to_json(card)).at("intervals").is_null());
  EXPECT_TRUE(Parsed::parse(to_json(card)).at("adapted").is_null());
  card.card.folds = 5;
  card.adapted = estimator::AdaptationNote{"chip", 12, 30, 4, ""};
  EXPECT_EQ(Parsed::parse(to_json(card)).at("intervals").at("folds"), 5);
  EXPECT_NE(Parsed::parse(to_json(card)).at("adapted").get<std::string>().find("chip"), std::string::npos);
}

TEST(ModelCardText, names_schema_and_ranges) {
  const std::string text = to_text(make_card());
  EXPECT_TRUE(has_line(text, "abcd: analytical model 5, 2 features"));
  EXPECT_TRUE(has_line(text, "engine.clock", "1 GHz"));
}

TEST(LearningReport, csv_has_one_row_per_round_and_the_final_model) {
  study::LearningReport report;
  report.rounds = {{100, make_accuracy(20)}, {200, make_accuracy(10)}};
  report.final_accuracy = make_accuracy(9);
  report.estimator.rows = 250;
  const CsvLines lines = read_csv_text(to_csv(report));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[1].at("training_rows"), "200");
  EXPECT_EQ(lines[2].at("round"), "final");
  EXPECT_EQ(lines[2].at("training_rows"), "250");
}

TEST(LearningReport, says_when_the_final_model_misses_a_target_that_a_round_reached) {
  study::LearningReport report;
  report.outcome = "reached";
  EXPECT_NE(to_text(report).find("The final model misses the target"), std::string::npos);
  report.final_meets_target = true;
  EXPECT_EQ(to_text(report).find("The final model misses the target"), std::string::npos);
}

}  // namespace
}  // namespace lanewise::report::testing
