// SPDX-License-Identifier: Apache-2.0
// The estimator: gradient-boosted trees that learn the cost of subgraphs from measurements, predict subgraphs never
// measured, and give prediction intervals.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/analytical_tile.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/measurement.hpp"
#include "core/record/store.hpp"
#include "estimator/accuracy.hpp"
#include "estimator/adaptation.hpp"
#include "estimator/card.hpp"
#include "estimator/network_report.hpp"

namespace lanewise::estimator {

// A measured subgraph and the engine it was measured on. `engine` must outlive the sample.
struct Sample {
  const engine::EngineConfig* engine = nullptr;
  mapping::Subgraph subgraph;
  record::Measurement measurement;
  double weight = 1;                                // number of occurrences in the shipped networks
  std::vector<record::NetworkMembership> networks;  // the networks that contain the subgraph, where known
  // The engine lies outside the ranges that its family declares. Such rows test extrapolation and are never trained on.
  bool outside_ranges = false;
  // Measured by a program that may tell less than the simulator: what is 0 was not measured, and is neither learned nor
  // judged.
  bool may_lack = false;
};

// The criterion by which samples are held out from training. The choice depends on hashes of the samples' identity, so
// it is fixed before anything is trained.
enum class Split { kRandom, kUnseenEngine, kUnseenShape };
const char* to_string(Split split);  // "random", "unseen_engine", "unseen_shape"
// One flag per sample: whether it is held out.
//   kRandom: 10 % of the rows.
//   kUnseenEngine: 20 % of the triples (parallelism, lanes, on-chip memory), and every engine outside its family's
//   ranges together with all engines that share its triple. kUnseenShape: 15 % of the shapes (mapping::shape_key).
// Rows outside the ranges are held out by kUnseenEngine alone, and no split trains on them. docs/estimator.md defines
// the hashes.
std::vector<bool> held_out(const std::vector<Sample>& samples, Split split);

struct TrainOptions {
  std::uint64_t seed = 1;
  int trees = 500;  // for the latency; half as many for each other target
  int depth = 8;
  double learning_rate = 0.08;
  // Folds of engines for the out-of-fold errors that calibrate the intervals; below 2 the model has no intervals.
  int folds = 5;
  int threads = 2;  // regressors trained at once, one thread each; the model does not depend on it
  // Of the splits evaluates kUnseenEngine alone, without intervals, and no regressor without the analytical model.
  bool quick = false;
  // Who measured the samples, as Store::source: "" for the simulator. Rows of a program are few: up to kMostSmoothRows
  // of them teach latency by a Gaussian process (estimator/smooth.hpp) instead of trees. Kept in the model.
  std::string measured_by = {};
  // Told of every phase, from the thread that called; changes no result and is kept in no model.
  Progress progress = {};
};

struct Prediction {
  Cycles latency{0};
  Picojoules energy{0};
  Bytes dram{0};
  Bytes peak_sram{0};
};

// A prediction interval of a latency, in cycles.
struct Interval {
  std::int64_t low = 0, high = 0;
};

// A prediction and how reliable it is.
struct Assessment {
  Prediction prediction;
  double difficulty = 0;          // expected |log(measured / predicted)| of the latency; 0: no intervals
  std::int64_t least_cycles = 0;  // the roofline, below which no measurement can be
  // The features of the subgraph outside the range of the training data: "in_channels 4096 > 2048 (convolution)".
  std::vector<std::string> out_of_range;
};

// A distinct subgraph of a network; `cycles` is its predicted latency times its occurrences.
struct NetworkPart {
  double cycles = 0;
  double difficulty = 0;
};

// The contribution of one feature to a predicted latency.
struct Contribution {
  std::string feature;
  double value = 0;      // of the feature
  double log_ratio = 0;  // added to log(predicted / analytical model): a SHAP value (Lundberg et al., 2020)
};
// A row of the training data, near to a query.
struct Neighbour {
  std::string engine;  // its main parameters, as text
  std::string subgraph_key;
  double distance = 0;  // root mean square over all features, in standard deviations
  std::int64_t measured_cycles = 0;
  std::int64_t predicted_cycles = 0;  // out of fold, by a model that never saw its engine; 0: there is none
};
// An explanation of a predicted latency: log(predicted) = log(analytical_cycles) + usual_log_ratio + the sum of the
// contributions, before the prediction is clamped to what is physically possible.
struct Reasons {
  double analytical_cycles = 0;             // the analytical model's latency, the denominator of the learned ratio
  double usual_log_ratio = 0;               // mean over the training rows
  std::vector<Contribution> contributions;  // one per feature, the largest absolute value first
  std::vector<Neighbour> nearest;           // among up to 2,000 training rows kept in the model, nearest first
};

class Estimator {
 public:
  // Trains on all samples except those outside their family's ranges and those flagged in `exclude`, which is empty or
  // has one flag per sample. Equal samples and options give equal bytes of the saved model, whatever the order of the
  // samples and the number of threads. Throws Error when no row is left, or when the engines belong to more than one
  // family.
  static Estimator train(const std::vector<Sample>& samples, const TrainOptions& options,
                         const std::vector<bool>& exclude = {});
  // Throws Error naming file and rule when the file is no model, is damaged, or has another schema.
  static Estimator load(const std::string& path);
  Estimator(Estimator&&) noexcept;
  Estimator& operator=(Estimator&&) noexcept;
  ~Estimator();

