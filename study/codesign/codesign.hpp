// SPDX-License-Identifier: Apache-2.0
// The main job: one network and one family of engines in, better networks and engines out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/network/graph.hpp"
#include "estimator/estimator.hpp"
#include "nas/design_problem.hpp"
#include "nas/space/space.hpp"
#include "study/campaign/campaign.hpp"
#include "study/codesign/codesign_result.hpp"

namespace lanewise::study {

struct CodesignJob {
  network::Graph graph;
  engine::EngineConfig engine;  // of the baseline
  engine::Family family;
  nas::SpaceDescription space;
  std::vector<nas::Metric> objectives = {nas::Metric::kLatency, nas::Metric::kEnergy};
  CampaignOptions campaign;
  estimator::TrainOptions training;
  std::string algorithm = "nsga2";  // a name of nas::algorithms()
  int population = 48, generations = 40;
  int finalists = 6;      // designs of the front that are simulated; fewer where the front is smaller
  bool ablation = false;  // also search with subsets of the genes
  std::uint64_t seed = 1;
};

// Where the job runs. Nothing in it changes a result.
struct Workplace {
  std::string out;  // folder, created where missing
  std::string worker_path;
  int workers = 1;
};

// The space that is searched when none is given: every IBN may be fused, every stage scaled, channels aligned, and the
// sizes that cost area varied in the family's ranges within the area of the baseline. Parameters and MACs must be at
// least 90 % of the baseline's. spaces/default.yaml describes the same space for the shipped family.
nas::SpaceDescription default_space(const engine::Family& family);

// Measures into OUT/measurements.sqlite, trains, searches under the estimator, simulates the finalists, and writes
// OUT/estimator.lwm and OUT/rows.csv; whoever calls writes the result, as report/ renders it. Killed at any moment, the
// same call goes on from what is stored and ends with the same bytes. Throws Error when OUT holds another job's files.
CodesignResult codesign(const CodesignJob& job, const Workplace& workplace, const Progress& progress = {});

}  // namespace lanewise::study
