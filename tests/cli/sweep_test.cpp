// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const Arguments kSweep = {"sweep",
                          kMobileNet,
                          kSqueezeNet,
                          "--hw",
                          kEngine,
                          "--vary",
                          "engine.parallelism_factor=8,16,32",
                          "--vary",
                          "dram.bandwidth=1.6 GB/s,6.4 GB/s"};

TEST(Sweep, has_a_row_for_every_network_and_combination) {
  const Json table = run_json(kSweep);
  EXPECT_EQ(table.at("source"), "simulated");
  const Json& rows = table.at("rows");
  ASSERT_EQ(rows.size(), 12u);
  EXPECT_EQ(rows[0].at("network"), "mobilenet_v2");
  EXPECT_EQ(rows[0].at("settings").at("engine.parallelism_factor"), "8");
  EXPECT_EQ(rows[1].at("settings").at("dram.bandwidth"), "6.4 GB/s");
  EXPECT_EQ(rows[11].at("network"), "squeezenet1_1");
}

TEST(Sweep, a_row_is_what_simulate_says) {
  const Json rows = run_json(kSweep).at("rows");
  const Json answer = run_json({"simulate", kMobileNet, "--hw", kEngine, "--set", "engine.parallelism_factor=32",
                                "--set", "dram.bandwidth=1.6 GB/s"});
  for (const char* key : {"latency_cycles", "latency_ms", "energy_uj", "area_mm2", "average_power_mw", "utilization",
                          "dram_bytes", "bound_by"}) {
    EXPECT_EQ(rows[4].at(key), answer.at("total").at(key)) << key;
  }
}

TEST(Sweep, keys_that_cost_nothing_are_named) {
  const Arguments clock = {"sweep", kSqueezeNet, "--hw", kEngine, "--vary", "engine.clock=800 MHz,1 GHz"};
  EXPECT_EQ(run_json(clock).at("free_keys"), Json::array({"engine.clock"}));
  EXPECT_NE(run(clock).out.find("\nengine.clock costs neither area nor energy in this model\n"), std::string::npos);
  Arguments more = clock;
  more.insert(more.end(), {"--vary", "dram.latency=50 ns,100 ns", "--vary", "dram.bandwidth=1.6 GB/s,3.2 GB/s"});
  EXPECT_EQ(run_json(more).at("free_keys"), Json::array({"engine.clock", "dram.latency"}));
  EXPECT_NE(run(more).out.find("\nengine.clock and dram.latency cost neither area nor energy in this model\n"),
            std::string::npos);
  EXPECT_EQ(run_json(kSweep).at("free_keys"), Json::array());
  EXPECT_EQ(run(kSweep).out.find("costs neither"), std::string::npos);
}

TEST(Sweep, bandwidth_costs_area_and_power_at_rest) {
  const Json rows =
      run_json({"sweep", kSqueezeNet, "--hw", kEngine, "--vary", "dram.bandwidth=3.2 GB/s,12.8 GB/s"}).at("rows");
  EXPECT_NEAR(rows[1].at("area_mm2").get<double>() - rows[0].at("area_mm2").get<double>(), 9.6 * 0.113, 1e-9);
}

TEST(Sweep, pareto_marks_are_exactly_the_rows_that_no_other_dominates) {
  const Json rows = run_json(kSweep).at("rows");
  const auto dominates = [](const Json& a, const Json& b) {
    bool better = false;
    for (const char* key : {"latency_ms", "energy_uj", "area_mm2"}) {
      if (a.at(key).get<double>() > b.at(key).get<double>()) return false;
      better = better || a.at(key).get<double>() < b.at(key).get<double>();
    }
    return better;
  };
  bool some_marked = false, some_not = false;
  for (const Json& row : rows) {
    bool dominated = false;
    for (const Json& other : rows) {
      dominated = dominated || (other.at("network") == row.at("network") && dominates(other, row));
    }
    EXPECT_EQ(row.at("pareto").get<bool>(), !dominated) << row;
    (dominated ? some_not : some_marked) = true;
  }
  EXPECT_TRUE(some_marked);
  EXPECT_TRUE(some_not);
}

TEST(Sweep, is_the_same_whatever_the_number_of_processes) {
  Arguments one = kSweep, two = kSweep;
  one.insert(one.end(), {"--csv", "--jobs", "1"});
  two.insert(two.end(), {"--csv", "--jobs", "2"});
  const Finished serial = run(one), parallel = run(two);
  EXPECT_EQ(serial.status, 0) << serial.err;
  EXPECT_EQ(parallel.status, 0) << parallel.err;
  EXPECT_EQ(serial.out, parallel.out);
  EXPECT_EQ(std::count(serial.out.begin(), serial.out.end(), '\n'), 13);
}

TEST(Sweep, a_combination_that_no_engine_can_have_is_a_row_with_its_reason) {
  // Two banks cannot take the fastest DRAM ; each value by itself can be had.
  const Json rows =
      run_json({"sweep", kSqueezeNet, "--hw", kEngine, "--vary", "memory.activation_banks=2,8", "--vary",
                "engine.clock=1 GHz", "--vary", "dram.bandwidth=3.2 GB/s,51.2 GB/s", "--set", "memory.weight_banks=8"})
          .at("rows");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_TRUE(rows[1].contains("failure"));
  EXPECT_FALSE(rows[1].contains("latency_cycles"));
  for (const std::size_t i : {0u, 2u, 3u}) EXPECT_FALSE(rows[i].contains("failure")) << rows[i];
}

}  // namespace
}  // namespace lanewise::cli::testing
