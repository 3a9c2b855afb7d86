// SPDX-License-Identifier: Apache-2.0
// What a codesign is asked for, and where it runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "core/network/import.hpp"
#include "estimator/estimator.hpp"
#include "nas/metric.hpp"
#include "nas/space/space.hpp"
#include "study/campaign/campaign.hpp"
#include "study/codesign/job_settings.hpp"

namespace lanewise::study {

// A search that trains few networks (nas/combined/combined_search.hpp).
struct CombinedSettings {
  std::int64_t trainings = 0;  // in all, the baseline's among them; 0: the job searches otherwise
  int at_once = 2, pool = 4000, keep = 256;
  std::string score = "scale_capacity";  // that prunes: of nas::network_scores() or of lanewise-fit
  std::string supernet;                  // file; "": none
};

struct CodesignJob {
  std::optional<network::Graph> graph;  // what moves are made on; none where the space has networks of its own
  std::string network_path;             // of the graph's file, whose weights finalists keep; "" where there is none
  network::ImportOptions read_as;       // how that file was read
  engine::EngineConfig engine;          // of the baseline
  std::string engine_path;              // the file that it was loaded from
  engine::Family family;
  nas::SpaceDescription space;

  std::vector<nas::Metric> objectives = {nas::Metric::kLatency, nas::Metric::kEnergy};
  std::vector<nas::Metric> maximised;  // of these, those that are to be as large as possible, accuracy apart
  std::vector<std::string> objective_names = {"latency", "energy"};  // as the person named them
  std::vector<nas::Limit> limits;
  // How many designs estimator, simulator and accuracy oracle judge: the search goes without accuracy, which is then an
  // objective among the last. Empty: every design that is priced is asked for its accuracy.
  std::vector<std::size_t> halving;
  CombinedSettings combined;
  bool allow_commands = false;  // programs that the space names may be run

  // Who predicts: a trained model, the rows of a store, the family's default where it is accurate enough, or a model
  // trained on what the job measures. Paths; "" where there is none.
  std::string estimator_path, store_path, default_estimator;
  bool measure = false;  // whether the job trains its own, whatever the default
  CampaignOptions campaign;
  estimator::TrainOptions training;

  std::string algorithm = "nsga2";  // a name of nas::algorithms()
  // The search's budget: `evaluations` where it is above 0, else population x (generations + 1) for each part.
  int population = 48, generations = 40;
  std::int64_t evaluations = 0;
  double seconds = 0;              // at most; 0: no bound. The one bound that makes results differ from run to run
  int patience = 0;                // batches without a gain in hypervolume after which a part ends; 0: no such end
  std::int64_t simulations = 256;  // designs that are simulated at most, finalists first
  int finalists = 6;               // designs of the front that are proven and written out; fewer where it is smaller
  int rounds = 2;                  // of trust, at most
  bool ablation = false;           // also search with subsets of the genes
  std::string warm_start;          // a job's folder or its history.csv; "" where there is none
  std::uint64_t seed = 1;

  Settings named;  // what the person named: model, hw, set and so on, for settings.yaml
};

// Where the job runs. Nothing in it changes a result.
struct Workplace {
  std::string worker_path;
  int workers = 1;
  double watts = 15;  // of one busy core, for the account of what the job cost
};

// Everything that the result depends on. Throws Error for files that cannot be read.
Settings settings_of(const CodesignJob& job);

// The limits that the space sets: on area, parameters and MACs, as shares of the baseline's or in whole numbers.
std::vector<nas::Limit> limits_of(const nas::SpaceDescription& space);

// The space that is searched when none is given: every IBN may be fused, every stage scaled, channels aligned, and the
// sizes that cost area varied in the family's ranges within the area of the baseline. Parameters and MACs must be at
// least 90 % of the baseline's. spaces/default.yaml describes the same space for the shipped family.
nas::SpaceDescription default_space(const engine::Family& family);

}  // namespace lanewise::study
