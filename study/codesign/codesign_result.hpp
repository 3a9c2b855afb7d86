// SPDX-License-Identifier: Apache-2.0
// What a codesign found, as plain data: the baseline, the front with its finalists, every candidate, and how far the
// estimator that chose them can be trusted.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "estimator/accuracy_report.hpp"
#include "nas/combined/combined_search.hpp"
#include "nas/metric.hpp"
#include "nas/oracles/successive_halving.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

// A limit that a design does not keep.
struct LimitMiss {
  std::string limit;       // as written
  double bound = 0;        // in the metric's unit
  double value = 0;        // of the design
  bool simulated = false;  // whether it is the simulated value that misses, else the predicted one
};

struct Design {
  std::string encoding;                                    // of the space; reads back
  std::vector<std::pair<std::string, std::string>> genes;  // those that differ from the baseline
  std::vector<std::string> fused_blocks;                   // IBNs that became fused IBNs
  std::string engine_hash;                                 // of the design's engine
  Totals predicted, simulated;                             // the latter empty where it was not simulated
  bool is_simulated = false;
  std::string failure;                     // "", or why the simulator refuses what the search took for possible
  std::optional<double> accuracy;          // where an oracle measured one
  std::optional<Reliability> reliability;  // of the predicted latency
  // The share of the simulated latency that lies in subgraphs that the estimator was trained on, on this very engine.
  // The rest of the prediction is about subgraphs that it never saw.
  // nullopt where it was not simulated, or where nobody knows what the estimator was trained on.
  std::optional<double> trained_on_percent;
  std::vector<LimitMiss> missed;  // limits of the job
  int finalist = 0;               // its number; 0: of the front only
  // Files of a finalist, "" for others: names in the job's folder.
  std::string network_file, engine_file;
  // Of a space in which the numbers of layers are genes, files for --compression and --layer-precision.
  std::string forms_file, precisions_file;
  std::string no_network_file;                         // why there is none of a finalist's network
  std::size_t weights_kept = 0, weights_stripped = 0;  // in the network's file

  // Of latency and energy: predicted less simulated, over simulated.
  double error_percent() const;
  double energy_error_percent() const;
  // Whether the simulated latency lies in the interval of the prediction; where there is none, whether the error is at
  // most kNoIntervalErrorPercent.
  bool within_interval() const;
};

// What may still be called accurate where an estimator gives no intervals.
inline constexpr double kNoIntervalErrorPercent = 5;

// The best latency that a subset of the genes reaches by itself.
struct AblationRow {
  std::string name;  // "depth_multiplier", "fusion", "depth_multiplier_and_fusion", "engine", "network_and_engine"
  Design design;
};

// Designs that were predicted and simulated before anything was searched.
struct Probe {
  std::int64_t designs = 0;
  double mean_error_percent = 0, worst_error_percent = 0;  // absolute, of latency
  double mean_at_most = 0, worst_at_most = 0;              // what is accurate enough
  bool accurate = false;
};

// Where the estimator of a job comes from.
struct EstimatorOrigin {
  std::string kind;            // "given", "default", "store", "measured"
  std::optional<Probe> probe;  // of a default estimator
  std::string note;            // why the job measured by itself; "" where it did not
};

// A round of trust: finalists were simulated, and where the prediction was beyond its interval the estimator learned
// from them before the search went on.
struct TrustRound {
  std::int64_t simulated = 0, beyond = 0;  // finalists, and those beyond their interval
  double mean_error_percent = 0, worst_error_percent = 0;
  std::int64_t rows_added = 0;     // subgraphs of those finalists that the estimator had not seen
  std::int64_t training_rows = 0;  // of the estimator from then on
  std::string change;              // "trained again", "measured and trained anew"
};

// A candidate of the search, in the order in which they were priced.
struct HistoryRow {
  int round = 0;
  std::string search;
  std::string encoding, genes;  // genes: those that differ from the baseline, "NAME=VALUE; …"
  nas::Metrics metrics;
  double violation = 0;
  std::string failure;
  double hypervolume = 0;  // of the front so far in this round, relative to the baseline's box
};

