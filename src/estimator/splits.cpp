// SPDX-License-Identifier: Apache-2.0
// Which rows are kept from training, and how well the regressor does on them.
#include <fmt/format.h>

#include <array>
#include <set>

#include "base/error.hpp"
#include "base/random.hpp"
#include "estimator/estimator.hpp"
#include "estimator/targets.hpp"
#include "estimator/training_set.hpp"

namespace lanewise::estimator {
namespace {

constexpr std::array<Split, 3> kSplits{Split::kRandom, Split::kUnseenEngine, Split::kUnseenShape};

constexpr std::uint64_t kRandomPercent = 10;
constexpr std::uint64_t kEnginePercent = 20;
constexpr std::uint64_t kShapePercent = 15;

// The prefix keeps the three draws independent of each other.
bool drawn(const char* prefix, const std::string& key, std::uint64_t percent) {
  return stable_hash(prefix + key) % 10000 < percent * 100;
}

std::string engine_triple(const engine::EngineConfig& engine) {
  return fmt::format("{} {} {}", engine.array.parallelism_factor, engine.array.dot_product_lanes,
                     engine.onchip_capacity().count());
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
  Comparison bound, closed_form, outside;
  std::map<std::string, Comparison> families;
  std::set<std::string> engines;
  for (std::size_t row = 0; row < held.size(); ++row) {
    const Sample& sample = set.samples()[held[row]];
    const Analytic& analytic = set.analytic(held[row]);
    engines.insert(set.keys()[held[row]].engine_hash);
    for (const Target target : kTargets) {
      const double truth = measured(target, sample.measurement);
      const double answer = predicted(target, predictions[row]);
      // Where both are 0 (no DRAM traffic at all) there is no relative error to speak of; where one is, a thousandth of
      // a byte stands for it, so that the row counts as missed.
      if (truth > 0 || answer > 0) {
        targets[static_cast<std::size_t>(target)].add(std::max(answer, 1e-3), std::max(truth, 1e-3), sample.weight);
      }
    }
    const double cycles = measured(Target::kLatency, sample.measurement);
    const double answer = predicted(Target::kLatency, predictions[row]);
    bound.add(std::max(1.0, analytic.bounds.roofline_cycles), cycles, sample.weight);
    closed_form.add(analytic.latency_cycles, cycles, sample.weight);
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
  report.reference = closed_form.plain();
  report.outside_ranges = outside.plain();
  for (const auto& [family, comparison] : families) report.by_family[family] = comparison.plain();
  report.engines = static_cast<std::int64_t>(engines.size());
  return report;
}

// One split's rows: which teach, which test, and the boosters between them.
struct Fold {
  std::vector<bool> use;
  std::vector<std::size_t> held;
  std::array<Booster, kTargetCount> boosters;
};

Fold make_fold(const TrainingSet& set, Split split) {
  const std::vector<bool> held = held_out(set.samples(), set.keys(), split);
  Fold fold;
  fold.use = std::vector<bool>(held.size());
  for (std::size_t i = 0; i < held.size(); ++i) {
    if (held[i]) fold.held.push_back(i);
    fold.use[i] = !held[i] && !set.samples()[i].outside_ranges;
  }
  return fold;
}

SplitReport report_fold(const TrainingSet& set, const Fold& fold) {
  std::vector<float> features;
  for (const std::size_t i : fold.held) {
    features.insert(features.end(), set.features(i).begin(), set.features(i).end());
  }
  std::array<std::vector<float>, kTargetCount> ratios;
  for (std::size_t t = 0; t < kTargetCount; ++t) ratios[t] = fold.boosters[t].predict(features, fold.held.size());
  std::vector<Prediction> predictions;
  for (std::size_t row = 0; row < fold.held.size(); ++row) {
    std::array<double, kTargetCount> row_ratios{};
    for (std::size_t t = 0; t < kTargetCount; ++t) row_ratios[t] = ratios[t][row];
    const Sample& sample = set.samples()[fold.held[row]];
    predictions.push_back(to_prediction(row_ratios, set.analytic(fold.held[row]), *sample.engine));
  }
  SplitReport report = compare(set, fold.held, predictions);
  std::set<std::string> engines;
  for (std::size_t i = 0; i < fold.use.size(); ++i) {
    if (!fold.use[i]) continue;
    ++report.training_rows;
    engines.insert(set.keys()[i].engine_hash);
  }
  report.training_engines = static_cast<std::int64_t>(engines.size());
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

std::map<std::string, SplitReport> evaluate_splits(const std::vector<Sample>& samples, const TrainOptions& options) {
  const TrainingSet set(samples);
  std::array<Fold, kSplits.size()> folds;
  for (std::size_t i = 0; i < kSplits.size(); ++i) folds[i] = make_fold(set, kSplits[i]);
  run_jobs(kSplits.size() * kTargetCount, options.threads, [&](std::size_t job) {
    Fold& fold = folds[job / kTargetCount];
    const std::size_t target = job % kTargetCount;
    fold.boosters[target] = set.train(kTargets[target], fold.use, options);
  });
  std::map<std::string, SplitReport> reports;
  for (std::size_t i = 0; i < kSplits.size(); ++i) reports[to_string(kSplits[i])] = report_fold(set, folds[i]);
  return reports;
}

}  // namespace lanewise::estimator
