// SPDX-License-Identifier: Apache-2.0
// Comparisons and sweeps: several answers side by side.
#include "report/compare.hpp"
#include "report/sweep.hpp"
#include "tests/report/rendered.hpp"

namespace lanewise::report::testing {
namespace {

study::ComparedSide make_side(const std::string& name, std::int64_t cycles, const std::string& bound_by) {
  study::ComparedSide side;
  side.name = name;
  side.cycles = cycles;
  side.energy_uj = 0.5;
  side.bound_by = bound_by;
  return side;
}

study::Comparison make_comparison() {
  study::Comparison comparison;
  comparison.a.network = "a";
  comparison.b.network = "b";
  comparison.a.total.latency_ms = 2;
  comparison.b.total.latency_ms = 1;
  comparison.engine_changes = {"dram.bandwidth: 8 GB/s -> 4 GB/s"};
  comparison.subgraphs.resize(3);
  comparison.subgraphs[0].a = make_side("both", 100, "array");
  comparison.subgraphs[0].b = make_side("both", 1200, "dram");
  comparison.subgraphs[0].changed_most = study::ChangedUnit{"dram", 10, 1100};
  comparison.subgraphs[1].a = make_side(kHostile, 40, "array");
  comparison.subgraphs[2].b = make_side("new", 7, "array");
  return comparison;
}

TEST(ComparisonJson, says_what_changed_and_why) {
  const Parsed json = Parsed::parse(to_json(make_comparison()));
  ASSERT_EQ(json.at("subgraphs").size(), 3u);
  const Parsed& both = json.at("subgraphs")[0];
  EXPECT_EQ(both.at("latency_cycles").at("a"), 100);
  EXPECT_EQ(both.at("latency_cycles").at("b"), 1200);
  EXPECT_EQ(both.at("why"), "dram busy 10 -> 1,100 cycles, bound by array -> dram");
  EXPECT_TRUE(both.at("changes").empty()) << "shape, context and plan are the same";
  EXPECT_EQ(json.at("engine_changes")[0], "dram.bandwidth: 8 GB/s -> 4 GB/s");
}

TEST(ComparisonJson, a_subgraph_without_a_match_has_an_empty_side) {
  const Parsed subgraphs = Parsed::parse(to_json(make_comparison())).at("subgraphs");
  EXPECT_EQ(subgraphs[1].at("b"), "");
  EXPECT_EQ(subgraphs[1].at("latency_cycles").at("b"), 0);
  EXPECT_EQ(subgraphs[1].at("changes")[0].get<std::string>().rfind("only in A: ", 0), 0u);
  EXPECT_EQ(subgraphs[2].at("a"), "");
  EXPECT_EQ(subgraphs[2].at("why"), "");
}

TEST(ComparisonCsv, has_one_row_per_subgraph_and_quotes_names) {
  const CsvLines lines = read_csv_text(to_csv(make_comparison()));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].at("latency_cycles_b"), "1200");
  EXPECT_EQ(lines[1].at("subgraph_a"), kHostileShown);
  EXPECT_EQ(lines[1].at("subgraph_b"), "");
}

TEST(ComparisonText, shows_the_change_of_totals_in_percent) {
  EXPECT_TRUE(has_line(to_text(make_comparison()), "latency ms", "-50.0 %"));
  EXPECT_TRUE(has_line(to_text(make_comparison()), "both", "1,100")) << "B - A in cycles";
}

study::SweepTable make_sweep() {
  study::SweepTable table;
  table.engine = "base";
  table.rows.resize(2);
  table.rows[0].network = "net";
  table.rows[0].settings = {{"dram.bandwidth", "8 GB/s"}, {"engine.clock", "1 GHz"}};
  table.rows[0].total.latency_cycles = 1234;
  table.rows[0].total.latency_ms = 1.5;
  table.rows[0].pareto = true;
  table.rows[1].network = "net";
  table.rows[1].settings = {{"dram.bandwidth", "4 GB/s"}, {"engine.clock", "1 GHz"}};
  table.rows[1].failure = kHostile;
  return table;
}

TEST(SweepJson, a_row_has_either_totals_or_a_failure) {
  const Parsed rows = Parsed::parse(to_json(make_sweep())).at("rows");
  EXPECT_EQ(rows[0].at("settings").at("dram.bandwidth"), "8 GB/s");
  EXPECT_EQ(rows[0].at("latency_cycles"), 1234);
  EXPECT_EQ(rows[0].at("pareto"), true);
  EXPECT_FALSE(rows[0].contains("failure"));
  EXPECT_EQ(rows[1].at("failure"), kHostile);
  EXPECT_FALSE(rows[1].contains("latency_cycles"));
}

