// SPDX-License-Identifier: Apache-2.0
#include "estimator/intervals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/error.hpp"
#include "core/base/parallel.hpp"
#include "core/base/random.hpp"
#include "estimator/features.hpp"
#include "estimator/targets.hpp"

namespace lanewise::estimator {
namespace {

// Errors below this are as good as none: intervals get no narrower than a few of them.
constexpr double kLeastError = 1e-3;
// Trees that learn logarithms may add up to more than any error there was; no subgraph counts as harder than this
// share.
constexpr double kHardest = 0.99;
constexpr int kDifficultyTrees = 100;
constexpr int kDifficultyDepth = 6;
constexpr double kDifficultyRate = 0.1;
constexpr int kCorrelationSteps = 50;

struct Rows {
  std::vector<std::size_t> samples;
  std::vector<float> features;
  std::vector<float> labels;  // log of the error's size

  void add(const TrainingSet& set, std::size_t sample, float label) {
    samples.push_back(sample);
    features.insert(features.end(), set.features(sample).begin(), set.features(sample).end());
    labels.push_back(label);
  }
};

Booster train_difficulty(const Rows& rows, const TrainOptions& options) {
  BoosterOptions booster;
  booster.seed = options.seed;
  booster.trees = kDifficultyTrees;
  booster.depth = kDifficultyDepth;
  booster.learning_rate = kDifficultyRate;
  return Booster::train(rows.features, rows.labels, booster);
}

std::vector<double> sizes(const Booster& difficulty, double hardest, const std::vector<float>& features,
                          std::size_t rows) {
  std::vector<double> out;
  out.reserve(rows);
  for (const float value : difficulty.predict(features, rows)) {
    out.push_back(std::clamp(std::exp(static_cast<double>(value)), kLeastError, hardest));
  }
  return out;
}

// The size below which kHardest of the rows' errors lie.
double hardest_of(const Rows& rows) {
  std::vector<float> labels = rows.labels;
  const auto place = labels.begin() + static_cast<std::ptrdiff_t>(kHardest * static_cast<double>(labels.size() - 1));
  std::nth_element(labels.begin(), place, labels.end());
  return std::max(kLeastError, std::exp(static_cast<double>(*place)));
}

double log_error(const TrainingSet& set, std::size_t sample, double predicted) {
  return std::log(measured(Target::kLatency, set.samples()[sample].measurement) / predicted);
}

double network_size(const std::vector<NetworkPart>& parts, double correlation) {
  double total = 0, sum = 0, squares = 0;
  for (const NetworkPart& part : parts) {
    total += part.cycles;
    sum += part.cycles * part.difficulty;
    squares += part.cycles * part.difficulty * part.cycles * part.difficulty;
  }
  return total > 0 ? std::sqrt((1 - correlation) * squares + correlation * sum * sum) / total : 0;
}

double predicted_total(const std::vector<NetworkPart>& parts) {
  double total = 0;
  for (const NetworkPart& part : parts) total += part.cycles;
  return total;
}

// The correlation under which the networks' errors are likeliest: double exponential around 0, as wide as expected
// times one factor for all (which drops out).
double likeliest_correlation(const std::vector<ComparedNetwork>& networks, const std::vector<double>& weights) {
  double best = 0, least = std::numeric_limits<double>::infinity();
  for (int step = 0; step <= kCorrelationSteps; ++step) {
    const double correlation = static_cast<double>(step) / kCorrelationSteps;
    double weight = 0, error = 0, log_size = 0;
    for (std::size_t i = 0; i < networks.size(); ++i) {
      const double size = network_size(networks[i].parts, correlation);
      weight += weights[i];
      error += weights[i] * std::abs(std::log(networks[i].measured / predicted_total(networks[i].parts))) / size;
      log_size += weights[i] * std::log(size);
    }
    const double cost = std::log(std::max(error, 1e-300) / weight) + log_size / weight;
    if (cost < least) {
      least = cost;
      best = correlation;
    }
  }
  return best;
}

// One over how often each key is there.
std::vector<double> balanced(const std::vector<std::string>& keys) {
  std::map<std::string, double> counts;
  for (const std::string& key : keys) counts[key] += 1;
  std::vector<double> weights;
  weights.reserve(keys.size());
  for (const std::string& key : keys) weights.push_back(1 / counts[key]);
  return weights;
}

double distinct(const std::vector<double>& balanced_weights) {
  double sum = 0;
  for (const double weight : balanced_weights) sum += weight;
  return std::round(sum);
}

// Sizes of the samples in `rows`, each by a booster that saw no row of its fold; of all samples, 0 elsewhere.
std::vector<double> cross_fitted_sizes(const TrainingSet& set, const Rows& rows, const OutOfFold& out_of_fold,
                                       const TrainOptions& options) {
  std::vector<double> size(set.samples().size());
  parallel_for(
      static_cast<std::size_t>(out_of_fold.folds), options.threads,
      [&](std::size_t fold) {
        Rows taught, asked;
        for (std::size_t i = 0; i < rows.samples.size(); ++i) {
          const std::size_t sample = rows.samples[i];
          (out_of_fold.fold[sample] == static_cast<int>(fold) ? asked : taught).add(set, sample, rows.labels[i]);
        }
        if (asked.samples.empty()) return;
        const Rows& teaching = taught.samples.empty() ? asked : taught;
        const std::vector<double> answers =
            sizes(train_difficulty(teaching, options), hardest_of(teaching), asked.features, asked.samples.size());
        for (std::size_t i = 0; i < answers.size(); ++i) size[asked.samples[i]] = answers[i];
      },
      [&](std::size_t done) {
        options.progress("calibrating intervals", static_cast<std::int64_t>(done), out_of_fold.folds);
      });
  return size;
}

void calibrate_networks(const TrainingSet& set, const std::vector<bool>& use, const OutOfFold& out_of_fold,
                        const std::vector<double>& size, const TrainOptions& options, Intervals& intervals) {
  const std::vector<MeasuredNetwork> measured = measured_networks(set, use, options.seed);
  std::vector<ComparedNetwork> networks;
  std::vector<std::string> engines;
  for (const MeasuredNetwork& network : measured) {
    networks.push_back(compared(network, set, out_of_fold.predicted, size));
    engines.push_back(network.engine_hash);
    ++(network.complete ? intervals.complete_networks : intervals.drawn_networks);
  }
  intervals.correlation = likeliest_correlation(networks, balanced(engines));
  intervals.networks = network_scores(set, measured, out_of_fold.predicted, size, intervals.correlation);
}

}  // namespace

std::string engine_triple(const engine::EngineConfig& engine) {
  return fmt::format("{} {} {}", engine.array.parallelism_factor, engine.array.dot_product_lanes,
                     engine.onchip_capacity().count());
}

OutOfFold deal_folds(const TrainingSet& set, const std::vector<bool>& use, const TrainOptions& options) {
  OutOfFold out;
  out.fold.assign(set.samples().size(), -1);
  out.predicted.assign(set.samples().size(), 0);
  // By hash, so that neighbours in size go to different folds; in turn, so that folds are of one size.
  std::map<std::pair<std::uint64_t, std::string>, int> triples;
  std::vector<std::pair<std::uint64_t, std::string>> of_sample(set.samples().size());
  for (std::size_t i = 0; i < of_sample.size(); ++i) {
    if (!use[i]) continue;
    const std::string triple = engine_triple(*set.samples()[i].engine);
    of_sample[i] = {stable_hash("fold:" + triple), triple};
    triples[of_sample[i]] = 0;
  }
  const int folds = std::min(options.folds, static_cast<int>(triples.size()));
  if (folds < 2) return out;
  out.folds = folds;
  int next = 0;
  for (auto& [triple, fold] : triples) fold = next++ % folds;
  for (std::size_t i = 0; i < of_sample.size(); ++i) {
    if (use[i]) out.fold[i] = triples.at(of_sample[i]);
  }
  return out;
}

void predict_fold(const TrainingSet& set, const TrainOptions& options, int fold, OutOfFold& out) {
  std::vector<bool> use(out.fold.size());
  std::vector<std::size_t> asked;
  std::vector<float> features;
  for (std::size_t i = 0; i < use.size(); ++i) {
    use[i] = out.fold[i] >= 0 && out.fold[i] != fold;
    if (out.fold[i] != fold) continue;
    asked.push_back(i);
    features.insert(features.end(), set.features(i).begin(), set.features(i).end());
  }
  const std::vector<float> ratios = set.train(Target::kLatency, use, options).predict(features, asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    out.predicted[asked[i]] = predicted_cycles(ratios[i], set.analytic(asked[i]), *set.samples()[asked[i]].engine);
  }
}

void add_folds(const TrainingSet& set, const TrainOptions& options, OutOfFold& out,
               std::vector<std::function<void()>>& jobs) {
  for (int fold = 0; fold < out.folds; ++fold) {
    jobs.push_back([&set, &options, &out, fold] { predict_fold(set, options, fold, out); });
  }
}

std::vector<double> Intervals::difficulties(const std::vector<float>& features, std::size_t rows) const {
  return folds == 0 ? std::vector<double>(rows, 0.0) : sizes(difficulty, hardest, features, rows);
}

Interval Intervals::subgraph_interval(double cycles, double size, std::int64_t least, double level) const {
  const auto [low, high] = subgraphs.at(level);
  return {std::max(least, static_cast<std::int64_t>(std::floor(cycles * std::exp(low * size)))),
          static_cast<std::int64_t>(std::ceil(cycles * std::exp(high * size)))};
}

Interval Intervals::network_interval(const std::vector<NetworkPart>& parts, double level) const {
  const auto [low, high] = networks.at(level);
  const double total = predicted_total(parts), size = network_difficulty(parts);
  return {static_cast<std::int64_t>(std::floor(total * std::exp(low * size))),
          static_cast<std::int64_t>(std::ceil(total * std::exp(high * size)))};
}

double Intervals::network_difficulty(const std::vector<NetworkPart>& parts) const {
  return network_size(parts, correlation);
}

Intervals calibrate(const TrainingSet& set, const std::vector<bool>& use, const OutOfFold& out_of_fold,
                    const TrainOptions& options, std::vector<double>* sizes) {
  Intervals intervals;
  Rows rows;
  std::vector<std::string> engines;
  for (const std::size_t i : set.order()) {
    if (!use[i] || out_of_fold.folds == 0 || out_of_fold.fold[i] < 0) continue;
    const double error = std::abs(log_error(set, i, out_of_fold.predicted[i]));
    rows.add(set, i, static_cast<float>(std::log(error + kLeastError)));
    engines.push_back(set.keys()[i].engine_hash);
  }
  if (rows.samples.empty()) return intervals;
  intervals.folds = out_of_fold.folds;
  const std::vector<double> size = cross_fitted_sizes(set, rows, out_of_fold, options);
  intervals.difficulty = train_difficulty(rows, options);
  intervals.hardest = hardest_of(rows);
  std::vector<double> scores;
  scores.reserve(rows.samples.size());
  for (const std::size_t i : rows.samples) scores.push_back(log_error(set, i, out_of_fold.predicted[i]) / size[i]);
  const std::vector<double> weights = balanced(engines);
  intervals.subgraphs = ScoreQuantiles::of(scores, weights, distinct(weights));
  std::vector<bool> calibrated(use.size());
  for (const std::size_t i : rows.samples) calibrated[i] = true;
  options.progress("calibrating networks", 0, 0);
  calibrate_networks(set, calibrated, out_of_fold, size, options, intervals);
  if (sizes != nullptr) *sizes = size;
  return intervals;
}

void CoverageCount::add(std::size_t level, const Comparable& latency, const Interval& interval) {
  const auto low = static_cast<double>(interval.low), high = static_cast<double>(interval.high);
  widths_[level].push_back(100 * (high - low) / latency.predicted);
  covered_[level] += latency.measured >= low && latency.measured <= high ? 1 : 0;
}

std::vector<Coverage> CoverageCount::report() const {
  std::vector<Coverage> out;
  for (const auto& [level, all] : widths_) {
    std::vector<double> widths = all;
    const auto middle = widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2);
    std::nth_element(widths.begin(), middle, widths.end());
    const auto count = static_cast<std::int64_t>(widths.size());
    out.push_back({kReportedLevels[level], count,
                   100.0 * static_cast<double>(covered_.at(level)) / static_cast<double>(count), *middle});
  }
  return out;
}

ScoreQuantiles network_scores(const TrainingSet& set, const std::vector<MeasuredNetwork>& networks,
                              const std::vector<double>& predicted, const std::vector<double>& difficulty,
                              double correlation) {
  std::vector<double> scores;
  std::vector<std::string> engines;
  for (const MeasuredNetwork& network : networks) {
    const ComparedNetwork whole = compared(network, set, predicted, difficulty);
    scores.push_back(std::log(whole.measured / predicted_total(whole.parts)) / network_size(whole.parts, correlation));
    engines.push_back(network.engine_hash);
  }
  const std::vector<double> weights = balanced(engines);
  return ScoreQuantiles::of(scores, weights, distinct(weights));
}

ComparedNetwork compared(const MeasuredNetwork& network, const TrainingSet& set, const std::vector<double>& predicted,
                         const std::vector<double>& difficulty) {
  ComparedNetwork out;
  for (const MeasuredNetwork::Part& part : network.parts) {
    const auto times = static_cast<double>(part.occurrences);
    out.measured += times * measured(Target::kLatency, set.samples()[part.sample].measurement);
    out.parts.push_back({times * predicted[part.sample], difficulty[part.sample]});
  }
  return out;
}

}  // namespace lanewise::estimator
