// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

TEST(FootprintVerb, takes_the_simulators_energy_and_shows_every_step) {
  const Json simulated = run_json({"simulate", kSqueezeNet, "--hw", kEngine});
  const Json f = run_json({"footprint", kSqueezeNet, "--hw", kEngine, "--host-power", "2500 mW",
                           "--host-macs-per-second", "2e9", "--users", "2000", "--inferences-per-day", "10",
                           "--days-per-year", "300", "--charging-efficiency", "0.75", "--grid-intensity", "100"});
  const double joules = simulated.at("total").at("energy_uj").get<double>() / 1e6;
  const double macs = simulated.at("total").at("macs");
  EXPECT_DOUBLE_EQ(f.at("on_engine").at("joules").get<double>(), joules);
  EXPECT_DOUBLE_EQ(f.at("on_engine").at("kwh_per_year").get<double>(), 6e6 * joules / 0.75 / 3.6e6);
  EXPECT_DOUBLE_EQ(f.at("on_host").at("joules").get<double>(), macs / 2e9 * 2.5);
  EXPECT_DOUBLE_EQ(f.at("on_host").at("kg_co2e_per_year").get<double>(), 6e6 * (macs / 2e9 * 2.5) / 0.75 / 3.6e6 * 0.1);
  EXPECT_EQ(f.at("engine_hash"), simulated.at("engine_hash"));
  ASSERT_EQ(f.at("arithmetic").size(), 8u);
  EXPECT_DOUBLE_EQ(f.at("arithmetic")[3].at("value").get<double>(), 6e6);
  EXPECT_EQ(f.at("arithmetic")[3].at("from"), "2,000 users x 10 inferences a day x 300 days");
  EXPECT_EQ(f.at("arithmetic")[7].at("value"), f.at("on_host").at("kg_co2e_per_year"));
}

TEST(FootprintVerb, takes_a_measured_time_of_the_host) {
  const Json f = run_json({"footprint", kSqueezeNet, "--hw", kEngine, "--host-time", "80 ms", "--host-power", "5 W"});
  EXPECT_DOUBLE_EQ(f.at("on_host").at("joules").get<double>(), 0.4);
  EXPECT_TRUE(f.at("assumptions").at("host_macs_per_second").is_null());
}

TEST(FootprintVerb, refuses_what_cannot_be_on_one_line) {
  const auto refused = [](const Arguments& more, const std::vector<std::string>& words, int status = 1) {
    Arguments all = {"footprint", kSqueezeNet, "--hw", kEngine};
    all.insert(all.end(), more.begin(), more.end());
    expect_refused(all, status, words);
  };
  refused({"--users", "0"}, {"--users", "above 0"});
  refused({"--users", "nan"}, {"--users"});
  refused({"--host-power", "3"}, {"--host-power", "3", "W"});
  refused({"--host-time", "0 ms"}, {"--host-time", "above 0"});
  refused({"--charging-efficiency", "1.5"}, {"--charging-efficiency", "1.5"});
  refused({"--grid-intensity", "-4"}, {"--grid-intensity", "-4"});
  refused({"--host-time", "5 ms", "--host-macs-per-second", "1e9"}, {"--host-"}, 2);
  refused({"--inferences-per-day", "many"}, {"--inferences-per-day"}, 2);
}

}  // namespace
}  // namespace lanewise::cli::testing
