// SPDX-License-Identifier: Apache-2.0
// The search for networks and engines that run a whole workload in time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "nas/space/space_description.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "study/workload/answer_workload.hpp"
#include "study/workload/workload.hpp"

namespace lanewise::study {

enum class WorkloadObjective { kWorstResponseRatio, kWeightedLatency, kAveragePower, kArea };
const char* to_string(WorkloadObjective objective);  // "worst_response_ratio", "weighted_latency_ms", …
// Reads "worst_response_ratio,area_mm2". Throws Error for an unknown or repeated name.
std::vector<WorkloadObjective> parse_workload_objectives(const std::string& text);
double value_of(WorkloadObjective objective, const WorkloadAnswer& answer);

struct WorkloadJob {
  Workload workload;
  std::vector<network::Graph> graphs;         // of its networks
  std::vector<engine::EngineConfig> engines;  // its own, or the one that it runs on
  std::vector<std::string> hwconfigs;         // their files
  std::vector<engine::Family> families;       // of the engines
  nas::SpaceDescription space;                // moves are made on every network, genes are of every engine
  std::vector<WorkloadObjective> objectives = {WorkloadObjective::kWorstResponseRatio,
                                               WorkloadObjective::kAveragePower};
  std::string algorithm;
  int population = 48;
  std::int64_t evaluations = 1968;  // designs that are priced
  int finalists = 6;                // designs of the front that are simulated and written out
  std::uint64_t seed = 1;
};

struct WorkloadDesign {
  std::vector<std::string> genes;  // "NETWORK:GENE=VALUE", those that differ from the default
  WorkloadAnswer searched;         // by what the search was priced with
  double violation = 0;            // 0: every frame in time, within the space's limits
  std::optional<WorkloadAnswer> simulated;
  std::vector<std::string> files;  // of a finalist
};

struct WorkloadCodesignResult {
  WorkloadDesign baseline;
  std::vector<WorkloadDesign> finalists;  // best first objective first; none fits where nothing was feasible
  bool feasible = false;                  // whether the search found a design that keeps everything
  struct Priced {
    std::vector<std::string> genes;
    std::vector<double> objectives;
    double violation = 0;
    bool front = false;
  };
  std::vector<Priced> history;  // every design, in the order in which it was priced
  std::int64_t evaluations = 0;
  std::string end;                    // why the search ended
  std::vector<std::string> left_out;  // moves and values that do not apply, with reasons
  std::vector<std::string> notes;  // fewer finalists than asked, finalists that miss in simulation what they promised
  record::Source source = record::Source::kSimulated;  // of the search
};

// Searches with `source`, simulates baseline and finalists with `simulator`, and writes the finalists' files into
// `folder`, which exists. The same job gives the same files. Throws Error where the space has networks of its own or
// asks for measured accuracy, and where nothing can change.
WorkloadCodesignResult codesign_workload(const WorkloadJob& job, const std::string& folder, MeasurementSource& source,
                                         MeasurementSource& simulator, const Progress& progress = {});

}  // namespace lanewise::study
