// SPDX-License-Identifier: Apache-2.0
// Which rows are kept from training, and how well the regressor does on them.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <set>

#include "core/base/error.hpp"
#include "core/base/parallel.hpp"
#include "core/base/random.hpp"
#include "estimator/estimator.hpp"
#include "estimator/features.hpp"
#include "estimator/splits.hpp"
#include "estimator/targets.hpp"
#include "estimator/training_set.hpp"

namespace lanewise::estimator {
namespace {

constexpr std::uint64_t kRandomPercent = 10;
constexpr std::uint64_t kEnginePercent = 20;
constexpr std::uint64_t kShapePercent = 15;

// The prefix keeps the three draws independent of each other.
bool drawn(const char* prefix, const std::string& key, std::uint64_t percent) {
  return stable_hash(prefix + key) % 10000 < percent * 100;
}

std::vector<bool> hold_engines(const std::vector<Sample>& samples) {
  std::set<std::string> outside;
  for (const Sample& sample : samples) {
    if (sample.outside_ranges) outside.insert(engine_triple(*sample.engine));
  }
  std::vector<bool> held(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::string triple = engine_triple(*samples[i].engine);
    held[i] = outside.count(triple) != 0 || drawn("unseen_engine:", triple, kEnginePercent);
  }
  return held;
}

std::vector<bool> held_out(const std::vector<Sample>& samples, const std::vector<SampleKeys>& keys, Split split) {
  if (split == Split::kUnseenEngine) return hold_engines(samples);
  std::vector<bool> held(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].outside_ranges) continue;
    held[i] = split == Split::kRandom
                  ? drawn("random:", keys[i].engine_hash + " " + keys[i].subgraph_key, kRandomPercent)
                  : drawn("unseen_shape:", mapping::shape_key(samples[i].subgraph.shape), kShapePercent);
  }
  return held;
}

// Predictions beside measurements, as accuracy() takes them.
struct Comparison {
  std::vector<double> predicted, measured, weights;

  void add(double p, double m, double weight) {
    predicted.push_back(p);
    measured.push_back(m);
    weights.push_back(weight);
  }
  Accuracy plain() const { return accuracy(predicted, measured); }
  Accuracy weighted() const { return accuracy(predicted, measured, weights); }
};

double predicted(Target target, const Prediction& p) {
  switch (target) {
    case Target::kLatency:
      return static_cast<double>(p.latency.count());
    case Target::kEnergy:
      return p.energy.count();
    case Target::kDramBytes:
      return static_cast<double>(p.dram.count());
    case Target::kPeakSram:
      return static_cast<double>(p.peak_sram.count());
  }
  throw InternalError("a target without a prediction");
}

// `held` as indices, with one prediction each.
SplitReport compare(const TrainingSet& set, const std::vector<std::size_t>& held,
                    const std::vector<Prediction>& predictions) {
  std::array<Comparison, kTargetCount> targets;
  Comparison bound, analytical_model, outside;
  std::map<std::string, Comparison> families;
  std::set<std::string> engines;
  for (std::size_t row = 0; row < held.size(); ++row) {
    const Sample& sample = set.samples()[held[row]];
    const Analytic& analytic = set.analytic(held[row]);
    engines.insert(set.keys()[held[row]].engine_hash);
    for (const Target target : kTargets) {
      const double truth = measured(target, sample.measurement);
      const double answer = predicted(target, predictions[row]);
      if (sample.may_lack && truth <= 0) continue;
      // Where both are 0 (no DRAM traffic at all) there is no relative error to speak of; where one is, a thousandth of
      // a byte stands for it, so that the row counts as missed.
      if (truth > 0 || answer > 0) {
        targets[static_cast<std::size_t>(target)].add(std::max(answer, 1e-3), std::max(truth, 1e-3), sample.weight);
      }
    }
    const double cycles = measured(Target::kLatency, sample.measurement);
    const double answer = predicted(Target::kLatency, predictions[row]);
    bound.add(std::max(1.0, analytic.bounds.roofline_cycles), cycles, sample.weight);
    analytical_model.add(analytic.latency_cycles, cycles, sample.weight);
    families[mapping::to_string(sample.subgraph.shape.family)].add(answer, cycles, sample.weight);
    if (sample.outside_ranges) outside.add(answer, cycles, sample.weight);
  }
  SplitReport report;
  report.latency = targets[0].plain();
  report.weighted = targets[0].weighted();
  report.energy = targets[1].plain();
  report.dram_bytes = targets[2].plain();
  report.peak_sram = targets[3].plain();
  report.bound = bound.plain();
  report.analytical_model = analytical_model.plain();
  report.outside_ranges = outside.plain();
  for (const auto& [family, comparison] : families) report.by_family[family] = comparison.plain();
  report.engines = static_cast<std::int64_t>(engines.size());
  return report;
}

}  // namespace

