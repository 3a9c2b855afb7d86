// SPDX-License-Identifier: Apache-2.0
// The regressor: learns from measured passes, predicts passes never measured, and says how far it can be trusted.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine_config.hpp"
#include "estimator/adaptation.hpp"
#include "mapping/subgraph.hpp"
#include "record/measurement.hpp"

namespace lanewise::estimator {

// A measured pass with what it was measured on. `engine` points to storage that outlives the sample.
struct Sample {
  const engine::EngineConfig* engine = nullptr;
  mapping::Subgraph subgraph;
  record::Measurement measurement;
  double weight = 1;  // occurrences in the shipped networks
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

struct Accuracy {
  std::int64_t rows = 0;
  double mape_percent = 0, rmspe_percent = 0, within_5_percent = 0, within_10_percent = 0, spearman = 0;
};
// predicted and measured > 0, of one length; weights empty (all 1) or of that length.
Accuracy accuracy(const std::vector<double>& predicted, const std::vector<double>& measured,
                  const std::vector<double>& weights = {});
// Rank correlation with ties averaged; 0 when one side is constant.
double spearman(const std::vector<double>& a, const std::vector<double>& b);

struct SplitReport {
  Accuracy latency;                           // of the regressor
  Accuracy bound;                             // of the roofline alone, on the same rows
  Accuracy reference;                         // of the closed form that the regressor corrects, on the same rows
  Accuracy outside_ranges;                    // latency, only the rows outside the family's ranges
  Accuracy weighted;                          // each row counted as often as it occurs in the shipped networks
  Accuracy energy, dram_bytes, peak_sram;     // of the regressor's other targets
  std::map<std::string, Accuracy> by_family;  // latency, a mapping::PassFamily's name each
  std::int64_t training_rows = 0, training_engines = 0, engines = 0;  // engines: held out
};

struct TrainOptions {
  std::uint64_t seed = 1;
  int trees = 600;
  int depth = 8;
  double learning_rate = 0.05;
  int threads = 2;  // boosters trained at once, each by one thread: the answer does not depend on it
};

struct Prediction {
  Cycles latency{0};
  Picojoules energy{0};
  Bytes dram{0};
  Bytes peak_sram{0};
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
  explicit Estimator(std::unique_ptr<Model> model);
  std::unique_ptr<Model> model_;
};

// For each split: trains without the held-out rows, predicts them, reports. Keys: to_string(Split).
std::map<std::string, SplitReport> evaluate_splits(const std::vector<Sample>& samples, const TrainOptions& options);

}  // namespace lanewise::estimator
