// SPDX-License-Identifier: Apache-2.0
// Advice on a network and an engine: what each move and each key is worth, which moves to make together, and why.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/network/graph.hpp"
#include "estimator/estimator.hpp"
#include "nas/metric.hpp"
#include "nas/moves/moves_file.hpp"
#include "nas/moves/resolve.hpp"
#include "nas/space/space_description.hpp"
#include "study/codesign/codesign_result.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "study/evaluation/sensitivity_table.hpp"

namespace lanewise::study {

struct AdviceJob {
  const network::Graph* graph = nullptr;  // as given
  engine::EngineConfig engine;            // as given
  std::string engine_path;                // the file that it was loaded from
  engine::Family family;
  nas::SpaceDescription space;     // of moves: which there are, and the limits that designs keep beside `limits`
  std::vector<nas::Limit> limits;  // factors of the network and the engine as given
  // What a person decided before: entries that are taken stay, what is vetoed is never proposed.
  nas::MovesFile moves;
  // Moves and keys, of each the best so many, that are confirmed by simulation, and the best of each kind of move; 0:
  // none at all.
  std::size_t top = 10;
};

// What a design costs, by prediction or by simulation.
struct DesignCost {
  std::int64_t latency_cycles = 0;
  double latency_ms = 0;
  double energy_uj = 0;
  double area_mm2 = 0;
  std::int64_t macs = 0, parameters = 0;
};

// What a change does to the subgraphs that it changes, by simulation.
struct MoveExplanation {
  std::string layers;  // the family of subgraphs that took most of the time before: "depthwise"
  std::int64_t subgraphs_before = 0, subgraphs_after = 0;
  double before_ms = 0, after_ms = 0;
  std::int64_t macs_before = 0, macs_after = 0;
  double utilization_before = 0, utilization_after = 0;  // MACs over the array's most, 0 to 1
  // MACs a cycle that the family which takes most of the time can feed at most, for its channels and the array's shape;
  // the array's own number.
  double feeds_before = 0, feeds_after = 0;
  std::int64_t array_macs = 0;
  std::string bound_before, bound_after;  // the resource that would help most; "" where no subgraph is left
};

// A move by itself, beside the network as it is.
struct MoveGain {
  std::string move, place, value;  // "fuse", "ibn1", "fused_ibn"
  std::string failure;             // "", or why the engine cannot run it; then the rest is empty
  double latency_saved_ms = 0;     // by prediction; below 0: it costs
  double parameters_added = 0;     // below 0: it saves some
  double macs_added = 0;
  DesignCost predicted;
  std::optional<DesignCost> simulated;  // where it was confirmed
  std::optional<double> simulated_saved_ms;
  std::optional<MoveExplanation> explanation;  // where it was confirmed
  std::vector<std::string> breaks;             // limits that it breaks by itself, as written

  // Latency saved per parameter added; infinite where it saves latency and adds none. By simulation where it was
  // confirmed.
  double rate() const;
  double saved_ms() const { return simulated_saved_ms.value_or(latency_saved_ms); }
};
// Whether `a` is the better advice: by rate, and of those that add no parameters by latency saved.
bool better(const MoveGain& a, const MoveGain& b);

// Keys of the engine by themselves, beside the engine as it is.
struct EngineGain {
  std::vector<ChangedKey> keys;  // one, but for groups
  std::string group;             // what they make larger or faster together; "" for one key
  double latency_saved_ms = 0;   // by prediction
  double area_added_mm2 = 0;
  DesignCost predicted;
  std::optional<DesignCost> simulated;
  std::optional<double> simulated_saved_ms;

  double rate() const;  // latency saved per mm2 added; infinite where it saves latency and adds none
  double saved_ms() const { return simulated_saved_ms.value_or(latency_saved_ms); }
};
bool better(const EngineGain& a, const EngineGain& b);

struct PlanStep {
  std::string move, place, value;
  bool accepted = false;            // a person had taken it already
  DesignCost predicted, simulated;  // of all steps up to this one
  std::vector<std::string> breaks;  // limits that are broken with the steps up to this one
};

// Moves to be made together.
struct Plan {
  std::vector<PlanStep> steps;  // what saves most beside those before it goes first
  std::string encoding;         // of all of them together
  DesignCost predicted, simulated;
  std::vector<LimitMiss> missed;  // limits that the whole does not keep
  std::int64_t evaluations = 0;   // designs priced to find it
  std::int64_t simulated_designs = 0;
};

struct Advice {
  std::string network, engine, tool_version, space;
  engine::EngineIdentity identity;
  record::Source ranked_by = record::Source::kEstimated;  // who says what moves are worth
  std::vector<std::string> limits;
  DesignCost given_predicted, given_simulated;  // network and engine as given
  DesignCost start_predicted, start_simulated;  // with what the person had taken already
  std::int64_t tried = 0;                       // moves
  std::int64_t vetoed = 0;                      // moves that were not tried
  std::int64_t do_not_pay = 0;                  // moves that save no latency, or none in simulation
  std::vector<MoveGain> moves;                  // that pay, the best first
  std::vector<MoveGain> cannot_run;
  std::vector<std::string> left_out;  // "MOVE.PLACE: reason" of moves that the network does not allow
  Plan plan;
  std::int64_t keys_tried = 0, keys_vetoed = 0, keys_do_not_pay = 0;
  std::vector<EngineGain> keys;   // that pay, the best first
  std::vector<EngineGain> spare;  // that save area and cost next to no latency, what saves most first
  std::vector<Untried> keys_left_out;
  std::vector<nas::SkippedMove> skipped;  // of patterns of the person's file
  std::vector<nas::PlacedMove> taken;     // what the person's file makes here, settled for its capacity
  // Whether it makes the same beside the plan's moves. What they add or take may ask for more or less of what stands
  // for capacity; then the file that the advice becomes says what was settled.
  bool settles_alike = true;
};

// Tries every move of the space on every place beside what the person has taken, confirms the best by simulation, and
// puts together a plan within the limits. `estimator`: who predicts; nullptr: the simulator ranks moves as well. The
// result depends on nothing else but the job. Throws Error where network, space, limits or the person's moves do not
// fit together, and where the engine cannot run the network as it is.
Advice advise(const AdviceJob& job, const estimator::Estimator* estimator, MeasurementSource& simulator,
              const Progress& progress = {});

// The parts of it, for those who want one alone.
struct AdviceParts {
  bool moves = true, plan = true, keys = true;
};
Advice advise(const AdviceJob& job, const estimator::Estimator* estimator, MeasurementSource& simulator,
              const AdviceParts& parts, const Progress& progress);

// The advice as a moves file: the plan's moves taken, others that pay, by move or key, listed. What the file before
// said stays: its capacity, what is taken or vetoed, for whatever engine, and what is not taken unless a tool listed
// it, which the new list stands for.
nas::MovesFile moves_file_of(const Advice& advice, const nas::MovesFile& before);

}  // namespace lanewise::study