const char* to_string(Split split) {
  switch (split) {
    case Split::kRandom:
      return "random";
    case Split::kUnseenEngine:
      return "unseen_engine";
    case Split::kUnseenShape:
      return "unseen_shape";
  }
  throw InternalError("a split without a name");
}

std::vector<bool> held_out(const std::vector<Sample>& samples, Split split) {
  return held_out(samples, keys_of(samples), split);
}

SplitEvaluation::SplitEvaluation(const TrainingSet& set, const TrainOptions& options) : set_(set), options_(options) {
  for (std::size_t s = 0; s < kSplits.size(); ++s) {
    held_[s].evaluated = !options.quick || kSplits[s] == Split::kUnseenEngine;
    if (!held_[s].evaluated) continue;
    const std::vector<bool> held = held_out(set.samples(), set.keys(), kSplits[s]);
    held_[s].split = kSplits[s];
    held_[s].use.resize(held.size());
    for (std::size_t i = 0; i < held.size(); ++i) {
      if (held[i]) held_[s].rows.push_back(i);
      held_[s].use[i] = !held[i] && !set.samples()[i].outside_ranges;
    }
    if (kSplits[s] == Split::kUnseenEngine && !options.quick)
      without_unseen_engines_ = deal_folds(set, held_[s].use, options);
  }
}

void SplitEvaluation::add_training(std::vector<std::function<void()>>& jobs) {
  for (Held& held : held_) {
    if (!held.evaluated) continue;
    for (std::size_t t = 0; t < kTargetCount; ++t) {
      jobs.push_back([this, &held, t] { held.boosters[t] = set_.train(kTargets[t], held.use, options_); });
    }
    if (options_.quick) continue;
    jobs.push_back([this, &held] { held.without_bound = set_.train_without_bound(held.use, options_); });
  }
  add_folds(set_, options_, without_unseen_engines_, jobs);
}

std::map<std::string, SplitReport> SplitEvaluation::reports(const OutOfFold& out_of_fold) const {
  std::map<std::string, SplitReport> out;
  for (const Held& held : held_) {
    if (!held.evaluated) continue;
    options_.progress("evaluating", static_cast<std::int64_t>(out.size()), static_cast<std::int64_t>(held_.size()));
    const bool unseen = held.split == Split::kUnseenEngine;
    out[to_string(held.split)] = report(held, unseen ? without_unseen_engines_ : out_of_fold);
  }
  return out;
}

SplitReport SplitEvaluation::report(const Held& held, const OutOfFold& out_of_fold) const {
  std::vector<float> features;
  for (const std::size_t i : held.rows) {
    features.insert(features.end(), set_.features(i).begin(), set_.features(i).end());
  }
  std::array<std::vector<float>, kTargetCount> ratios;
  for (std::size_t t = 0; t < kTargetCount; ++t) ratios[t] = held.boosters[t].predict(features, held.rows.size());
  std::vector<Prediction> predictions;
  for (std::size_t row = 0; row < held.rows.size(); ++row) {
    std::array<double, kTargetCount> row_ratios{};
    for (std::size_t t = 0; t < kTargetCount; ++t) row_ratios[t] = ratios[t][row];
    predictions.push_back(
        to_prediction(row_ratios, set_.analytic(held.rows[row]), *set_.samples()[held.rows[row]].engine));
  }
  SplitReport report = compare(set_, held.rows, predictions);
  if (!options_.quick) report.without_bound = accuracy_without_bound(held);
  std::set<std::string> engines;
  for (std::size_t i = 0; i < held.use.size(); ++i) {
    if (!held.use[i]) continue;
    ++report.training_rows;
    engines.insert(set_.keys()[i].engine_hash);
  }
  report.training_engines = static_cast<std::int64_t>(engines.size());
  const Intervals intervals = calibrate(set_, held.use, out_of_fold, options_);
  if (intervals.folds > 0) report.intervals = interval_report(held, features, predictions, intervals);
  return report;
}

