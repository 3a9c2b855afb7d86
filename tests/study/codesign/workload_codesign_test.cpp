// SPDX-License-Identifier: Apache-2.0
// The search for an engine that runs two networks in time, where all engines can be tried.
#include "study/codesign/workload_codesign.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "nas/algorithms/algorithm.hpp"
#include "study/workload/workload_file.hpp"
#include "tests/core/network/rewrite_draft.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study {
namespace {

using testing::ScratchFolder;

network::Graph chain(int layers, std::int64_t channels, std::int64_t size, std::int64_t kernel) {
  network::testing::Draft draft;
  network::TensorId at = draft.input({1, 8, size, size});
  for (int i = 0; i < layers; ++i) at = draft.convolution("conv" + std::to_string(i), at, channels, kernel);
  return draft.done(at);
}

const std::vector<std::string> kLanes = {"16", "4", "8", "32"}, kProducts = {"16", "8", "32"};

WorkloadJob two_networks() {
  WorkloadJob job;
  job.workload.name = "two";
  job.workload.frames = 4;
  for (int i = 0; i < 2; ++i) {
    WorkloadNetwork network;
    network.name = std::string(1, static_cast<char>('a' + i));
    network.period = network.deadline = Seconds(i == 0 ? 0.0003 : 0.0005);
    network.priority = -i;
    job.workload.networks.push_back(network);
    job.graphs.push_back(i == 0 ? chain(4, 24, 16, 3) : chain(3, 32, 20, 3));
  }
  job.hwconfigs = {"hwconfigs/ne-256.yaml"};
  job.engines = {engine::load_engine(job.hwconfigs.front()).config};
  job.families = {engine::load_family(job.hwconfigs.front())};
  job.space.name = "sizes";
  job.space.moves.fuse_ibn = job.space.moves.align_channels = false;
  job.space.engine.vary = nas::EngineSettings::Vary::kListed;
  job.space.engine.genes = {{"engine.dot_product_lanes", {{"engine.dot_product_lanes", kLanes}}, "test"},
                            {"engine.parallelism_factor", {{"engine.parallelism_factor", kProducts}}, "test"}};
  job.objectives = {WorkloadObjective::kArea};
  job.algorithm = "nsga2";
  job.population = 4;
  job.evaluations = 12;  // all of them
  job.finalists = 3;
  return job;
}

std::map<std::string, std::string> files_of(const ScratchFolder& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder.file(""))) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    files[entry.path().filename().string()] = text.str();
  }
  return files;
}

TEST(WorkloadCodesign, finds_the_smallest_engine_that_meets_every_deadline) {
  const WorkloadJob job = two_networks();
  const auto simulator = make_simulator();
  double smallest = std::numeric_limits<double>::infinity();
  int fit = 0;
  for (const std::string& lanes : kLanes) {
    for (const std::string& products : kProducts) {
      const engine::EngineConfig engine = engine::with_overrides(
          job.engines.front(), {{"engine.dot_product_lanes", lanes}, {"engine.parallelism_factor", products}});
      const WorkloadAnswer answer =
          answer_workload({&job.workload, {&job.graphs[0], &job.graphs[1]}, {&engine}}, *simulator);
      if (!answer.fits) continue;
      ++fit;
      smallest = std::min(smallest, answer.area_mm2);
    }
  }
  ASSERT_GT(fit, 0);
  ASSERT_LT(fit, 12);
  const ScratchFolder folder;
  const WorkloadCodesignResult result = codesign_workload(job, folder.file(""), *simulator, *simulator);
  EXPECT_EQ(result.evaluations, 12);
  ASSERT_TRUE(result.feasible);
  ASSERT_FALSE(result.finalists.empty());
  EXPECT_EQ(result.finalists.front().simulated->area_mm2, smallest);
  EXPECT_TRUE(result.finalists.front().simulated->fits);
  EXPECT_EQ(result.history.size(), 12u);
}

TEST(WorkloadCodesign, a_finalist_s_files_run_as_reported) {
  WorkloadJob job = two_networks();
  job.objectives = {WorkloadObjective::kWorstResponseRatio, WorkloadObjective::kAveragePower};
  const auto simulator = make_simulator();
  const ScratchFolder folder, again;
  const WorkloadCodesignResult result = codesign_workload(job, folder.file(""), *simulator, *simulator);
  ASSERT_FALSE(result.finalists.empty());
  const Workload workload = load_workload(folder.file("finalist-1-workload.yaml"));
  const std::vector<network::Graph> graphs = import_networks(workload);
  const engine::EngineConfig engine = engine::load_engine(workload.engines.front().hwconfig).config;
  const WorkloadAnswer answer = answer_workload({&workload, {&graphs[0], &graphs[1]}, {&engine}}, *simulator);
  const WorkloadAnswer& reported = *result.finalists.front().simulated;
  EXPECT_EQ(answer.objectives.worst_response_ratio, reported.objectives.worst_response_ratio);
  EXPECT_EQ(answer.objectives.weighted_latency_ms, reported.objectives.weighted_latency_ms);
  EXPECT_EQ(answer.energy_uj, reported.energy_uj);
  codesign_workload(job, again.file(""), *simulator, *simulator);
  EXPECT_EQ(files_of(folder), files_of(again));
}

TEST(WorkloadCodesign, moves_are_made_on_every_network) {
  WorkloadJob job = two_networks();
  job.space.moves.depth_multipliers = {1.0, 0.5};
  job.space.engine.genes.clear();
  job.space.engine.vary = nas::EngineSettings::Vary::kNone;
  const auto simulator = make_simulator();
  const ScratchFolder folder;
  const WorkloadCodesignResult result = codesign_workload(job, folder.file(""), *simulator, *simulator);
  std::set<std::string> networks;
  for (const WorkloadCodesignResult::Priced& priced : result.history) {
    for (const std::string& gene : priced.genes) networks.insert(gene.substr(0, gene.find(':')));
  }
  EXPECT_EQ(networks, (std::set<std::string>{"a", "b"}));
  job.space.moves.depth_multipliers = {1.0};
  EXPECT_THROW(codesign_workload(job, folder.file(""), *simulator, *simulator), Error);
}

}  // namespace
}  // namespace lanewise::study