struct CodesignResult {
  std::string network, engine, tool_version;
  engine::EngineIdentity identity;  // of the engine
  std::uint64_t seed = 0;
  std::vector<std::string> objectives;  // as the person named them
  std::vector<nas::Metric> objective_metrics;
  std::vector<std::string> limits;     // all of them, those of the space included
  std::string constraint;              // AccuracyOracle::name(): what stands for quality, and that it is not accuracy
  double area_budget_mm2 = 0;          // 0: none
  std::vector<std::string> free_keys;  // genes of the engine that cost neither area nor energy in the model
  std::string algorithm;
  std::size_t open_genes = 0;         // genes that can change
  double designs_in_space = 0;        // as many as the genes' values allow
  std::vector<std::string> left_out;  // "WHAT: reason": what the space does not offer here
  std::int64_t evaluations = 0;       // distinct designs that the search priced, in all rounds, beside the baseline
  std::int64_t cannot_run = 0;        // of these, those whose engine cannot be or cannot run the network
  // Of these, those that the oracle has no score of, by cause.
  std::map<std::string, std::int64_t> without_accuracy;
  std::string accuracy_by;             // AccuracyCost::by
  std::int64_t accuracy_networks = 0;  // different networks whose score is known
  std::int64_t feasible = 0;           // of these, those that keep every limit
  std::string stopped;                 // why the search ended: "generations", "evaluations", "patience", …
  bool all_infeasible = false;         // then front and finalists are those that miss the limits least
  Design baseline;
  std::vector<Design> front;      // best first objective first
  std::vector<Design> finalists;  // of the front
  std::int64_t finalists_asked = 0;
  std::string fewer_finalists;  // "", or why there are fewer than asked for
  std::int64_t designs_simulated = 0;
  std::vector<HistoryRow> history;
  double hypervolume = 0;  // of the last round's front
  std::vector<AblationRow> ablation;
  EstimatorOrigin origin;
  std::vector<nas::RungAccount> halving;  // of the last round; empty where the job does without
  // Of a combined search: what it trained and what each stage decided. The seconds of its stages are no part of the
  // result and stand in CodesignCost.
  std::optional<nas::CombinedResult> combined;
  std::string combined_score, combined_supernet;  // that pruned; file of the supernet as its name alone, "": none
  std::vector<TrustRound> rounds;
  std::optional<estimator::AccuracyReport> estimator;  // none where a given estimator holds no accuracy

  // Whether a finalist that keeps the limits by prediction misses one by simulation, or none keeps them at all.
  bool failed() const;
};

// What the accuracies of a run took. Programs are those that the oracle starts, such as trainings; oracles that answer
// by themselves start none.
struct AccuracyCost {
  std::string by;                // key of the space that chose the oracle: "table", "command", "train"; "": nobody
  std::int64_t asked = 0;        // of these
  std::int64_t from_before = 0;  //   so many answers were kept
  double seconds = 0;            // on the clock
  std::int64_t programs = 0;     // that were started
  std::int64_t networks = 0;     // that they answered for
  double program_seconds = 0;    // each by itself, added up: they may run side by side
  // The same two of earlier runs of the job.
  std::int64_t earlier_networks = 0;
  double earlier_program_seconds = 0;
};

// What a run cost. It is no part of the result: another run of the same job costs something else.
struct CodesignCost {
  double cpu_seconds = 0;        // of this process and its workers
  std::int64_t simulations = 0;  // subgraphs and whole networks simulated
  std::int64_t estimates = 0;    // designs priced by the estimator
  double watts = 0;              // of one busy core
  AccuracyCost accuracy;
  std::vector<nas::StageAccount> combined;  // seconds of each stage of a combined search; empty: there was none
  double kwh() const { return cpu_seconds * watts / 3.6e6; }
};

// The other way: a search that trains every candidate.
struct TrainingCost {
  double gpu_hours_each = 0, gpu_watts = 0;
  std::int64_t candidates = 0;
  double gpu_days() const { return static_cast<double>(candidates) * gpu_hours_each / 24; }
  double kwh() const { return static_cast<double>(candidates) * gpu_hours_each * gpu_watts / 1000; }
};
// A network of this size takes about this long on one graphics processor: see docs/codesign.md.
inline constexpr double kGpuHoursPerTraining = 2;
inline constexpr double kGpuWatts = 300;
// What the first architecture search by reinforcement learning on proxy tasks took: Zoph et al., Learning transferable
// architectures for scalable image recognition, CVPR 2018.
inline constexpr double kArticleGpuDays = 2000;

}  // namespace lanewise::study
