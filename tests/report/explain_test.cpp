// SPDX-License-Identifier: Apache-2.0
#include "report/explain.hpp"

#include <cmath>

#include "tests/report/rendered.hpp"

namespace lanewise::report::testing {
namespace {

study::Explanation make_explanation() {
  study::Explanation e;
  e.network = kHostile;
  e.engine = "engine";
  e.subgraph.name = kNotUtf8;
  e.features = {{"in_channels", 64}, {"dram_share", 0.5}};
  e.measurement.latency = Cycles(1000);
  e.measurement.bound_by = "array";
  return e;
}

study::Explanation make_predicted() {
  study::Explanation e = make_explanation();
  study::PredictedSubgraph p;
  p.latency_cycles = 1200;
  p.error_percent = 20;
  p.interval = study::LatencyInterval{0.9, 1100, 1300};
  p.reasons.analytical_cycles = 800;
  p.reasons.usual_log_ratio = std::log(1.25);
  // Twelve features that double and halve by turns, and one that adds a fifth.
  p.reasons.contributions = {{"largest", 64, std::log(1.2)}};
  for (int i = 0; i < 12; ++i) p.reasons.contributions.push_back({"f", 0, i % 2 == 0 ? 0.1 : -0.1});
  p.reasons.nearest = {{"engine a", "key a", 0.1, 900, 990}, {"engine b", "key b", 0.2, 500, 0}};
  e.prediction = p;
  return e;
}

TEST(ExplanationJson, is_an_object_for_one_subgraph_and_an_array_for_more) {
  EXPECT_TRUE(Parsed::parse(to_json({make_explanation()})).is_object());
  EXPECT_EQ(Parsed::parse(to_json({make_explanation(), make_explanation()})).size(), 2u);
}

TEST(ExplanationJson, any_name_can_be_read_back_and_features_keep_their_order) {
  const Parsed json = Parsed::parse(to_json({make_explanation()}));
  EXPECT_EQ(json.at("network"), kHostile);
  EXPECT_EQ(json.at("subgraph").at("name"), "bad\xEF\xBF\xBD\xEF\xBF\xBDname");
  EXPECT_EQ(json.at("features").begin().key(), "in_channels");
  EXPECT_FALSE(json.contains("predicted")) << "no estimator was asked";
}

TEST(ExplanationJson, the_reasons_multiply_to_the_prediction) {
  const Parsed p = Parsed::parse(to_json({make_predicted()})).at("predicted");
  double cycles = p.at("closed_form_cycles").get<double>() * (1 + p.at("usual_percent").get<double>() / 100);
  for (const Parsed& effect : p.at("contributions")) cycles *= 1 + effect.at("percent").get<double>() / 100;
  cycles *= 1 + p.at("other_features_percent").get<double>() / 100;
  EXPECT_NEAR(cycles, p.at("latency_cycles").get<double>(), 1e-6);
  EXPECT_EQ(p.at("contributions")[0].at("feature"), "largest");
  EXPECT_LT(p.at("contributions").size(), 13u) << "the small ones are summed up";
}

TEST(ExplanationJson, a_family_that_was_not_held_out_has_no_error) {
  study::Explanation e = make_predicted();
  EXPECT_TRUE(Parsed::parse(to_json({e})).at("predicted").at("held_out_rmspe_percent").is_null());
  e.prediction->held_out_rmspe_percent = 4;
  e.prediction->interval.reset();
  EXPECT_EQ(Parsed::parse(to_json({e})).at("predicted").at("held_out_rmspe_percent"), 4);
  EXPECT_TRUE(Parsed::parse(to_json({e})).at("predicted").at("interval").is_null());
}

TEST(ExplanationText, compares_the_nearest_rows_with_what_was_predicted_of_them) {
  const std::string text = to_text({make_predicted()});
  EXPECT_TRUE(has_line(text, "analytical model 800 cycles"));
  EXPECT_TRUE(has_line(text, "largest", "+20.0 %"));
  EXPECT_TRUE(has_line(text, "key a", "+10.0 %"));
  EXPECT_TRUE(has_line(text, "key b", "-")) << "there was no prediction of this row";
}

}  // namespace
}  // namespace lanewise::report::testing
