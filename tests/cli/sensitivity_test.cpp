// SPDX-License-Identifier: Apache-2.0
// simulate --sensitivity, --scale-with and the warnings about engines whose keys do not scale together.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const Arguments kWide = {"simulate", kMobileNet, "--hw", kEngine, "--set", "engine.parallelism_factor=128"};

Arguments with(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::size_t warnings_in(const std::string& err) {
  std::size_t count = 0;
  for (std::size_t at = err.find("lanewise: warning: "); at != std::string::npos;
       at = err.find("lanewise: warning: ", at + 1)) {
    ++count;
  }
  return count;
}

TEST(Sensitivity, names_weight_loading_first_whatever_the_number_of_processes) {
  const Finished one = run(with(kWide, {"--sensitivity", "--json", "--jobs", "1"}));
  const Finished three = run(with(kWide, {"--sensitivity", "--json", "--jobs", "3"}));
  ASSERT_EQ(one.status, 0) << one.err;
  EXPECT_EQ(one.out, three.out);
  const Json sensitivity = Json::parse(one.out).at("sensitivity");
  EXPECT_EQ(sensitivity.at("changes")[0].at("name"), "engine.weight_load_kernels_per_cycle");
  EXPECT_EQ(sensitivity.at("best")[0], sensitivity.at("changes")[0]);
  ASSERT_EQ(sensitivity.at("best").size(), 3u);
}

TEST(Sensitivity, the_text_closes_with_the_three_changes_that_help_most) {
  const Finished finished = run(with(kWide, {"--sensitivity"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const std::size_t closing = finished.out.find("The three changes that would help most\n");
  ASSERT_NE(closing, std::string::npos);
  const std::string tail = finished.out.substr(closing);
  EXPECT_NE(tail.find("1. engine.weight_load_kernels_per_cycle 1 -> 2: "), std::string::npos) << tail;
  EXPECT_NE(tail.find("2. "), std::string::npos);
  EXPECT_NE(tail.find("3. "), std::string::npos);
  EXPECT_NE(tail.find("area "), std::string::npos);
}

TEST(Sensitivity, csv_has_one_row_per_change) {
  const Finished finished = run(with(kWide, {"--sensitivity", "--csv"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.out.rfind("network,engine,list,name,change,latency_cycles,", 0), 0u);
  EXPECT_NE(finished.out.find(",changes,engine.weight_load_kernels_per_cycle,"), std::string::npos);
  EXPECT_NE(finished.out.find(",groups,"), std::string::npos);
}

TEST(Sensitivity, ctrl_c_ends_it_with_one_line_and_no_output) {
  Running running({"simulate", "models/resnet50.onnx", "--hw", kEngine, "--sensitivity", "--jobs", "1"});
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  running.send(SIGINT);
  const Finished finished = running.wait();
  if (finished.status == 0) GTEST_SKIP() << "done before it could be interrupted";
  EXPECT_EQ(finished.status, 130);
  EXPECT_EQ(finished.out, "");
  EXPECT_EQ(finished.err.rfind("lanewise: error: interrupted", 0), 0u) << finished.err;
  EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
}

TEST(Sensitivity, jobs_alone_are_refused) {
  expect_refused({"simulate", kMobileNet, "--hw", kEngine, "--jobs", "2"}, 1, {"--jobs", "--sensitivity"});
}

TEST(ScaleWith, keys_follow_in_a_sweep_and_its_rows_are_what_simulate_says) {
  const Json rows = run_json({"sweep", kMobileNet, "--hw", kEngine, "--vary", "engine.parallelism_factor=16,64,128,256",
                              "--scale-with"})
                        .at("rows");
  ASSERT_EQ(rows.size(), 4u);
  for (const Json& row : rows) {
    EXPECT_TRUE(row.at("warnings").empty()) << row;
    // No longer thirteen times as slow as the array it began with.
    EXPECT_LT(row.at("latency_ms").get<double>(), 1.5 * rows[0].at("latency_ms").get<double>());
  }
  EXPECT_EQ(rows[3].at("followers").at("engine.weight_load_kernels_per_cycle"), "16");
  EXPECT_EQ(rows[3].at("followers").at("accumulators.size"), "256 KiB");
  EXPECT_EQ(rows[0].at("followers").at("accumulators.size"), "16 KiB");
  const Json answer =
      run_json({"simulate", kMobileNet, "--hw", kEngine, "--set", "engine.parallelism_factor=128", "--scale-with"});
  EXPECT_EQ(answer.at("total").at("latency_cycles"), rows[2].at("latency_cycles"));
  EXPECT_EQ(answer.at("total").at("area_mm2"), rows[2].at("area_mm2"));
}

TEST(ScaleWith, followers_can_be_named_and_stand_in_every_format) {
  const Arguments sweep = {"sweep",        kMobileNet,         "--hw",
                           kEngine,        "--vary",           "engine.parallelism_factor=16,64",
                           "--scale-with", "accumulators.size"};
  const Finished csv = run(with(sweep, {"--csv"}));
  EXPECT_EQ(csv.out.rfind("network,engine,source,engine.parallelism_factor,accumulators.size,latency_cycles", 0), 0u);
  EXPECT_NE(csv.out.find(",64,64 KiB,"), std::string::npos) << csv.out;
  const Finished text = run(sweep);
  EXPECT_NE(text.out.find("accumulators.size"), std::string::npos);
  EXPECT_NE(text.out.find("64 KiB"), std::string::npos);
  const Arguments two = {"sweep", kMobileNet, "--hw", kEngine, "--vary", "engine.parallelism_factor=16,64"};
  const Json named = run_json(with(two, {"--scale-with=accumulators.size,memory.activation_banks^0.5"})).at("rows");
  EXPECT_EQ(named[1].at("followers"), (Json{{"accumulators.size", "64 KiB"}, {"memory.activation_banks", "32"}}));
  const Json shown = run_json({"engine", "show", kEngine, "--set", "engine.parallelism_factor=64", "--scale-with"});
  EXPECT_EQ(shown.at("accumulators").at("size").at("value"), "64 KiB");
  EXPECT_EQ(shown.at("accumulators").at("size").at("origin"), "--scale-with");
}

TEST(ScaleWith, mistakes_are_named) {
  const Arguments sweep = {"sweep", kMobileNet, "--hw", kEngine, "--vary", "engine.clock=500 MHz"};
  expect_refused(with(sweep, {"--scale-with"}), 1, {"--scale-with", "engine.clock"});
  expect_refused({"simulate", kMobileNet, "--hw", kEngine, "--scale-with"}, 1, {"--scale-with: no key is set"});
  expect_refused(with(sweep, {"--scale-with", "accumulators.siz"}), 1, {"accumulators.siz", "accumulators.size"});
  expect_refused(with(sweep, {"--scale-with", "accumulators.size,"}), 1, {"--scale-with", "unknown key"});
}

TEST(ScalingWarnings, are_one_line_each_on_standard_error_and_in_json) {
  const Finished simulated = run(with(kWide, {"--json"}));
  ASSERT_EQ(simulated.status, 0);
  const Json answer = Json::parse(simulated.out);
  ASSERT_FALSE(answer.at("warnings").empty());
  EXPECT_EQ(warnings_in(simulated.err), answer.at("warnings").size());
  EXPECT_EQ(static_cast<std::size_t>(std::count(simulated.err.begin(), simulated.err.end(), '\n')),
            answer.at("warnings").size());
  EXPECT_NE(simulated.err.find("engine.weight_load_kernels_per_cycle"), std::string::npos);
  const Finished shown = run({"engine", "show", kEngine, "--set", "engine.parallelism_factor=128"});
  EXPECT_EQ(shown.err, simulated.err);
  const Finished plain = run({"simulate", kMobileNet, "--hw", kEngine});
  EXPECT_EQ(plain.err, "");
}

TEST(ScalingWarnings, a_sweep_counts_them_in_its_rows_and_says_nothing_else) {
  const Arguments sweep = {"sweep", kMobileNet, "--hw", kEngine, "--vary", "engine.parallelism_factor=16,128"};
  const Json rows = run_json(sweep).at("rows");
  EXPECT_TRUE(rows[0].at("warnings").empty());
  EXPECT_FALSE(rows[1].at("warnings").empty());
  EXPECT_NE(run(sweep).out.find("warnings: rules of scale"), std::string::npos);
}

}  // namespace
}  // namespace lanewise::cli::testing
