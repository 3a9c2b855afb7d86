// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <thread>

#include "tests/cli/codesign_jobs.hpp"

namespace lanewise::cli::testing {
namespace {

TEST(CodesignFolder, killed_at_any_moment_a_job_ends_with_the_same_folder) {
  const ScratchFolder folder;
  const auto began = std::chrono::steady_clock::now();
  ASSERT_EQ(run(codesign(folder.file("whole"), {"--jobs", "2"})).status, 0);
  const auto whole = std::chrono::steady_clock::now() - began;
  for (const double share : {0.25, 0.55, 0.9}) {
    Running running(codesign(folder.file("cut"), {"--jobs", "1"}));
    std::this_thread::sleep_for(whole * share);
    running.send(SIGKILL);
    running.wait();
  }
  const Finished finished = run(codesign(folder.file("cut"), {"--jobs", "1"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  expect_same_files(folder.file("whole"), folder.file("cut"));
}

TEST(CodesignFolder, holds_no_paths_times_or_worker_counts) {
  const ScratchFolder folder;
  ASSERT_EQ(run(codesign(folder.file("here"), {"--jobs", "1"})).status, 0);
  ASSERT_EQ(run(codesign(folder.file("there"), {"--jobs", "2"})).status, 0);
  expect_same_files(folder.file("here"), folder.file("there"));
  for (const auto& [name, text] : files_of(folder.file("here"))) {
    EXPECT_EQ(text.find(folder.file("here")), std::string::npos) << name;
    EXPECT_EQ(text.find(LANEWISE_SOURCE_DIR), std::string::npos) << name;
  }
}

TEST(CodesignFolder, a_job_that_is_done_is_read_and_not_run) {
  const ScratchFolder folder;
  ASSERT_EQ(run(codesign(folder.file("out"))).status, 0);
  const auto before = files_of(folder.file("out"));
  Json again = run_json(codesign(folder.file("out")));
  EXPECT_EQ(again.at("cost").at("simulations"), 0);
  EXPECT_EQ(again.at("cost").at("estimates"), 0);
  const Finished text = run({"codesign", "--job", folder.file("out/settings.yaml")});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("This job is done"), std::string::npos) << text.out;
  EXPECT_TRUE(files_of(folder.file("out")) == before);
}

TEST(CodesignFolder, a_file_that_was_lost_is_made_again) {
  const ScratchFolder folder;
  ASSERT_EQ(run(codesign(folder.file("out"))).status, 0);
  const auto before = files_of(folder.file("out"));
  std::filesystem::remove(folder.file("out/finalist-1.onnx"));
  ASSERT_EQ(run(codesign(folder.file("out"))).status, 0);
  EXPECT_TRUE(files_of(folder.file("out")) == before);
}

TEST(CodesignFolder, more_generations_finalists_or_another_limit_go_on_from_what_is_there) {
  const ScratchFolder folder;
  const Json first = run_json(codesign(folder.file("out")));
  const Json more = run_json(codesign(folder.file("out"), {"--generations", "5", "--finalists", "3"}));
  EXPECT_EQ(more.at("changed"), Json({"generations: 5, was 3", "finalists: 3, was 2"}));
  EXPECT_GT(more.at("evaluations"), first.at("evaluations"));
  // What the first one priced is not priced again.
  EXPECT_LE(more.at("cost").at("estimates"),
            more.at("evaluations").get<int>() - first.at("evaluations").get<int>() + 40);
  const double best = more.at("finalists").front().at("predicted").at("latency_ms");
  const std::string limit = "latency_ms<=" + std::to_string(1.02 * best);
  const Json limited =
      run_json(codesign(folder.file("out"), {"--generations", "5", "--finalists", "3", "--limit", limit}));
  ASSERT_EQ(limited.at("changed").size(), 1u);
  EXPECT_NE(limited.at("changed").front().get<std::string>().find(limit), std::string::npos);
  for (const Json& finalist : limited.at("finalists")) {
    EXPECT_LE(finalist.at("predicted").at("latency_ms").get<double>(), 1.0201 * best);
  }
  EXPECT_FALSE(std::filesystem::exists(folder.file("out/finalist-4.onnx")));
}

TEST(CodesignFolder, of_another_job_is_refused_by_key_and_both_values) {
  const ScratchFolder folder;
  ASSERT_EQ(run(codesign(folder.file("out"))).status, 0);
  const auto before = files_of(folder.file("out"));
  const std::string job = folder.file("out/settings.yaml");
  expect_refused({"codesign", "--job", job, "--seed", "8"}, 1, {"settings.yaml", "job.seed", "'7'", "'8'"});
  expect_refused({"codesign", "--job", job, "--set", "dram.bandwidth=1.6 GB/s"}, 1, {"made_from.engine", "1.6 GB/s"});
  expect_refused({"codesign", kSqueezeNet, "--job", job}, 1, {"made_from.network", "mobilenet_v2", "squeezenet"});
  expect_refused({"codesign", "--job", job, "--space", "engine-only"}, 1, {"made_from.space", "engine-only"});
  EXPECT_TRUE(files_of(folder.file("out")) == before);
}

TEST(CodesignFolder, the_settings_of_a_job_run_it_again_elsewhere) {
  const ScratchFolder folder;
  ASSERT_EQ(run(codesign(folder.file("out"))).status, 0);
  const Finished again = run({"codesign", "--job", folder.file("out/settings.yaml"), "--out", folder.file("again")});
  ASSERT_EQ(again.status, 0) << again.err;
  expect_same_files(folder.file("out"), folder.file("again"));
  const std::string wrong = folder.write("job.yaml", "job:\n  model: mobilenet_v2\n  hw: ne-256\n  population: 1\n");
  expect_refused({"codesign", "--job", wrong, "--out", folder.file("wrong")}, 1, {wrong + ":4", "population", "1"});
}

TEST(CodesignFolder, another_jobs_candidates_start_a_search_warm) {
  const ScratchFolder folder;
  const Json first = run_json(codesign(folder.file("first")));
  const Arguments few = {"--evaluations", "12", "--objectives", "latency_ms", "--finalists", "1"};
  Arguments warm = few;
  warm.insert(warm.end(), {"--warm-start", folder.file("first")});
  const Json cold = run_json(codesign(folder.file("cold"), few));
  const Json warmed = run_json(codesign(folder.file("warm"), warm));
  EXPECT_LE(warmed.at("finalists").front().at("predicted").at("latency_ms"),
            first.at("finalists").front().at("predicted").at("latency_ms"));
  EXPECT_LT(warmed.at("finalists").front().at("predicted").at("latency_ms"),
            cold.at("finalists").front().at("predicted").at("latency_ms"));
  // Same engine, network and estimator: nothing of the other search was priced again.
  EXPECT_LT(warmed.at("cost").at("estimates"), 30);
  expect_refused(codesign(folder.file("none"), {"--warm-start", folder.file("nothing.csv")}), 1, {"nothing.csv"});
}

}  // namespace
}  // namespace lanewise::cli::testing
