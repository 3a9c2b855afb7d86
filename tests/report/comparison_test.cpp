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
  EXPECT_EQ(lines[1].at("subgraph_a"), kHostile);
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
  EXPECT_EQ(lines[1].at("failure"), kHostile);
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

}  // namespace
}  // namespace lanewise::report::testing
