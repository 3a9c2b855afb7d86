// SPDX-License-Identifier: Apache-2.0
// A chip's measured layers as a person has them: read as they are, and fitted from far away.
#include <cmath>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kRows = "benchmarks/validation/rk3588_silicon.csv";

TEST(Silicon, a_table_of_cycles_counts_what_launching_takes) {
  const Json shipped = run_json({"validate", kRows, "--hw", "rk3588"}).at("engines").at("rk3588-core");
  const Json bare = run_json({"validate", kRows, "--hw", "rk3588", "--set", "command.launch_time=0 ns"})
                        .at("engines")
                        .at("rk3588-core");
  EXPECT_EQ(shipped.at("rows"), 36);
  EXPECT_LT(shipped.at("mape_percent"), 10);
  EXPECT_LT(std::abs(shipped.at("total_error_percent").get<double>()), 5);
  EXPECT_GT(bare.at("mape_percent").get<double>(), shipped.at("mape_percent").get<double>() + 5);
}

Json fitted_from(const std::string& bandwidth, const std::string& width) {
  return run_json({"engine", "fit", kRows, "--hw", "rk3588", "--set", "dram.bandwidth=" + bandwidth, "--set",
                   "post_processing.width=" + width, "--set", "command.launch_time=0 ns", "--fit",
                   "dram.bandwidth,post_processing.width,command.launch_time", "--folds", "3"});
}

TEST(Silicon, a_fit_ends_alike_from_far_away_and_beats_a_roofline) {
  const Json near = fitted_from("10 GB/s", "8"), far = fitted_from("32 GB/s", "32");
  for (const Json& answer : {near, far}) {
    const Json& left_out = answer.at("left_out").at("after");
    EXPECT_LT(left_out.at("mape_percent"), 10);
    EXPECT_LT(std::abs(left_out.at("total_error_percent").get<double>()), 5);
    EXPECT_FALSE(answer.at("roofline").at("better"));
    for (const Json& key : answer.at("keys")) {
      if (key.at("key") != "command.launch_time") continue;
      EXPECT_EQ(key.at("standing"), "known");
    }
  }
  const auto error = [](const Json& answer) {
    return answer.at("fitted").at("after").at("mape_percent").get<double>();
  };
  EXPECT_NEAR(error(near), error(far), 1);
}

// Launching is part of totals, of each subgraph's cycles and of what an answer counts.
TEST(Silicon, launching_is_part_of_a_networks_total) {
  const Arguments plain = {"simulate", "models/squeezenet1_1.onnx", "--hw", "rk3588",
                           "--set",    "command.launch_time=0 ns"};
  const Arguments launched = {"simulate", "models/squeezenet1_1.onnx", "--hw",  "rk3588",
                              "--set",    "command.launch_time=10 us", "--set", "command.register_groups=1"};
  Arguments alone = plain;
  alone.insert(alone.end(), {"--set", "command.register_groups=1"});
  const Json before = run_json(alone), after = run_json(launched);
  const auto subgraphs = static_cast<std::int64_t>(before.at("subgraphs").size());
  const std::int64_t more = after.at("total").at("latency_cycles").get<std::int64_t>() -
                            before.at("total").at("latency_cycles").get<std::int64_t>();
  EXPECT_LE(std::abs(more - 10000 * subgraphs), subgraphs);  // a cycle of rounding each
}

}  // namespace
}  // namespace lanewise::cli::testing
