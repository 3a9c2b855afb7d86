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
  return design;
}

study::CodesignResult make_result() {
  study::CodesignResult result;
  result.network = kHostile;
  result.engine = "engine";
  result.objectives = {"latency", "energy"};
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
