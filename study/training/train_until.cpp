// SPDX-License-Identifier: Apache-2.0
#include "study/training/train_until.hpp"

#include <set>
#include <utility>

#include "core/mapping/subgraph.hpp"
#include "study/dataset/sample_set.hpp"
#include "study/training/accuracy.hpp"

namespace lanewise::study {
namespace {

using PointKey = std::pair<std::string, std::string>;  // engine hash, subgraph key

PointKey key_of(const Campaign& campaign, std::size_t job) {
  return {campaign.engines[campaign.jobs[job].engine].hash, campaign.jobs[job].subgraph_key};
}

// The store's rows against the campaign's sides: what a final model must not see, and what it is tested on.
struct Sides {
  std::vector<bool> excluded, frozen;  // by sample

  Sides(const SampleSet& set, const Campaign& campaign, const LearningOutcome& outcome, estimator::Split split)
      : excluded(estimator::held_out(set.samples, split)), frozen(set.samples.size()) {
    std::set<PointKey> kept_out, tested;
    for (const std::size_t job : outcome.refused) kept_out.insert(key_of(campaign, job));
    for (const std::size_t job : outcome.frozen) tested.insert(key_of(campaign, job));
    std::string hash;
    const engine::EngineConfig* last = nullptr;
    for (std::size_t i = 0; i < set.samples.size(); ++i) {
      const estimator::Sample& sample = set.samples[i];
      if (sample.engine != last) hash = engine::engine_hash(*sample.engine);
      last = sample.engine;
      const PointKey key{hash, mapping::subgraph_key(sample.subgraph)};
      frozen[i] = tested.count(key) > 0;
      excluded[i] = excluded[i] || frozen[i] || kept_out.count(key) > 0;
    }
  }
};

estimator::Accuracy accuracy_on(const SampleSet& set, const std::vector<bool>& use, const estimator::Estimator& model) {
  std::vector<estimator::Estimator::Query> queries;
  std::vector<double> measured, predicted;
  for (std::size_t i = 0; i < set.samples.size(); ++i) {
    if (!use[i]) continue;
    queries.push_back({&set.samples[i].subgraph, set.samples[i].engine});
    measured.push_back(static_cast<double>(set.samples[i].measurement.latency.count()));
  }
  for (const estimator::Prediction& answer : model.predict(queries)) {
    predicted.push_back(static_cast<double>(answer.latency.count()));
  }
  return estimator::accuracy(predicted, measured);
}

}  // namespace

LearningReport train_until(const Campaign& campaign, const LearningSettings& settings,
                           const estimator::TrainOptions& training, record::Store& store, const std::string& store_name,
                           Truth& truth, const std::string& model_path, const Progress& progress) {
  LearningSettings confirmed = settings;
  confirmed.final_training = training;
  confirmed.final_training->measured_by = confirmed.exploring.measured_by = truth.source();
  const LearningOutcome outcome = learn(campaign, confirmed, store, truth, progress);
  const SampleSet set = load_sample_set(store, store_name, progress);
  estimator::TrainOptions reporting = *confirmed.final_training;
  reporting.progress = progress;
  const Sides sides(set, campaign, outcome, settings.split);
  estimator::Estimator model = estimator::Estimator::train(set.samples, reporting, sides.excluded);
  const estimator::Estimator evaluated = estimator::train_and_evaluate(set.samples, reporting);
  model.set_campaigns(set.campaigns);
  model.set_reports(evaluated.reports(), evaluated.network_report());
  const estimator::Accuracy final_accuracy = accuracy_on(set, sides.frozen, model);
  progress("writing the model", 0, 0);
  model.save(model_path);

  LearningReport report;
  report.target = to_string(settings.target);
  report.split = estimator::to_string(settings.split);
  report.strategy = to_string(settings.strategy);
  report.outcome = to_string(outcome.end);
  report.pool_rows = static_cast<std::int64_t>(campaign.jobs.size());
  report.hold_out_rows = static_cast<std::int64_t>(outcome.frozen.size());
  report.refused_rows = static_cast<std::int64_t>(outcome.refused.size());
  report.chosen_rows = static_cast<std::int64_t>(outcome.chosen.size());
  report.failed_rows = outcome.failed;
  for (const LearningRound& round : outcome.rounds) report.rounds.push_back({round.rows, round.accuracy});
  report.final_accuracy = final_accuracy;
  report.final_meets_target = meets(settings.target, final_accuracy);
  report.estimator = accuracy_report(model, model_path);
  return report;
}

}  // namespace lanewise::study
