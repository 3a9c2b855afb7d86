// SPDX-License-Identifier: Apache-2.0
#include "estimator/subgraph_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <tuple>

#include "core/base/error.hpp"
#include "core/base/parallel.hpp"
#include "core/base/random.hpp"
#include "estimator/feature_row.hpp"
#include "estimator/features.hpp"
#include "estimator/targets.hpp"
#include "estimator/training_set.hpp"

namespace lanewise::estimator {
namespace {

constexpr std::size_t kCommittee = 4;
// Smaller errors are as good as none, and their logarithms would drown the others.
constexpr double kLeastError = 1e-3;
constexpr int kErrorDepth = 6;
constexpr std::size_t kRowsAJob = 512;

std::string group_of(const Sample& sample, const SampleKeys& keys, Split split) {
  switch (split) {
    case Split::kRandom:
      return keys.engine_hash + " " + keys.subgraph_key;
    case Split::kUnseenEngine:
      return fmt::format("{} {} {}", sample.engine->array.parallelism_factor, sample.engine->array.dot_product_lanes,
                         sample.engine->onchip_capacity().count());
    case Split::kUnseenShape:
      return mapping::shape_key(sample.subgraph.shape);
  }
  throw InternalError("a split without groups");
}

BoosterOptions booster_options(const TrainOptions& options) {
  BoosterOptions booster;
  booster.seed = options.seed;
  booster.trees = options.trees;
  booster.depth = options.depth;
  booster.learning_rate = options.learning_rate;
  return booster;
}

}  // namespace

struct SubgraphPool::Points {
  std::vector<const engine::EngineConfig*> engines;
  std::vector<Analytic> analytics;
  std::vector<std::vector<float>> features;
  std::vector<std::size_t> fold;    // by group
  std::vector<std::uint64_t> draw;  // an order that has nothing to do with what the points are
  std::vector<std::size_t> rank;    // in the order of engine hash and subgraph key, in which estimators are trained

  double analytical_cycles(std::size_t i) const { return analytical_value(Target::kLatency, analytics[i]); }

  double label(const KnownPoint& known) const {
    return std::log(static_cast<double>(known.latency.count()) / analytical_cycles(known.point));
  }

  std::vector<float> rows(const std::vector<std::size_t>& asked) const {
    std::vector<float> out;
    out.reserve(asked.size() * feature_names().size());
    for (const std::size_t i : asked) out.insert(out.end(), features[i].begin(), features[i].end());
    return out;
  }

  std::vector<KnownPoint> in_order(std::vector<KnownPoint> known) const {
    if (known.empty()) throw Error("nothing to learn from: no point of the pool has a measurement");
    std::sort(known.begin(), known.end(),
              [&](const KnownPoint& a, const KnownPoint& b) { return rank[a.point] < rank[b.point]; });
    return known;
  }

  Booster train(const std::vector<KnownPoint>& known, const BoosterOptions& options, bool smooth = false) const {
    std::vector<float> labels;
    std::vector<std::size_t> asked;
    for (const KnownPoint& point : known) {
      labels.push_back(static_cast<float>(label(point)));
      asked.push_back(point.point);
    }
    return smooth ? Booster::train_smooth(rows(asked), labels) : Booster::train(rows(asked), labels, options);
  }
};

SubgraphPool::SubgraphPool(const std::vector<Sample>& points, Split split, int threads)
    : points_(std::make_unique<Points>()) {
  const std::vector<SampleKeys> keys = keys_of(points);
  points_->engines.resize(points.size());
  points_->analytics.resize(points.size());
  points_->features.resize(points.size());
  points_->fold.resize(points.size());
  points_->draw.resize(points.size());
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(keys[a].engine_hash, keys[a].subgraph_key, a) <
           std::tie(keys[b].engine_hash, keys[b].subgraph_key, b);
  });
  points_->rank.resize(points.size());
  for (std::size_t place = 0; place < order.size(); ++place) points_->rank[order[place]] = place;
  parallel_for((points.size() + kRowsAJob - 1) / kRowsAJob, threads, [&](std::size_t job) {
    for (std::size_t i = job * kRowsAJob; i < std::min(points.size(), (job + 1) * kRowsAJob); ++i) {
      const Sample& sample = points[i];
      points_->engines[i] = sample.engine;
      points_->analytics[i] = analyse(sample.subgraph, *sample.engine);
      points_->features[i].reserve(feature_names().size());
      append_features(sample.subgraph, *sample.engine, points_->analytics[i], points_->features[i]);
      points_->draw[i] = stable_hash("draw:" + keys[i].engine_hash + " " + keys[i].subgraph_key);
      points_->fold[i] = stable_hash("committee:" + group_of(sample, keys[i], split)) % kCommittee;
    }
  });
}