Accuracy SplitEvaluation::accuracy_without_bound(const Held& held) const {
  const auto columns = static_cast<std::ptrdiff_t>(described_features());
  std::vector<float> features;
  std::vector<double> cycles, predicted;
  for (const std::size_t i : held.rows) {
    features.insert(features.end(), set_.features(i).begin(), set_.features(i).begin() + columns);
    cycles.push_back(measured(Target::kLatency, set_.samples()[i].measurement));
  }
  for (const float logarithm : held.without_bound.predict(features, held.rows.size())) {
    predicted.push_back(std::exp(static_cast<double>(logarithm)));
  }
  return accuracy(predicted, cycles);
}

IntervalReport SplitEvaluation::interval_report(const Held& held, const std::vector<float>& features,
                                                const std::vector<Prediction>& predictions,
                                                const Intervals& intervals) const {
  constexpr std::size_t kLevels = sizeof(kReportedLevels) / sizeof(kReportedLevels[0]);
  const std::vector<double> difficulties = intervals.difficulties(features, held.rows.size());
  CoverageCount subgraphs, subgraphs_outside, networks, networks_outside;
  std::vector<bool> is_held(set_.samples().size());
  std::vector<double> predicted_of(set_.samples().size()), difficulty_of(set_.samples().size());
  for (std::size_t row = 0; row < held.rows.size(); ++row) {
    const std::size_t i = held.rows[row];
    is_held[i] = true;
    predicted_of[i] = static_cast<double>(predictions[row].latency.count());
    difficulty_of[i] = difficulties[row];
    const Comparable latency{measured(Target::kLatency, set_.samples()[i].measurement), predicted_of[i]};
    for (std::size_t level = 0; level < kLevels; ++level) {
      (set_.samples()[i].outside_ranges ? subgraphs_outside : subgraphs)
          .add(level, latency,
               intervals.subgraph_interval(latency.predicted, difficulties[row], least_cycles(set_.analytic(i)),
                                           kReportedLevels[level]));
    }
  }
  IntervalReport report;
  if (held.split == Split::kUnseenEngine) {
    for (const MeasuredNetwork& network : measured_networks(set_, is_held, options_.seed)) {
      const ComparedNetwork whole = compared(network, set_, predicted_of, difficulty_of);
      double total = 0;
      for (const NetworkPart& part : whole.parts) total += part.cycles;
      for (std::size_t level = 0; level < kLevels; ++level) {
        (network.outside_ranges ? networks_outside : networks)
            .add(level, {whole.measured, total}, intervals.network_interval(whole.parts, kReportedLevels[level]));
      }
      report.complete_networks += network.complete ? 1 : 0;
    }
  }
  report.subgraphs = subgraphs.report();
  report.subgraphs_outside = subgraphs_outside.report();
  report.networks = networks.report();
  report.networks_outside = networks_outside.report();
  return report;
}

std::map<std::string, SplitReport> evaluate_splits(const std::vector<Sample>& samples, const TrainOptions& options) {
  const TrainingSet set(samples);
  std::vector<bool> use(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) use[i] = !samples[i].outside_ranges;
  OutOfFold out_of_fold = deal_folds(set, use, options);
  SplitEvaluation splits(set, options);
  std::vector<std::function<void()>> jobs;
  add_folds(set, options, out_of_fold, jobs);
  splits.add_training(jobs);
  parallel_for(jobs.size(), options.threads, [&](std::size_t job) { jobs[job](); });
  return splits.reports(out_of_fold);
}

}  // namespace lanewise::estimator
