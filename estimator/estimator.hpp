// SPDX-License-Identifier: Apache-2.0
// The regressor: learns from measured subgraphs, predicts subgraphs never measured, and says how far it can be trusted.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/measurement.hpp"
#include "core/record/store.hpp"
#include "estimator/accuracy.hpp"
#include "estimator/adaptation.hpp"
#include "estimator/card.hpp"

namespace lanewise::estimator {

// A measured subgraph with what it was measured on. `engine` points to storage that outlives the sample.
struct Sample {
  const engine::EngineConfig* engine = nullptr;
  mapping::Subgraph subgraph;
  record::Measurement measurement;
  double weight = 1;                                // occurrences in the shipped networks
  std::vector<record::NetworkMembership> networks;  // the networks that hold the subgraph, where that is known
  // The engine lies beyond the ranges that its family declares: such rows test extrapolation and are never trained on.
  bool outside_ranges = false;
};

// Which samples are kept from training, decided by hashes of what they are before anything is trained.
enum class Split { kRandom, kUnseenEngine, kUnseenShape };
const char* to_string(Split split);  // "random", "unseen_engine", "unseen_shape"
// One fold of held-out rows: kRandom by row (10 %); kUnseenEngine by (parallelism, lanes, on-chip memory) (20 % of the
// triples, and every engine outside the family's ranges with whatever shares its triple); kUnseenShape by
// mapping::shape_key (15 %). Rows outside the ranges are held out by kUnseenEngine alone, and trained on by none.
// docs/estimator.md says how the hashes are taken.
std::vector<bool> held_out(const std::vector<Sample>& samples, Split split);

struct TrainOptions {
  std::uint64_t seed = 1;
  int trees = 500;  // of latency; half as many of each other target
  int depth = 8;
  double learning_rate = 0.08;
  // Of engines, that intervals are calibrated on; below 2: the model has no intervals.
  int folds = 5;
  int threads = 2;  // boosters trained at once, each by one thread: the answer does not depend on it
};

struct Prediction {
  Cycles latency{0};
  Picojoules energy{0};
  Bytes dram{0};
  Bytes peak_sram{0};
};

// A latency's bounds, in cycles.
struct Interval {
  std::int64_t low = 0, high = 0;
};

// A prediction with what is known of its reliability.
struct Assessment {
  Prediction prediction;
  double difficulty = 0;          // expected size of |log(measured / predicted)| of the latency; 0: no intervals
  std::int64_t least_cycles = 0;  // no measurement is below: the roofline
  // What of the subgraph lies beyond what was trained on: "in_channels 4096 > 2048 (convolution)".
  std::vector<std::string> out_of_range;
};

// A subgraph of a network, with its latency as often as it occurs there.
struct NetworkPart {
  double cycles = 0;
  double difficulty = 0;
};

// What a feature did to a predicted latency.
struct Contribution {
  std::string feature;
  double value = 0;      // of the feature
  double log_ratio = 0;  // added to log(predicted / closed form): Shapley values of the trees (Lundberg et al., 2020)
};
// A row that the model was trained on.
struct Neighbour {
  std::string engine;  // its main numbers, as text
  std::string subgraph_key;
  double distance = 0;  // standard deviations, root mean square over all features
  std::int64_t measured_cycles = 0;
  std::int64_t predicted_cycles = 0;  // by a model that never saw its engine; 0: there was none
};
// Why a latency is predicted as it is.
struct Reasons {
  double closed_form_cycles = 0;            // what the learned ratio is a ratio to
  double usual_log_ratio = 0;               // of the training rows on average; this and the contributions add up
  std::vector<Contribution> contributions;  // of every feature, the largest first
  std::vector<Neighbour> nearest;           // among up to 2,000 training rows kept with the model; nearest first
};

class Estimator {
 public:
  // Trains on all samples but those outside their family's ranges (and those of `exclude`, when it is not empty). Same
  // samples and options, same bytes of the saved model, whatever the order of the samples and the number of threads.
  // Throws Error when no row is left, or when the engines are of more than one family.
  static Estimator train(const std::vector<Sample>& samples, const TrainOptions& options,
                         const std::vector<bool>& exclude = {});
  // Throws Error naming file and rule when it is no model, of another schema, or truncated.
  static Estimator load(const std::string& path);
  Estimator(Estimator&&) noexcept;
  Estimator& operator=(Estimator&&) noexcept;
  ~Estimator();

  void save(const std::string& path) const;
  // Batched: one prediction a query, in order. Same bytes whatever the batch.
  struct Query {
    const mapping::Subgraph* subgraph = nullptr;
    const engine::EngineConfig* engine = nullptr;
  };
  // Where the estimator is adapted, the latency on the engine that it is adapted to is that of the engine as measured.
  std::vector<Prediction> predict(const std::vector<Query>& queries) const;
  // The same without any adaptation.
  std::vector<Prediction> predict_described(const std::vector<Query>& queries) const;
  // The latencies of predict_described alone, at a fraction of its cost: for searches that ask thousands of times.
  std::vector<Cycles> predict_latencies(const std::vector<Query>& queries) const;

  // The same predictions as predict(), with what is known of each: slower.
  std::vector<Assessment> assess(const std::vector<Query>& queries) const;
  // Whether intervals were calibrated.
  bool has_intervals() const;
  // Where the measured latency lies with probability `level`, in (0, 1), on an engine like those trained on; holds the
  // prediction. Throws InternalError without intervals.
  Interval interval(const Assessment& assessment, double level) const;
  // The same of the sum of a network's subgraphs: `parts` are its distinct subgraphs.
  Interval network_interval(const std::vector<NetworkPart>& parts, double level) const;
  // Slow: for one subgraph that somebody wonders about. Of the latency as described, without any adaptation.
  Reasons reasons(const Query& query, std::size_t neighbours = 3) const;
  // What of an engine lies beyond those trained on: "dram.bandwidth 0.8 GB/s < 1.6 GB/s"; family and every number.
  std::vector<std::string> out_of_range(const engine::EngineConfig& engine) const;

  // All that the file says of the model but the reports.
  Card card() const;
  std::int64_t training_rows() const;
  std::int64_t training_engines() const;
  const std::string& family() const;
  // Smallest and largest value of every numeric engine key among the engines trained on, in the unit of
  // engine::numeric_value.
  const std::map<std::string, std::pair<double, double>>& engine_ranges() const;
  // What evaluate_splits found, kept in the file; empty until set.
  const std::map<std::string, SplitReport>& reports() const;
  void set_reports(std::map<std::string, SplitReport> reports);
  // What it was adapted to; nullptr: nothing. Kept in the file.
  const Adaptation* adaptation() const;
  void set_adaptation(std::optional<Adaptation> adaptation);

 private:
  struct Model;
  friend Estimator train_and_evaluate(const std::vector<Sample>&, const TrainOptions&);
  explicit Estimator(std::unique_ptr<Model> model);
  std::unique_ptr<Model> model_;
};

// For each split: trains without the held-out rows, predicts them, reports. Keys: to_string(Split).
std::map<std::string, SplitReport> evaluate_splits(const std::vector<Sample>& samples, const TrainOptions& options);
// Estimator::train with what evaluate_splits says as its reports, at less cost than both.
Estimator train_and_evaluate(const std::vector<Sample>& samples, const TrainOptions& options);

}  // namespace lanewise::estimator