SubgraphPool::~SubgraphPool() = default;
SubgraphPool::SubgraphPool(SubgraphPool&&) noexcept = default;
SubgraphPool& SubgraphPool::operator=(SubgraphPool&&) noexcept = default;

std::vector<double> SubgraphPool::predict(const std::vector<KnownPoint>& known, const std::vector<std::size_t>& asked,
                                          const TrainOptions& options) const {
  const Booster booster =
      points_->train(points_->in_order(known), booster_options(options), trains_smooth(options, known.size()));
  const std::vector<float> ratios = booster.predict(points_->rows(asked), asked.size());
  std::vector<double> cycles;
  cycles.reserve(asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    std::array<double, kTargetCount> logs{};
    logs[static_cast<std::size_t>(Target::kLatency)] = ratios[i];
    const Prediction prediction = to_prediction(logs, points_->analytics[asked[i]], *points_->engines[asked[i]]);
    cycles.push_back(static_cast<double>(prediction.latency.count()));
  }
  return cycles;
}

std::vector<std::size_t> SubgraphPool::most_telling(const std::vector<KnownPoint>& known,
                                                    const std::vector<std::size_t>& asked, std::size_t count) const {
  // The kernels of more than so many points do not fit a laptop's memory; of these the first ones stand for all.
  constexpr std::size_t kMostAsked = 2000;
  std::vector<std::size_t> from = asked;
  std::sort(from.begin(), from.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(points_->draw[a], a) < std::tie(points_->draw[b], b);
  });
  if (from.size() > kMostAsked) from.resize(kMostAsked);
  std::vector<std::size_t> chosen;
  if (known.size() < 2) {
    chosen = SmoothModel::most_spread(points_->rows(from), from.size(), count);
  } else {
    const Booster booster = points_->train(points_->in_order(known), {}, true);
    chosen = booster.smooth()->most_telling(points_->rows(from), from.size(), count);
  }
  for (std::size_t& point : chosen) point = from[point];
  return chosen;
}

std::vector<double> SubgraphPool::expected_errors(const std::vector<KnownPoint>& known,
                                                  const std::vector<std::size_t>& asked,
                                                  const TrainOptions& options) const {
  const std::vector<KnownPoint> rows = points_->in_order(known);
  const std::vector<float> asked_features = points_->rows(asked);
  // Members that have rows to learn from: all of them, unless there are only few groups.
  std::array<std::vector<float>, kCommittee> answers;
  std::vector<float> errors(rows.size());
  parallel_for(kCommittee, options.threads, [&](std::size_t member) {
    std::vector<KnownPoint> taught;
    std::vector<std::size_t> kept, kept_points;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (points_->fold[rows[i].point] != member) {
        taught.push_back(rows[i]);
      } else {
        kept.push_back(i);
        kept_points.push_back(rows[i].point);
      }
    }
    std::vector<float> said(kept.size(), 0.0F);  // without a row to learn from the analytical model stands
    if (!taught.empty()) {
      BoosterOptions booster_of_member = booster_options(options);
      booster_of_member.seed += member;
      const Booster booster = points_->train(taught, booster_of_member);
      said = booster.predict(points_->rows(kept_points), kept.size());
      answers[member] = booster.predict(asked_features, asked.size());
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const double error = std::abs(points_->label(rows[kept[i]]) - static_cast<double>(said[i]));
      errors[kept[i]] = static_cast<float>(std::log(std::max(error, kLeastError)));
    }
  });
  BoosterOptions of_errors = booster_options(options);
  of_errors.depth = std::min(options.depth, kErrorDepth);
  std::vector<std::size_t> known_points;
  known_points.reserve(rows.size());
  for (const KnownPoint& point : rows) known_points.push_back(point.point);
  const std::vector<float> sizes =
      Booster::train(points_->rows(known_points), errors, of_errors).predict(asked_features, asked.size());

  std::vector<double> expected;
  expected.reserve(asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    double members = 0, sum = 0, squares = 0;
    for (const std::vector<float>& answer : answers) {
      if (answer.empty()) continue;
      const double value = answer[i];
      members += 1;
      sum += value;
      squares += value * value;
    }
    const double variance = members > 0 ? std::max(0.0, squares / members - sum * sum / (members * members)) : 0;
    const double size = std::exp(static_cast<double>(sizes[i]));
    expected.push_back(std::sqrt(size * size + variance));
  }
  return expected;
}

}  // namespace lanewise::estimator
