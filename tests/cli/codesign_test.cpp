// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <thread>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

Arguments codesign(const std::string& out, const Arguments& more = {}) {
  Arguments arguments = {"codesign",      kMobileNet, "--hw",        kEngine, "--out",   out, "--rows",       "400",
                         "--engines",     "16",       "--trees",     "20",    "--depth", "4", "--population", "8",
                         "--generations", "3",        "--finalists", "2",     "--seed",  "7"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

const std::vector<std::string> kResults = {"result.json", "rows.csv", "estimator.lwm", "settings.json"};

TEST(Codesign, gives_the_shape_that_programs_read) {
  const ScratchFolder folder;
  const Finished finished = run(codesign(folder.file("out"), {"--json", "--ablation"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.out, text_of(folder.file("out/result.json")));
  const Json result = Json::parse(finished.out);
  EXPECT_TRUE(result.at("baseline").at("genes").empty());
  ASSERT_FALSE(result.at("finalists").empty());
  for (const Json& finalist : result.at("finalists")) {
    EXPECT_TRUE(finalist.at("genes").is_object());
    const double predicted = finalist.at("predicted").at("latency_cycles");
    const double simulated = finalist.at("simulated").at("latency_cycles");
    EXPECT_NEAR(finalist.at("error_percent").get<double>(), 100 * (predicted - simulated) / simulated, 1e-9);
    for (const char* key : {"energy_uj", "parameters", "macs", "peak_sram_bytes", "peak_activation_bytes"}) {
      EXPECT_GT(finalist.at("simulated").at(key), 0) << key;
    }
    // The budgets of the default space.
    EXPECT_LE(finalist.at("simulated").at("area_mm2").get<double>(),
              result.at("area_budget_mm2").get<double>() * 1.000001);
    EXPECT_GE(finalist.at("simulated").at("parameters").get<double>(),
              0.9 * result.at("baseline").at("simulated").at("parameters").get<double>());
  }
  EXPECT_EQ(result.at("constraint").get<std::string>().find("accuracy"), std::string::npos);
  for (const char* key : {"rows", "engines", "random", "unseen_engine", "unseen_shape"}) {
    EXPECT_TRUE(result.at("estimator").contains(key)) << key;
  }
  EXPECT_EQ(result.at("ablation").size(), 6u);
}

TEST(Codesign, the_baseline_is_the_file_as_it_is) {
  const ScratchFolder folder;
  const Finished finished = run(codesign(folder.file("out"), {"--json"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = Json::parse(finished.out);
  const Json total = run_json({"simulate", kMobileNet, "--hw", kEngine}).at("total");
  EXPECT_EQ(result.at("baseline").at("simulated"), total);
}

TEST(Codesign, a_finalist_is_what_simulate_says_of_it) {
  const ScratchFolder folder;
  // Only the engine may change, so that the finalist's network is the file.
  const Finished finished = run(codesign(folder.file("out"), {"--json", "--space", "spaces/engine-only.yaml"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json result = Json::parse(finished.out);
  for (const Json& finalist : result.at("finalists")) {
    Arguments arguments = {"simulate", kMobileNet, "--hw", kEngine};
    for (const auto& [key, value] : finalist.at("genes").items()) {
      arguments.push_back("--set");
      arguments.push_back(key + "=" + value.get<std::string>());
    }
    EXPECT_EQ(run_json(arguments).at("total"), finalist.at("simulated"));
  }
}

TEST(Codesign, killed_at_any_moment_it_ends_with_the_same_bytes) {
  const ScratchFolder folder;
  ASSERT_EQ(run(codesign(folder.file("whole"), {"--jobs", "2"})).status, 0);
  for (const int milliseconds : {40, 90, 160, 300, 600, 1200}) {
    Running running(codesign(folder.file("cut"), {"--jobs", "1"}));
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    running.send(SIGKILL);
    running.wait();
  }
  const Finished finished = run(codesign(folder.file("cut"), {"--jobs", "1"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  for (const std::string& name : kResults) {
    EXPECT_FALSE(text_of(folder.file("whole/" + name)).empty()) << name;
    EXPECT_EQ(text_of(folder.file("whole/" + name)), text_of(folder.file("cut/" + name))) << name;
  }
}

TEST(Codesign, results_hold_no_paths_times_or_worker_counts) {
  const ScratchFolder folder;
  ASSERT_EQ(run(codesign(folder.file("here"), {"--jobs", "1"})).status, 0);
  ASSERT_EQ(run(codesign(folder.file("there"), {"--jobs", "2"})).status, 0);
  for (const std::string& name : kResults) {
    const std::string text = text_of(folder.file("here/" + name));
    EXPECT_EQ(text, text_of(folder.file("there/" + name))) << name;
    EXPECT_EQ(text.find(folder.file("here")), std::string::npos) << name;
    EXPECT_EQ(text.find(LANEWISE_SOURCE_DIR), std::string::npos) << name;
  }
}

TEST(Codesign, a_folder_of_another_job_is_refused) {
  const ScratchFolder folder;
  ASSERT_EQ(run(codesign(folder.file("out"))).status, 0);
  const std::string before = text_of(folder.file("out/result.json"));
  Arguments other = codesign(folder.file("out"));
  other.back() = "8";  // the seed
  expect_refused(other, 1, {"settings.json", "other settings"});
  EXPECT_EQ(text_of(folder.file("out/result.json")), before);
}

}  // namespace
}  // namespace lanewise::cli::testing