TEST(SweepCsv, has_a_column_per_varied_key_and_empty_cells_for_failures) {
  const CsvLines lines = read_csv_text(to_csv(make_sweep()));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at("engine.clock"), "1 GHz");
  EXPECT_EQ(lines[0].at("pareto"), "1");
  EXPECT_EQ(lines[1].at("latency_ms"), "");
  EXPECT_EQ(lines[1].at("failure"), kHostileShown);
}

TEST(Sweep, without_rows_is_still_well_formed) {
  study::SweepTable table;
  EXPECT_TRUE(Parsed::parse(to_json(table)).at("rows").empty());
  EXPECT_TRUE(read_csv_text(to_csv(table)).empty());
  EXPECT_FALSE(to_text(table).empty());
}

TEST(SweepText, marks_the_pareto_front_and_names_failures) {
  EXPECT_TRUE(has_line(to_text(make_sweep()), "8 GB/s", "*"));
  EXPECT_TRUE(has_line(to_text(make_sweep()), "4 GB/s", "cannot run: "));
}

study::SweepTable make_estimated_sweep() {
  study::SweepTable table = make_sweep();
  table.source = record::Source::kEstimated;
  table.identity = {{{"mapping.effort", "2"}}, "00000000000000aa"};
  table.estimator = study::EstimatorNote{"ne", false};
  table.held_out_accuracy = estimator::Accuracy{};
  table.held_out_accuracy->rows = 7;
  table.held_out_accuracy->mape_percent = 1.7;
  table.rows[0].engine_hash = "00000000000000bb";
  table.rows[0].subgraphs = 5;
  table.rows[0].reliability = study::Reliability{study::LatencyInterval{0.9, 1200, 1300}, false, {"batch 2 > 1"}};
  table.rows[0].fallback = study::Fallback{2, 40};
  return table;
}

TEST(SweepJson, an_estimated_row_says_how_far_it_can_be_trusted) {
  const Parsed json = Parsed::parse(to_json(make_estimated_sweep()));
  EXPECT_EQ(json.at("engine_overrides").at("mapping.effort"), "2");
  EXPECT_EQ(json.at("engine_hash"), "00000000000000aa");
  EXPECT_EQ(json.at("unseen_engine_error").at("rows"), 7);
  const Parsed& row = json.at("rows")[0];
  EXPECT_EQ(row.at("interval").at("level"), 0.9);
  EXPECT_EQ(row.at("interval").at("low_cycles"), 1200);
  EXPECT_EQ(row.at("interval").at("high_cycles"), 1300);
  EXPECT_EQ(row.at("in_range"), false);
  EXPECT_EQ(row.at("out_of_range")[0], "batch 2 > 1");
  EXPECT_EQ(row.at("fallback").at("subgraphs"), 2);
  EXPECT_EQ(row.at("engine_hash"), "00000000000000bb");
  EXPECT_FALSE(json.at("rows")[1].contains("interval")) << "it cannot run";
}

TEST(SweepCsv, an_estimated_row_has_its_interval_and_range_mark) {
  const CsvLines lines = read_csv_text(to_csv(make_estimated_sweep()));
  EXPECT_EQ(lines[0].at("latency_low_cycles"), "1200");
  EXPECT_EQ(lines[0].at("latency_high_cycles"), "1300");
  EXPECT_EQ(lines[0].at("in_range"), "0");
  EXPECT_EQ(lines[0].at("simulated_subgraphs"), "2");
  EXPECT_EQ(lines[0].at("engine_overrides"), "mapping.effort=2");
  EXPECT_EQ(lines[1].at("in_range"), "");
  EXPECT_EQ(lines[1].at("failure"), kHostileShown);
}

TEST(SweepText, an_estimated_row_says_how_far_it_can_be_trusted) {
  const std::string text = to_text(make_estimated_sweep());
  EXPECT_NE(text.find("Engines around base with mapping.effort=2, estimated"), std::string::npos) << text;
  EXPECT_TRUE(has_line(text, "8 GB/s", "out of range, 2 of 5 subgraphs simulated, 40.0 % of the latency"));
  EXPECT_TRUE(has_line(text, "error: 1.7 % on average", "7 subgraphs"));
  EXPECT_TRUE(has_line(text, "out of range", "batch 2 > 1"));
}

