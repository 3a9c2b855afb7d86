// SPDX-License-Identifier: Apache-2.0
// Calibrations and adaptations: what was fitted, how well it is known, and the description that comes out.
#include "report/calibration.hpp"

#include "core/base/error.hpp"
#include "core/record/file.hpp"
#include "report/adaptation.hpp"
#include "tests/report/rendered.hpp"

namespace lanewise::report::testing {
namespace {

const std::string kHw = std::string(LANEWISE_SOURCE_DIR) + "/hwconfigs/ne-256.yaml";

study::FittedKey make_key(const std::string& key, const std::string& described, const std::string& fitted,
                          study::Identifiability kind) {
  study::KeyIdentifiability known;
  known.kind = kind;
  known.lower_rise_percent = 1.5;
  known.higher_rise_percent = 0.25;
  return {key, described, fitted, known};
}

study::Calibration make_calibration() {
  study::Calibration fit;
  fit.engine = "ne-256";
  fit.rows_file = "rows.csv";
  fit.rows_hash = "0123";
  fit.tool_version = "1.2.3";
  fit.keys.push_back(make_key("dram.bandwidth", "12.8 GB/s", "6.4 GB/s", study::Identifiability::kKnown));
  fit.keys.back().identifiability->uncertainty_percent = 2;
  fit.keys.push_back(make_key("dram.latency", "100 ns", "120 ns", study::Identifiability::kJoint));
  fit.keys.back().identifiability->together_with = {"dram.outstanding_requests"};
  fit.keys.push_back(make_key("dram.outstanding_requests", "64", "64", study::Identifiability::kUnknown));
  fit.keys.push_back({"engine.clock", "1 GHz", "1 GHz", std::nullopt});
  fit.fitted = {{30, 12, 11, 40}, {30, 2, 1, 9}};
  fit.left_out = {{0, kNaN, kNaN, kNaN}, {0, kNaN, kNaN, kNaN}};
  fit.left_out_by = "hold_out";
  fit.hold_out_share = 0.25;
  return fit;
}

TEST(CalibrationJson, errors_of_no_rows_are_null) {
  const Parsed json = Parsed::parse(to_json(make_calibration()));
  EXPECT_EQ(json.at("fitted").at("before").at("mape_percent"), 12);
  EXPECT_EQ(json.at("left_out").at("after").at("rows"), 0);
  EXPECT_TRUE(json.at("left_out").at("after").at("mape_percent").is_null());
}

TEST(CalibrationJson, a_key_tells_what_its_standing_means_and_nothing_else) {
  const Parsed keys = Parsed::parse(to_json(make_calibration())).at("keys");
  ASSERT_EQ(keys.size(), 4u);
  EXPECT_EQ(keys[0].at("standing"), "known");
  EXPECT_EQ(keys[0].at("uncertainty_percent"), 2);
  EXPECT_EQ(keys[1].at("standing"), "joint");
  EXPECT_EQ(keys[1].at("together_with"), Parsed::parse("[\"dram.outstanding_requests\"]"));
  EXPECT_FALSE(keys[1].contains("uncertainty_percent"));
  EXPECT_EQ(keys[2].at("standing"), "unknown");
  EXPECT_EQ(keys[3].at("standing"), "set_by_rows");
  EXPECT_FALSE(keys[3].contains("lower_rise_percent")) << "a key that was not fitted has no sensitivity";
}

TEST(CalibrationJson, says_how_rows_were_left_out) {
  study::Calibration fit = make_calibration();
  EXPECT_EQ(Parsed::parse(to_json(fit)).at("left_out").at("share"), 0.25);
  fit.left_out_by = "folds";
  fit.folds = 5;
  const Parsed left_out = Parsed::parse(to_json(fit)).at("left_out");
  EXPECT_EQ(left_out.at("folds"), 5);
  EXPECT_FALSE(left_out.contains("share"));
}

TEST(CalibrationCsv, has_one_row_per_key_with_empty_cells_for_what_is_not_known) {
  const CsvLines lines = read_csv_text(to_csv(make_calibration()));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].at("uncertainty_percent"), "2");
  EXPECT_EQ(lines[1].at("uncertainty_percent"), "");
  EXPECT_EQ(lines[1].at("lower_rise_percent"), "1.5");
  EXPECT_EQ(lines[3].at("standing"), "set_by_rows");
  EXPECT_EQ(lines[3].at("lower_rise_percent"), "");
}