  void save(const std::string& path) const;
  // Both pointers must outlive the call.
  struct Query {
    const mapping::Subgraph* subgraph = nullptr;
    const engine::EngineConfig* engine = nullptr;
    const mapping::ClosedForm* form = nullptr;  // of the two, where it is known: predictions are the same, and sooner
  };
  // One prediction per query, in order; a prediction does not depend on the rest of the batch. An adapted estimator
  // predicts the engine that it is adapted to as it was measured.
  std::vector<Prediction> predict(const std::vector<Query>& queries) const;
  // The same for what is wanted of them, at a fraction of the cost; the rest of each prediction may be anything.
  struct Wanted {
    bool latency = true, energy = true, dram = true, peak_sram = true;
  };
  std::vector<Prediction> predict(const std::vector<Query>& queries, const Wanted& wanted) const;
  // The same predictions without any adaptation.
  std::vector<Prediction> predict_described(const std::vector<Query>& queries) const;
  std::vector<Prediction> predict_described(const std::vector<Query>& queries, const Wanted& wanted) const;
  // Only the latencies of predict_described, at a fraction of its cost, for searches with thousands of queries.
  std::vector<Cycles> predict_latencies(const std::vector<Query>& queries) const;

  // The predictions of predict() with their reliability; slower.
  std::vector<Assessment> assess(const std::vector<Query>& queries) const;
  // Whether the model has prediction intervals.
  bool has_intervals() const;
  // The interval that contains the measured latency with the probability `level`, in (0, 1), on an engine exchangeable
  // with those of the training data. It always contains the prediction. Throws InternalError without intervals.
  Interval interval(const Assessment& assessment, double level) const;
  // The same for the sum over a network; `parts` are its distinct subgraphs.
  Interval network_interval(const std::vector<NetworkPart>& parts, double level) const;
  // Explains one prediction of predict_described. Slow: it is meant for single queries.
  Reasons reasons(const Query& query, std::size_t neighbours = 3) const;
  // The parameters of an engine outside the range of the training data, its family included: "dram.bandwidth 0.8 GB/s <
  // 1.6 GB/s".
  std::vector<std::string> out_of_range(const engine::EngineConfig& engine) const;

  // The contents of the model file's header except the reports.
  Card card() const;
  std::int64_t training_rows() const;
  std::int64_t training_engines() const;
  const std::string& family() const;
  // Smallest and largest value of every numeric engine key in the training data, in the unit of
  // engine::numeric_value.
  const std::map<std::string, std::pair<double, double>>& engine_ranges() const;
  // The result of evaluate_splits, kept in the file; empty until set.
  const std::map<std::string, SplitReport>& reports() const;
  void set_reports(std::map<std::string, SplitReport> reports, NetworkReport networks = {});
  // Plan, ranges and seed of what measured the training data, kept in the file; empty until set. They change no answer.
  void set_campaigns(std::vector<record::CampaignRecord> campaigns);
  // Accuracy on whole networks, found by train_and_evaluate and kept in the file; empty where it was not, or where no
  // whole networks were measured.
  const NetworkReport& network_report() const;
  // The adaptation, kept in the file; nullptr without one.
  const Adaptation* adaptation() const;
  void set_adaptation(std::optional<Adaptation> adaptation);

 private:
  struct Model;
  friend Estimator train_and_evaluate(const std::vector<Sample>&, const TrainOptions&);
  explicit Estimator(std::unique_ptr<Model> model);
  std::unique_ptr<Model> model_;
};

// For each split, trains without the held-out rows, predicts them, and reports the accuracy. Keys: to_string(Split).
std::map<std::string, SplitReport> evaluate_splits(const std::vector<Sample>& samples, const TrainOptions& options);
// Estimator::train and evaluate_splits in one, sharing what both train; the reports are set in the estimator.
Estimator train_and_evaluate(const std::vector<Sample>& samples, const TrainOptions& options);

}  // namespace lanewise::estimator
