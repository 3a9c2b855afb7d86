// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/codesign_jobs.hpp"

namespace lanewise::cli::testing {
namespace {

// One job that several tests look at.
class OneJob : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<ScratchFolder>();
    finished_ = run(codesign(folder_->file("out"), {"--json", "--ablation"}));
  }
  static void TearDownTestSuite() { folder_.reset(); }
  void SetUp() override { ASSERT_EQ(finished_.status, 0) << finished_.err; }
  static std::string file(const std::string& name) { return folder_->file("out/" + name); }
  static Json printed() { return Json::parse(finished_.out); }

  static std::unique_ptr<ScratchFolder> folder_;
  static Finished finished_;
};
std::unique_ptr<ScratchFolder> OneJob::folder_;
Finished OneJob::finished_;

TEST_F(OneJob, gives_the_shape_that_programs_read) {
  Json result = printed();
  // What the run cost is printed and, as it is another for every run, not written.
  const Json cost = result.at("cost");
  for (const char* key : {"cpu_seconds", "simulations", "estimates", "watts", "kwh"}) EXPECT_GT(cost.at(key), 0) << key;
  EXPECT_EQ(cost.at("training_every_candidate").at("candidates"), result.at("evaluations"));
  result.erase("cost");
  EXPECT_TRUE(result.at("changed").empty());
  result.erase("changed");
  EXPECT_EQ(result, Json::parse(text_of(file("result.json"))));
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

TEST_F(OneJob, its_baseline_is_the_file_as_it_is) {
  const Json result = printed();
  const Json total = run_json({"simulate", kMobileNet, "--hw", kEngine}).at("total");
  EXPECT_EQ(result.at("baseline").at("simulated"), total);
}

TEST_F(OneJob, files_of_its_finalists_simulate_to_the_cycles_that_are_reported) {
  const Json result = printed();
  ASSERT_FALSE(result.at("finalists").empty());
  for (const Json& finalist : result.at("finalists")) {
    const Json total = run_json({"simulate", file(finalist.at("network_file").get<std::string>()), "--hw",
                                 file(finalist.at("engine_file").get<std::string>())})
                           .at("total");
    EXPECT_EQ(total.at("latency_cycles"), finalist.at("simulated").at("latency_cycles"));
    EXPECT_EQ(total.at("macs"), finalist.at("simulated").at("macs"));
    EXPECT_EQ(total.at("parameters"), finalist.at("simulated").at("parameters"));
    EXPECT_EQ(total.at("area_mm2"), finalist.at("simulated").at("area_mm2"));
  }
}

TEST_F(OneJob, its_front_and_every_candidate_are_tables) {
  const Json result = printed();
  const auto front = rows_of(file("front.csv"));
  const auto history = rows_of(file("history.csv"));
  EXPECT_EQ(front.size(), result.at("front").get<std::size_t>());
  // And the baseline, which no search asked for.
  EXPECT_EQ(history.size(), result.at("evaluations").get<std::size_t>() + 1);
  double least = 0;
  for (const auto& row : history) {
    const double hypervolume = std::stod(row.at("hypervolume"));
    EXPECT_GE(hypervolume, least);
    least = hypervolume;
  }
  std::size_t finalists = 0;
  for (const auto& row : front) {
    EXPECT_GT(std::stod(row.at("latency_ms_simulated")), 0);
    EXPECT_GT(std::stod(row.at("dram_bytes_predicted")), 0);
    if (row.at("finalist").empty()) continue;
    ++finalists;
    const Json& finalist = result.at("finalists").at(std::stoul(row.at("finalist")) - 1);
    EXPECT_EQ(std::stoll(row.at("latency_cycles_simulated")), finalist.at("simulated").at("latency_cycles"));
    EXPECT_EQ(row.at("encoding"), finalist.at("encoding"));
  }
  EXPECT_EQ(finalists, result.at("finalists").size());
  // Nothing that was priced dominates the front.
  for (const auto& candidate : history) {
    if (std::stod(candidate.at("violation")) > 0) continue;
    for (const auto& row : front) {
      EXPECT_FALSE(std::stod(candidate.at("latency_ms")) < 0.999 * std::stod(row.at("latency_ms_predicted")) &&
                   std::stod(candidate.at("energy_uj")) < 0.999 * std::stod(row.at("energy_uj_predicted")));
    }
  }
  const std::string chart = text_of(file("front.svg"));
  for (const char* part : {"<svg", "latency_ms", "energy_uj", "baseline, simulated", "</svg>"}) {
    EXPECT_NE(chart.find(part), std::string::npos) << part;
  }
}

TEST(Codesign, a_limit_that_nothing_keeps_is_said_and_ends_with_a_status) {
  const ScratchFolder folder;
  const Finished finished = run(codesign(folder.file("out"), {"--limit", "latency_ms<=0.5"}));
  EXPECT_EQ(finished.status, 3);
  EXPECT_NE(finished.out.find("No design keeps every limit"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("latency_ms<=0.5"), std::string::npos);
  const Json result = Json::parse(text_of(folder.file("out/result.json")));
  EXPECT_TRUE(result.at("all_infeasible"));
  EXPECT_TRUE(result.at("failed"));
  ASSERT_FALSE(result.at("finalists").empty());
  EXPECT_FALSE(result.at("finalists").front().at("missed_limits").empty());
}

TEST(Codesign, objectives_and_limits_of_every_metric_hold_in_what_is_found) {
  const ScratchFolder folder;
  const Json result = run_json(codesign(
      folder.file("out"), {"--objectives", "edp,area_mm2,parameters:max", "--limit", "latency_ms<=1.2*baseline",
                           "--limit", "peak_activation_bytes<=baseline", "--limit", "macs_per_pixel>=0.95*baseline"}));
  EXPECT_EQ(result.at("objectives"), (Json{"edp", "area_mm2", "parameters:max"}));
  const double per_pixel = result.at("baseline").at("predicted").at("macs_per_pixel");
  const double latency = result.at("baseline").at("predicted").at("latency_ms");
  for (const Json& finalist : result.at("finalists")) {
    EXPECT_LE(finalist.at("predicted").at("latency_ms").get<double>(), 1.2001 * latency);
    EXPECT_GE(finalist.at("predicted").at("macs_per_pixel").get<double>(), 0.9499 * per_pixel);
    EXPECT_LE(finalist.at("predicted").at("peak_activation_bytes"),
              result.at("baseline").at("predicted").at("peak_activation_bytes"));
    EXPECT_TRUE(finalist.at("missed_limits").empty());
  }
}

TEST(Codesign, a_space_without_a_choice_says_why) {
  const ScratchFolder folder;
  const std::string space = folder.write("space.yaml",
                                         "name: nothing\nnetwork:\n  fuse_ibn: false\n  channel_alignment: none\n"
                                         "engine:\n  vary: none\n");
  const Finished finished = run(codesign(folder.file("out"), {"--space", space}));
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_NE(finished.out.find("1 of 2 asked for: no gene of the space can change"), std::string::npos) << finished.out;
}

TEST(Codesign, a_given_estimator_is_not_measured_for) {
  const ScratchFolder folder;
  ASSERT_EQ(run(codesign(folder.file("first"))).status, 0);
  const Json result = run_json({"codesign", kMobileNet, "--hw", kEngine, "--out", folder.file("out"), "--estimator",
                                folder.file("first/estimator.lwm"), "--evaluations", "24", "--population", "8",
                                "--algorithm", "nsga2", "--finalists", "1"});
  EXPECT_EQ(result.at("estimator").at("origin"), "given");
  EXPECT_LE(result.at("evaluations"), 24);
  EXPECT_FALSE(std::filesystem::exists(folder.file("out/measurements.sqlite")));
  const Json store = run_json({"codesign",      kMobileNet,
                               "--hw",          kEngine,
                               "--out",         folder.file("rows"),
                               "--store",       folder.file("first/measurements.sqlite"),
                               "--trees",       "20",
                               "--depth",       "4",
                               "--seed",        "7",
                               "--evaluations", "24",
                               "--population",  "8",
                               "--algorithm",   "nsga2",
                               "--finalists",   "1"});
  EXPECT_EQ(store.at("estimator").at("origin"), "store");
  EXPECT_TRUE(text_of(folder.file("rows/estimator.lwm")) == text_of(folder.file("first/estimator.lwm")));
}

TEST(Codesign, a_finalist_predicted_beyond_its_interval_teaches_the_estimator) {
  const ScratchFolder folder;
  ASSERT_EQ(run(codesign(folder.file("first"))).status, 0);
  // Far from what the estimator has seen: DRAM that takes twenty times as long to answer.
  Arguments job =
      codesign(folder.file("out"), {"--set", "dram.latency=2 us", "--estimator", folder.file("first/estimator.lwm")});
  job.erase(std::remove(job.begin(), job.end(), "--measure"), job.end());
  const Json result = run_json(job);
  ASSERT_FALSE(result.at("rounds").empty());
  const Json& round = result.at("rounds").front();
  EXPECT_GT(round.at("beyond_interval"), 0);
  EXPECT_GT(round.at("rows_added"), 0);
  EXPECT_GT(round.at("worst_error_percent"), 2);
  for (const Json& finalist : result.at("finalists")) {
    EXPECT_LT(std::abs(finalist.at("error_percent").get<double>()), round.at("worst_error_percent").get<double>());
  }
}

}  // namespace
}  // namespace lanewise::cli::testing
