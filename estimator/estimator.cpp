// SPDX-License-Identifier: Apache-2.0
#include "estimator/estimator.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "core/base/error.hpp"
#include "core/base/parallel.hpp"
#include "estimator/feature_row.hpp"
#include "estimator/features.hpp"
#include "estimator/intervals.hpp"
#include "estimator/model.hpp"
#include "estimator/neighbour_index.hpp"
#include "estimator/network_evaluation.hpp"
#include "estimator/splits.hpp"
#include "estimator/training_set.hpp"

namespace lanewise::estimator {
namespace {

// Rows whose features go through the trees together, and are worth a thread: enough of them to pay for fetching each
// tree, few enough for their features to stay in the second-level cache.
constexpr std::size_t kBlockRows = 256;

std::vector<bool> rows_to_use(const std::vector<Sample>& samples, const std::vector<bool>& exclude) {
  if (!exclude.empty() && exclude.size() != samples.size()) {
    throw InternalError("the list of excluded samples has another length than the samples");
  }
  std::vector<bool> use(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    use[i] = !samples[i].outside_ranges && (exclude.empty() || !exclude[i]);
  }
  return use;
}

// What is known of the model before anything is trained. Throws as Estimator::train.
template <class Model>
void describe(const TrainingSet& set, const std::vector<bool>& use, Model& model) {
  std::set<std::string> engines, networks;
  for (std::size_t i = 0; i < use.size(); ++i) {
    if (!use[i]) continue;
    const Sample& sample = set.samples()[i];
    const engine::EngineConfig& engine = *sample.engine;
    if (model.rows++ == 0) model.family = engine.family;
    if (engine.family != model.family) {
      throw Error("an estimator is trained on one family of engines, the rows hold '" +
                  std::min(model.family, engine.family) + "' and '" + std::max(model.family, engine.family) + "'");
    }
    if (engines.insert(set.keys()[i].engine_hash).second) model.ranges.add(engine);
    model.ranges.add(sample.subgraph, set.features(i));
    for (const record::NetworkMembership& member : sample.networks) networks.insert(member.network);
  }
  if (model.rows == 0) throw Error("an estimator needs at least one measured row to train on");
  model.engines = static_cast<std::int64_t>(engines.size());
  model.networks.assign(networks.begin(), networks.end());
}

void run_jobs(const std::vector<std::function<void()>>& jobs, const TrainOptions& options) {
  const auto report = [&](std::size_t done) {
    options.progress("training", static_cast<std::int64_t>(done), static_cast<std::int64_t>(jobs.size()));
  };
  report(0);
  parallel_for(
      jobs.size(), options.threads, [&](std::size_t job) { jobs[job](); }, report);
}

}  // namespace

Estimator::Estimator(std::unique_ptr<Model> model) : model_(std::move(model)) {}
Estimator::Estimator(Estimator&&) noexcept = default;
Estimator& Estimator::operator=(Estimator&&) noexcept = default;
Estimator::~Estimator() = default;

Estimator Estimator::train(const std::vector<Sample>& samples, const TrainOptions& options,
                           const std::vector<bool>& exclude) {
  const std::vector<bool> use = rows_to_use(samples, exclude);
  const TrainingSet set(samples, options.progress);
  auto model = std::make_unique<Model>();
  model->options = options;
  model->options.progress = {};
  describe(set, use, *model);
  OutOfFold out_of_fold = deal_folds(set, use, options);
  std::vector<std::function<void()>> jobs;
  model->add_training(set, use, jobs);
  add_folds(set, options, out_of_fold, jobs);
  run_jobs(jobs, options);
  model->finish(set, use, out_of_fold, options);
  return Estimator(std::move(model));
}

Estimator train_and_evaluate(const std::vector<Sample>& samples, const TrainOptions& options) {
  const std::vector<bool> use = rows_to_use(samples, {});
  const TrainingSet set(samples, options.progress);
  auto model = std::make_unique<Estimator::Model>();
  model->options = options;
  model->options.progress = {};
  describe(set, use, *model);
  OutOfFold out_of_fold = deal_folds(set, use, options);
  SplitEvaluation splits(set, options);
  NetworkEvaluation networks(set, use, out_of_fold, options);
  std::vector<std::function<void()>> jobs;
  model->add_training(set, use, jobs);
  add_folds(set, options, out_of_fold, jobs);
  splits.add_training(jobs);
  networks.add_training(jobs);
  run_jobs(jobs, options);
  const std::vector<double> difficulty = model->finish(set, use, out_of_fold, options);
  model->reports = splits.reports(out_of_fold);
  options.progress("evaluating networks", 0, 0);
  model->network_report = networks.report(difficulty, model->intervals);
  return Estimator(std::move(model));
}

void Estimator::Model::add_training(const TrainingSet& set, const std::vector<bool>& use,
                                    std::vector<std::function<void()>>& jobs) {
  for (std::size_t i = 0; i < kTargetCount; ++i) {
    jobs.push_back([this, &set, &use, i] { boosters[i] = set.train(kTargets[i], use, options); });
  }
}

std::vector<double> Estimator::Model::finish(const TrainingSet& set, const std::vector<bool>& use,
                                             const OutOfFold& out_of_fold, const TrainOptions& training) {
  std::vector<double> difficulty;
  intervals = calibrate(set, use, out_of_fold, training, &difficulty);
  training.progress("indexing rows", 0, 0);
  neighbour_index = NeighbourIndex::sample(set, use, out_of_fold).to_bytes();
  return difficulty;
}

std::vector<Prediction> Estimator::predict_described(const std::vector<Query>& queries) const {
  return predict_described(queries, Wanted());
}

std::vector<Prediction> Estimator::predict_described(const std::vector<Query>& queries, const Wanted& wanted) const {
  std::vector<Prediction> predictions(queries.size());
  const std::size_t blocks = (queries.size() + kBlockRows - 1) / kBlockRows;
  parallel_for(blocks, model_->options.threads, [&](std::size_t block) {
    const std::size_t first = block * kBlockRows, count = std::min(kBlockRows, queries.size() - first);
    model_->predict(queries.data() + first, count, wanted, predictions.data() + first);
  });
  return predictions;
}

void Estimator::Model::predict(const Query* queries, std::size_t count, const Wanted& wanted,
                               Prediction* predictions) const {
  static_assert(kTargets[0] == Target::kLatency && kTargets[1] == Target::kEnergy &&
                kTargets[2] == Target::kDramBytes && kTargets[3] == Target::kPeakSram);
  const std::array<bool, kTargetCount> asked = {wanted.latency, wanted.energy, wanted.dram, wanted.peak_sram};
  const std::size_t columns = feature_names().size();
  std::vector<float> features;
  std::vector<Analytic> analytics;
  features.reserve(count * columns);
  analytics.reserve(count);
  for (std::size_t row = 0; row < count; ++row) {
    analytics.push_back(analyse(*queries[row].subgraph, *queries[row].engine, queries[row].form));
    append_features(*queries[row].subgraph, *queries[row].engine, analytics.back(), features);
  }
  std::array<std::vector<float>, kTargetCount> ratios;
  for (std::size_t i = 0; i < kTargetCount; ++i) {
    if (asked[i]) ratios[i] = boosters[i].predict(features.data(), count, columns);
  }
  for (std::size_t row = 0; row < count; ++row) {
    std::array<double, kTargetCount> row_ratios{};
    for (std::size_t i = 0; i < kTargetCount; ++i) row_ratios[i] = asked[i] ? ratios[i][row] : 0;
    predictions[row] = to_prediction(row_ratios, analytics[row], *queries[row].engine);
  }
}

std::vector<Assessment> Estimator::assess(const std::vector<Query>& queries) const {
  const std::vector<Prediction> predictions = predict(queries);
  const std::size_t columns = feature_names().size();
  std::vector<float> features;
  features.reserve(queries.size() * columns);
  std::vector<Assessment> out(queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const Analytic analytic = analyse(*queries[i].subgraph, *queries[i].engine);
    append_features(*queries[i].subgraph, *queries[i].engine, analytic, features);
    out[i].prediction = predictions[i];
    out[i].least_cycles = least_cycles(analytic);
    out[i].out_of_range = model_->ranges.outside(*queries[i].subgraph, features.data() + i * columns);
  }
  const std::vector<double> difficulties = model_->intervals.difficulties(features, queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) out[i].difficulty = difficulties[i];
  return out;
}

bool Estimator::has_intervals() const { return model_->intervals.folds > 0; }

Interval Estimator::interval(const Assessment& assessment, double level) const {
  if (!has_intervals()) throw InternalError("an estimator without intervals was asked for one");
  return model_->intervals.subgraph_interval(static_cast<double>(assessment.prediction.latency.count()),
                                             assessment.difficulty, assessment.least_cycles, level);
}

Interval Estimator::network_interval(const std::vector<NetworkPart>& parts, double level) const {
  if (!has_intervals()) throw InternalError("an estimator without intervals was asked for one");
  return model_->intervals.network_interval(parts, level);
}

std::vector<std::string> Estimator::out_of_range(const engine::EngineConfig& engine) const {
  std::vector<std::string> out;
  if (engine.family != model_->family) out.push_back("family " + engine.family + ", not " + model_->family);
  for (std::string& text : model_->ranges.outside(engine)) out.push_back(std::move(text));
  return out;
}

std::int64_t Estimator::training_rows() const { return model_->rows; }
std::int64_t Estimator::training_engines() const { return model_->engines; }
const std::string& Estimator::family() const { return model_->family; }
const std::map<std::string, std::pair<double, double>>& Estimator::engine_ranges() const {
  return model_->ranges.engine;
}
const std::map<std::string, SplitReport>& Estimator::reports() const { return model_->reports; }
const NetworkReport& Estimator::network_report() const { return model_->network_report; }
void Estimator::set_reports(std::map<std::string, SplitReport> reports, NetworkReport networks) {
  model_->reports = std::move(reports);
  model_->network_report = std::move(networks);
}

}  // namespace lanewise::estimator