TEST(Sweep, an_estimator_of_another_family_says_so_in_place_of_its_error) {
  study::SweepTable table = make_estimated_sweep();
  table.estimator = study::EstimatorNote{"nvdla", true};
  const Parsed json = Parsed::parse(to_json(table));
  EXPECT_TRUE(json.at("unseen_engine_error").is_null());
  EXPECT_EQ(json.at("other_family"), true);
  EXPECT_EQ(json.at("estimator_family"), "nvdla");
  EXPECT_TRUE(has_line(to_text(table), "error: not known", "family nvdla"));
  EXPECT_EQ(to_text(table).find("1.7 %"), std::string::npos);
  EXPECT_EQ(read_csv_text(to_csv(table))[0].at("other_family"), "1");
}

TEST(Sweep, of_several_networks_shows_the_means_over_all_of_them) {
  study::SweepTable table = make_sweep();
  table.rows.push_back(table.rows[0]);
  table.rows.push_back(table.rows[0]);
  table.rows[1].failure.clear();
  study::SweepSetRow one;
  one.settings = table.rows[0].settings;
  one.latency_ms = 2.5;
  one.energy_uj = 3.5;
  one.pareto = true;
  study::SweepSetRow two = one;
  two.point = 1;
  two.failure = kHostile;
  table.rows[3].point = 1;
  table.set = {one, two};
  const Parsed json = Parsed::parse(to_json(table)).at("over_networks");
  EXPECT_EQ(json.at("mean"), "geometric");
  EXPECT_EQ(json.at("rows")[0].at("mean_latency_ms"), 2.5);
  EXPECT_EQ(json.at("rows")[0].at("pareto"), true);
  EXPECT_EQ(json.at("rows")[1].at("failure"), kHostile);
  const CsvLines lines = read_csv_text(to_csv(table));
  EXPECT_EQ(lines[2].at("mean_latency_ms"), "2.5");
  EXPECT_EQ(lines[2].at("pareto_over_networks"), "1");
  EXPECT_EQ(lines[3].at("pareto_over_networks"), "");
  EXPECT_TRUE(has_line(to_text(table), "2.500", "*"));
}

study::Comparison make_estimated_comparison() {
  study::Comparison comparison = make_comparison();
  comparison.a.engine = comparison.b.engine = "base";
  comparison.b.identity = {{{"dram.bandwidth", "4 GB/s"}}, "00000000000000bb"};
  for (study::NetworkAnswer* const side : {&comparison.a, &comparison.b}) {
    side->source = record::Source::kEstimated;
    side->estimator = study::EstimatorNote{"ne", false};
  }
  comparison.a.reliability = study::Reliability{study::LatencyInterval{0.9, 100, 200}, true, {}};
  comparison.b.reliability = study::Reliability{study::LatencyInterval{0.9, 150, 300}, false, {"batch 2 > 1"}};
  comparison.subgraphs[0].a->reliability = comparison.a.reliability;
  return comparison;
}

TEST(Comparison, of_estimates_is_marked_as_such_with_intervals_and_overrides) {
  const Parsed json = Parsed::parse(to_json(make_estimated_comparison()));
  EXPECT_EQ(json.at("source"), "estimated");
  EXPECT_EQ(json.at("a").at("total").at("interval").at("low_cycles"), 100);
  EXPECT_EQ(json.at("b").at("total").at("in_range"), false);
  EXPECT_TRUE(json.at("a").at("engine_overrides").empty());
  EXPECT_EQ(json.at("b").at("engine_overrides").at("dram.bandwidth"), "4 GB/s");
  EXPECT_EQ(json.at("b").at("engine_hash"), "00000000000000bb");
  EXPECT_EQ(json.at("subgraphs")[0].at("interval").at("a").at("high_cycles"), 200);
  EXPECT_TRUE(json.at("subgraphs")[0].at("interval").at("b").is_null());
  const std::string text = to_text(make_estimated_comparison());
  EXPECT_NE(text.find("B: b on base with dram.bandwidth=4 GB/s"), std::string::npos) << text;
  EXPECT_NE(text.find("Estimated, not simulated"), std::string::npos);
  EXPECT_NE(text.find("intervals overlap"), std::string::npos);
  EXPECT_TRUE(has_line(text, "B out of range", "batch 2 > 1"));
  const CsvLines lines = read_csv_text(to_csv(make_estimated_comparison()));
  EXPECT_EQ(lines[0].at("latency_low_cycles_a"), "100");
  EXPECT_EQ(lines[0].at("engine_overrides_b"), "dram.bandwidth=4 GB/s");
}

}  // namespace
}  // namespace lanewise::report::testing
