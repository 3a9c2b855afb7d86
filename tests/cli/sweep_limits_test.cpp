// SPDX-License-Identifier: Apache-2.0
// What is asked of a sweep's rows: objectives, limits, an order, the first few.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

Arguments sweep(const Arguments& more) {
  Arguments all = {"sweep",  kSqueezeNet,
                   "--hw",   kEngine,
                   "--vary", "engine.parallelism_factor=8,16,32",
                   "--vary", "dram.bandwidth=1.6 GB/s,6.4 GB/s"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(SweepLimits, are_kept_or_missed_by_a_share_of_the_bound) {
  const Json plain = run_json(sweep({}));
  const Json base = run_json({"simulate", kSqueezeNet, "--hw", kEngine}).at("total");
  const Json table = run_json(sweep({"--limit", "area_mm2<=1.2*baseline", "--limit", "latency_ms <= 5 ms"}));
  const double area = 1.2 * base.at("area_mm2").get<double>();
  std::size_t missing = 0;
  ASSERT_EQ(table.at("rows").size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) {
    const Json& row = table.at("rows")[i];
    EXPECT_EQ(row.at("latency_cycles"), plain.at("rows")[i].at("latency_cycles"));
    ASSERT_EQ(row.at("limits").size(), 2u);
    EXPECT_EQ(row.at("limits")[0].at("bound").get<double>(), area);
    EXPECT_EQ(row.at("limits")[1].at("bound").get<double>(), 5);
    const double area_miss = std::max(0.0, row.at("area_mm2").get<double>() / area - 1);
    const double latency_miss = std::max(0.0, row.at("latency_ms").get<double>() / 5 - 1);
    EXPECT_NEAR(row.at("violation").get<double>(), area_miss + latency_miss, 1e-12);
    EXPECT_EQ(row.at("limits_met").get<bool>(), area_miss + latency_miss == 0);
    if (!row.at("limits_met").get<bool>()) {
      ++missing;
      EXPECT_FALSE(row.at("pareto").get<bool>());
    }
  }
  EXPECT_GT(missing, 0u);
  EXPECT_LT(missing, 6u);
  EXPECT_EQ(table.at("rows_missing_limits"), missing);
  // Fields were only added.
  for (const auto& [key, value] : plain.at("rows")[0].items()) {
    EXPECT_TRUE(table.at("rows")[0].contains(key)) << key;
  }
}

TEST(SweepLimits, a_baseline_is_the_engine_before_it_is_varied_with_the_same_network_at_the_same_size) {
  const Json table =
      run_json({"sweep", kSqueezeNet, kMobileNet, "--hw", kEngine, "--set", "engine.clock=400 MHz", "--vary",
                "batch=1,2", "--vary", "engine.parallelism_factor=32", "--limit", "latency_ms<=1*baseline"});
  ASSERT_EQ(table.at("rows").size(), 4u);
  for (const Json& row : table.at("rows")) {
    const Json base =
        run_json({"simulate", row.at("network") == "mobilenet_v2" ? kMobileNet : kSqueezeNet, "--hw", kEngine, "--set",
                  "engine.clock=400 MHz", "--batch", row.at("settings").at("batch").get<std::string>()});
    EXPECT_EQ(row.at("limits")[0].at("bound"), base.at("total").at("latency_ms"));
  }
  EXPECT_TRUE(table.at("over_networks").at("rows")[0].contains("limits_met"));
}

TEST(SweepObjectives, marks_are_exactly_what_is_not_dominated_in_them) {
  const Json table = run_json(sweep({"--objectives", "edp,peak_sram_bytes"}));
  EXPECT_EQ(table.at("objectives"), Json::array({"edp", "peak_sram_bytes"}));
  for (const Json& row : table.at("rows")) {
    EXPECT_DOUBLE_EQ(row.at("edp").get<double>(),
                     row.at("energy_uj").get<double>() * row.at("latency_ms").get<double>());
    bool dominated = false;
    for (const Json& other : table.at("rows")) {
      const bool no_worse =
          other.at("edp") <= row.at("edp") && other.at("peak_sram_bytes") <= row.at("peak_sram_bytes");
      const bool better = other.at("edp") < row.at("edp") || other.at("peak_sram_bytes") < row.at("peak_sram_bytes");
      dominated = dominated || (no_worse && better);
    }
    EXPECT_EQ(row.at("pareto").get<bool>(), !dominated);
  }
}

TEST(SweepSort, orders_each_network_and_top_cuts_it_and_says_so) {
  const Json all = run_json(sweep({"--sort", "energy_uj:desc"})).at("rows");
  ASSERT_EQ(all.size(), 6u);
  for (std::size_t i = 1; i < 6; ++i) EXPECT_GE(all[i - 1].at("energy_uj"), all[i].at("energy_uj"));
  const Json top = run_json(sweep({"--sort", "energy_uj:desc", "--top", "2"}));
  EXPECT_EQ(top.at("rows"), Json::array({all[0], all[1]}));
  EXPECT_EQ(top.at("rows_left_out"), 4);
  const std::string text = run(sweep({"--sort", "energy_uj:desc", "--top", "2"})).out;
  EXPECT_NE(text.find("\n4 of 6 rows are left out by --top\n"), std::string::npos) << text;
  // Without an order it is the first objective's.
  const Json fastest = run_json(sweep({"--top", "1"})).at("rows")[0];
  for (const Json& row : all) EXPECT_LE(fastest.at("latency_ms"), row.at("latency_ms"));
}

TEST(SweepSort, rows_of_several_networks_keep_their_means_over_all) {
  Arguments both = sweep({"--csv", "--sort", "latency_ms", "--top", "3"});
  both.insert(both.begin() + 1, kMobileNet);
  const Finished finished = run(both);
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(std::count(finished.out.begin(), finished.out.end(), '\n'), 7);
  both = sweep({"--sort", "latency_ms", "--top", "3"});
  both.insert(both.begin() + 1, kMobileNet);
  const Json table = run_json(both);
  const Json& set = table.at("over_networks").at("rows");
  ASSERT_EQ(set.size(), 3u);
  EXPECT_LE(set[0].at("mean_latency_ms"), set[1].at("mean_latency_ms"));
}

TEST(SweepLimits, text_and_csv_say_by_how_much_and_how_many) {
  const std::string text = run(sweep({"--limit", "latency_ms<=3", "--limit", "dram_bytes>=1 KiB"})).out;
  EXPECT_NE(text.find("latency_ms above by "), std::string::npos) << text;
  EXPECT_NE(text.find("\nlimits latency_ms<=3, dram_bytes>=1 KiB: "), std::string::npos) << text;
  EXPECT_NE(text.find(" of 6 rows miss one\n"), std::string::npos) << text;
  const std::string csv = run(sweep({"--limit", "latency_ms<=3", "--limit", "macs<=1", "--csv"})).out;
  const std::string header = csv.substr(0, csv.find('\n'));
  EXPECT_NE(header.find(",macs,limits_met,violation,missed_limits,uncertain_limits,"), std::string::npos) << header;
  EXPECT_NE(csv.find("latency_ms<=3; macs<=1"), std::string::npos) << csv;
}

TEST(SweepLimits, mistakes_are_one_line_before_any_work) {
  expect_refused(sweep({"--limit", "latency_ms<5"}), 1, {"limit 'latency_ms<5'", "'<' is no comparison here"});
  expect_refused(sweep({"--limit", "speed>=5"}), 1, {"limit 'speed>=5'", "metric 'speed' is unknown", "latency_ms"});
  expect_refused(sweep({"--limit", "accuracy>=0.7"}), 1, {"accuracy is not known in a sweep"});
  expect_refused(sweep({"--objectives", "latency_ms,latency"}), 1, {"'latency_ms' stands twice"});
  expect_refused(sweep({"--sort", "latency_ms:up"}), 1, {"'up' must be asc or desc"});
  expect_refused(
      {"sweep", "models/deeplabv3_mobilenet_v3_large.onnx", "--hw", kEngine, "--set", "memory.activation_banks=2",
       "--set", "memory.bank_size=1 KiB", "--vary", "memory.bank_size=16 KiB", "--limit", "latency_ms<=0.5*baseline"},
      1, {"limit 'latency_ms<=0.5*baseline'", "the baseline", "cannot run"});
  EXPECT_NE(run(sweep({"--top", "0"})).status, 0);
}

}  // namespace
}  // namespace lanewise::cli::testing
