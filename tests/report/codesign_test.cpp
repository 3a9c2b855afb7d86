// SPDX-License-Identifier: Apache-2.0
#include "report/codesign.hpp"

#include "tests/report/rendered.hpp"

namespace lanewise::report::testing {
namespace {

study::Design make_design(std::int64_t predicted, std::int64_t simulated) {
  study::Design design;
  design.predicted.latency_cycles = predicted;
  design.simulated.latency_cycles = simulated;
  design.predicted.latency_ms = static_cast<double>(predicted) / 1000;
  design.simulated.latency_ms = static_cast<double>(simulated) / 1000;
  design.simulated.macs = 10 * simulated;
  design.is_simulated = true;
  return design;
}

study::CodesignResult make_result() {
  study::CodesignResult result;
  result.network = kHostile;
  result.engine = "engine";
  result.objectives = {"latency", "energy"};
  result.objective_metrics = {nas::Metric::kLatency, nas::Metric::kEnergy};
  result.baseline = make_design(1000, 1000);
  result.finalists = {make_design(660, 600)};
  result.finalists[0].genes = {{"engine.parallelism_factor", "32"}};
  return result;
}

TEST(CodesignJson, every_design_has_prediction_simulation_and_their_difference) {
  const Parsed json = Parsed::parse(to_json(make_result()));
  EXPECT_EQ(json.at("network"), kHostile);
  const Parsed& finalist = json.at("finalists")[0];
  EXPECT_EQ(finalist.at("predicted").at("latency_cycles"), 660);
  EXPECT_EQ(finalist.at("simulated").at("latency_cycles"), 600);
  EXPECT_NEAR(finalist.at("error_percent").get<double>(), 10, 1e-9);
  EXPECT_EQ(finalist.at("genes").at("engine.parallelism_factor"), "32");
}

TEST(CodesignJson, an_ablation_is_there_only_where_it_was_made) {
  study::CodesignResult result = make_result();
  EXPECT_FALSE(Parsed::parse(to_json(result)).contains("ablation"));
  result.ablation = {{"engine", make_design(800, 750)}};
  const Parsed row = Parsed::parse(to_json(result)).at("ablation")[0];
  EXPECT_EQ(row.at("name"), "engine");
  EXPECT_NEAR(row.at("latency_change_percent").get<double>(), -25, 1e-9);
}

TEST(CodesignCsv, has_one_row_per_design_the_baseline_first) {
  const CsvLines lines = read_csv_text(to_csv(make_result()));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at("design"), "baseline");
  EXPECT_EQ(lines[1].at("design"), "finalist 1");
  EXPECT_EQ(lines[1].at("latency_cycles_simulated"), "600");
}

TEST(CodesignText, shows_finalists_against_the_baseline) {
  EXPECT_TRUE(has_line(to_text(make_result()), "finalist 1", "-40.0 %"));
  EXPECT_TRUE(has_line(to_text(make_result()), "finalist 1: ", "32"));
}

TEST(CodesignText, a_limit_that_only_the_prediction_keeps_is_named) {
  study::CodesignResult result = make_result();
  EXPECT_FALSE(Parsed::parse(to_json(result)).at("failed"));
  result.finalists[0].missed = {{"latency_ms<=0.55", 0.55, 0.6, true}};
  EXPECT_TRUE(Parsed::parse(to_json(result)).at("failed"));
  EXPECT_EQ(Parsed::parse(to_json(result)).at("finalists")[0].at("missed_limits")[0].at("by"), "simulation");
  EXPECT_TRUE(has_line(to_text(result), "misses latency_ms<=0.55: 0.6", "by simulation"));
  EXPECT_NE(to_text(result).find("by prediction and not by simulation"), std::string::npos);
}

TEST(CodesignText, what_a_run_cost_stands_beside_training_every_candidate) {
  study::CodesignCost cost;
  cost.cpu_seconds = 3600;
  cost.watts = 20;
  const std::string text = cost_text(cost, 1200);
  EXPECT_NE(text.find("0.0200 kWh at 20 W"), std::string::npos) << text;
  EXPECT_NE(text.find("100 GPU-days, 720 kWh"), std::string::npos) << text;
  const Parsed json = Parsed::parse(with_cost(to_json(make_result()), cost, {"seed: 2, was 1"}));
  EXPECT_NEAR(json.at("cost").at("kwh").get<double>(), 0.02, 1e-12);
  EXPECT_EQ(json.at("changed")[0], "seed: 2, was 1");
}

TEST(CodesignFiles, front_and_history_have_a_column_for_every_metric) {
  study::CodesignResult result = make_result();
  result.front = result.finalists;
  result.front[0].finalist = 1;
  result.history.resize(2);
  result.history[1].failure = "does not fit";
  const CsvLines front = read_csv_text(front_csv(result)), history = read_csv_text(history_csv(result));
  ASSERT_EQ(front.size(), 1u);
  ASSERT_EQ(history.size(), 2u);
  for (const nas::MetricTraits& traits : nas::metrics()) {
    EXPECT_EQ(front[0].count(std::string(traits.name) + "_simulated"), 1u) << traits.name;
    EXPECT_EQ(history[0].count(traits.name), 1u) << traits.name;
  }
  EXPECT_EQ(front[0].at("latency_ms_predicted"), "0.66");
  EXPECT_EQ(history[1].at("failure"), "does not fit");
}

TEST(CodesignFiles, a_chart_names_its_axes_and_escapes_what_files_say) {
  study::CodesignResult result = make_result();
  result.network = "<a&b>";
  result.front = result.finalists;
  const std::string chart = front_svg(result);
  EXPECT_NE(chart.find("&lt;a&amp;b&gt;"), std::string::npos);
  EXPECT_NE(chart.find("latency_ms: "), std::string::npos);
  EXPECT_NE(chart.find("energy_uj: "), std::string::npos);
  result.objective_metrics = {nas::Metric::kArea};
  EXPECT_NE(front_svg(result).find("area_mm2: "), std::string::npos);
}

TEST(CodesignText, says_which_genes_cost_nothing_in_the_model) {
  study::CodesignResult result = make_result();
  EXPECT_EQ(to_text(result).find("in this model"), std::string::npos);
  EXPECT_EQ(Parsed::parse(to_json(result)).at("free_keys"), Parsed::array());
  result.free_keys = {"engine.clock", "memory.bank_bandwidth", "dram.latency"};
  EXPECT_NE(
      to_text(result).find("  free         engine.clock, memory.bank_bandwidth and dram.latency cost neither area nor "
                           "energy in this model\n"),
      std::string::npos)
      << to_text(result);
  EXPECT_EQ(Parsed::parse(to_json(result)).at("free_keys")[2], "dram.latency");
}

}  // namespace
}  // namespace lanewise::report::testing