TEST(CalibrationText, says_in_words_how_well_each_key_is_known) {
  const study::Calibration fit = make_calibration();
  EXPECT_EQ(identifiability_text(fit.keys[0]), "known to 2.00 %");
  EXPECT_EQ(identifiability_text(fit.keys[1]), "only together with dram.outstanding_requests");
  EXPECT_EQ(identifiability_text(fit.keys[3]), "not fitted: every row sets it");
  EXPECT_TRUE(has_line(to_text(fit), "left out, 25 % of the shapes", "-")) << "no rows, no figure";
}

// Loads a description from its text.
engine::EngineConfig reload(const std::string& text) {
  const std::string path = ::testing::TempDir() + "lanewise_calibration_test.yaml";
  record::write_file(path, text);
  return engine::load_engine(path, {}).config;
}

TEST(FittedDescription, reads_back_as_the_engine_with_the_fitted_values) {
  const engine::EngineConfig described = engine::load_engine(kHw, {}).config;
  study::Calibration fit = make_calibration();
  for (study::FittedKey& key : fit.keys) {
    const bool kept = key.fitted == key.described;
    key.described = engine::value_text(described, key.key);
    if (kept) key.fitted = key.described;
  }
  const engine::EngineConfig fitted = reload(to_hwconfig(fit, kHw, {{"dram.burst", "64 B"}}));
  EXPECT_EQ(engine::value_text(fitted, "dram.bandwidth"), "6.4 GB/s");
  EXPECT_EQ(engine::value_text(fitted, "dram.latency"), "120 ns");
  EXPECT_EQ(engine::value_text(fitted, "dram.burst"), "64 B") << "an override is part of the description";
  EXPECT_EQ(engine::value_text(fitted, "engine.clock"), engine::value_text(described, "engine.clock"));
  EXPECT_EQ(fitted.family, described.family);
}

TEST(FittedDescription, a_hostile_file_name_stays_inside_its_comment) {
  study::Calibration fit = make_calibration();
  fit.rows_file = "rows.csv\nengine: {clock: 9 GHz}";
  EXPECT_EQ(engine::value_text(reload(to_hwconfig(fit, kHw, {})), "engine.clock"),
            engine::value_text(engine::load_engine(kHw, {}).config, "engine.clock"));
}

study::AdaptationReport make_adaptation() {
  study::AdaptationReport report;
  report.engine = kHostile;
  report.family = "ne";
  report.before = {20, 30, 25, 80};
  report.cross_after = {20, kNaN, kNaN, kNaN};
  report.folds = 5;
  report.keys = {{"dram.bandwidth", "8 GB/s", "4 GB/s", study::Identifiability::kAtLeast},
                 {"dram.latency", "100 ns", "100 ns", study::Identifiability::kUnknown}};
  report.correction = {{"log_macs", 0.125}, {"constant", -0.5}};
  return report;
}

TEST(AdaptationReport, json_tells_errors_keys_and_terms) {
  const Parsed json = Parsed::parse(to_json(make_adaptation()));
  EXPECT_EQ(json.at("engine"), kHostile);
  EXPECT_EQ(json.at("before").at("worst_percent"), 80);
  EXPECT_TRUE(json.at("cross_validation").at("after").at("mape_percent").is_null());
  EXPECT_EQ(json.at("keys")[0].at("standing"), "at_least");
  EXPECT_EQ(json.at("correction").at("constant"), -0.5);
}

TEST(AdaptationReport, csv_has_one_row_per_key) {
  const CsvLines lines = read_csv_text(to_csv(make_adaptation()));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at("effective"), "4 GB/s");
  EXPECT_EQ(lines[1].at("standing"), "unknown");
}

TEST(AdaptationReport, text_says_which_values_were_kept_and_when_nothing_helps) {
  study::AdaptationReport report = make_adaptation();
  EXPECT_TRUE(has_line(to_text(report), "dram.latency", "kept"));
  EXPECT_TRUE(has_line(to_text(report), "log_macs +0.1250"));
  report.correction.clear();
  EXPECT_TRUE(has_line(to_text(report), "none helps"));
}

TEST(AdaptationNote, says_where_it_does_not_hold) {
  EXPECT_EQ(to_text(estimator::AdaptationNote{"chip", 12, 30, 4, "dram.burst is 32 B, not 64 B"}),
            "no: the estimator is adapted to chip, and here dram.burst is 32 B, not 64 B");
  EXPECT_EQ(to_text(estimator::AdaptationNote{"chip", 1200, 30, 4, ""}).rfind("to chip as measured in 1,200 rows", 0),
            0u);
}

}  // namespace
}  // namespace lanewise::report::testing
