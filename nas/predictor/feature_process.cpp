// SPDX-License-Identifier: Apache-2.0
#include "nas/predictor/feature_process.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Index = Eigen::Index;
using Parameters = FeatureProcess::Parameters;

struct Prior {
  double mean, deviation;
};
// Values have unit spread. Lengths are in spreads of a number: networks that differ by two spreads in everything say
// little of each other.
constexpr Prior kAmplitude{0.0, 0.8}, kNoise{-1.2, 0.8}, kLength{0.9, 0.7};
constexpr std::array<Prior, 3> kPriors = {kAmplitude, kNoise, kLength};
constexpr double kJitter = 1e-8;
constexpr int kSteps = 30;
constexpr double kFarthest = 5;  // from a prior's mean

double squared_distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return a.empty() ? 0 : sum / static_cast<double>(a.size());
}

double product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// What does not change while parameters are fitted.
struct Geometry {
  Matrix distances, slopes;  // squared distances; covariances by the scores' slopes
  Vector values, shares;     // shares: 1 / measurements of a row
  double within = 0, repeats = 0;

  explicit Geometry(const ProcessRows& rows) {
    const auto count = static_cast<Index>(rows.size());
    distances.resize(count, count);
    slopes.resize(count, count);
    values.resize(count);
    shares.resize(count);
    within = rows.within;
    for (Index i = 0; i < count; ++i) {
      const auto a = static_cast<std::size_t>(i);
      values(i) = rows.values[a];
      shares(i) = 1 / static_cast<double>(rows.counts[a]);
      repeats += static_cast<double>(rows.counts[a] - 1);
      for (Index j = 0; j <= i; ++j) {
        const auto b = static_cast<std::size_t>(j);
        distances(i, j) = distances(j, i) = squared_distance(rows.numbers[a], rows.numbers[b]);
        slopes(i, j) = slopes(j, i) =
            FeatureProcess::kSlope * FeatureProcess::kSlope * product(rows.scores[a], rows.scores[b]);
      }
    }
  }

  Matrix covariance(const Parameters& at) const {
    const double amplitude = std::exp(2 * at[0]), noise = std::exp(2 * at[1]), rate = 0.5 * std::exp(-2 * at[2]);
    Matrix matrix = (amplitude * (-rate * distances.array()).exp()).matrix() + slopes;
    matrix.diagonal().array() += noise * shares.array() + kJitter * (1 + amplitude);
    return matrix;
  }

  double evidence(const Parameters& at) const {
    const Eigen::LLT<Matrix> factor(covariance(at));
    if (factor.info() != Eigen::Success) return -std::numeric_limits<double>::infinity();
    const Vector weights = factor.solve(values);
    double value = -0.5 * values.dot(weights);
    for (Index i = 0; i < values.size(); ++i) value -= std::log(factor.matrixLLT()(i, i));
    // Measurements of one row around their mean tell of the noise alone.
    value -= repeats * at[1] + 0.5 * within * std::exp(-2 * at[1]);
    for (std::size_t p = 0; p < at.size(); ++p) {
      const double away = (at[p] - kPriors[p].mean) / kPriors[p].deviation;
      value -= 0.5 * away * away;
    }
    return value;
  }
};

ProcessRows thinned(const ProcessRows& rows) {
  const std::size_t step = (rows.size() + FeatureProcess::kMostFitted - 1) / FeatureProcess::kMostFitted;
  if (step <= 1) return rows;
  ProcessRows some;
  for (std::size_t i = 0; i < rows.size(); i += step) {
    some.numbers.push_back(rows.numbers[i]);
    some.scores.push_back(rows.scores[i]);
    some.values.push_back(rows.values[i]);
    some.counts.push_back(1);
  }
  return some;
}

// Steps of their own length per parameter, longer while the sign of the slope holds and shorter where it turns.
// Source: Igel and Huesken, Improving the Rprop learning algorithm, 2000.
Parameters best_parameters(const Geometry& geometry) {
  constexpr double kDifference = 1e-4;
  Parameters at, best;
  for (std::size_t p = 0; p < at.size(); ++p) at[p] = kPriors[p].mean;
  best = at;
  std::array<double, 3> length = {0.2, 0.2, 0.2}, last = {};
  double highest = -std::numeric_limits<double>::infinity();
  for (int step = 0; step < kSteps; ++step) {
    const double here = geometry.evidence(at);
    if (here > highest) {
      highest = here;
      best = at;
    }
    std::array<double, 3> slope = {};
    for (std::size_t p = 0; p < at.size(); ++p) {
      Parameters moved = at;
      moved[p] += kDifference;
      slope[p] = (geometry.evidence(moved) - here) / kDifference;
    }
    for (std::size_t p = 0; p < at.size(); ++p) {
      const double turn = slope[p] * last[p];
      if (turn > 0) length[p] = std::min(1.2 * length[p], 1.0);
      if (turn < 0) {
        length[p] = std::max(0.5 * length[p], 1e-3);
        last[p] = 0;
        continue;
      }
      last[p] = slope[p];
      if (slope[p] == 0 || std::isnan(slope[p])) continue;
      at[p] = std::clamp(at[p] + (slope[p] > 0 ? length[p] : -length[p]), kPriors[p].mean - kFarthest,
                         kPriors[p].mean + kFarthest);
    }
  }
  return best;
}

}  // namespace

struct FeatureProcess::State {
  State(ProcessRows given, const Parameters& at) : rows(std::move(given)), parameters(at) {
    const Geometry geometry(rows);
    evidence = geometry.evidence(at);
    factor.compute(geometry.covariance(at));
    if (factor.info() != Eigen::Success) throw Error("what was measured lies too far apart to be told of each other");
    weights = factor.solve(geometry.values);
    // Of g alone: how much of its prior variance is left does not hang on the scores.
    Matrix own = geometry.covariance(at) - geometry.slopes;
    own_factor.compute(own);
  }
  ProcessRows rows;
  Parameters parameters;
  double evidence = 0;
  Eigen::LLT<Matrix> factor, own_factor;
  Vector weights;
};

FeatureProcess::FeatureProcess(ProcessRows rows, const Parameters& parameters)
    : state_(std::make_unique<State>(std::move(rows), parameters)) {}
FeatureProcess::~FeatureProcess() = default;
FeatureProcess::FeatureProcess(FeatureProcess&&) noexcept = default;
FeatureProcess& FeatureProcess::operator=(FeatureProcess&&) noexcept = default;

FeatureProcess FeatureProcess::fitted(ProcessRows rows) {
  const Parameters best = best_parameters(Geometry(thinned(rows)));
  return FeatureProcess(std::move(rows), best);
}

const Parameters& FeatureProcess::parameters() const { return state_->parameters; }
double FeatureProcess::noise_variance() const { return std::exp(2 * state_->parameters[1]); }
double FeatureProcess::evidence() const { return state_->evidence; }

ProcessBelief FeatureProcess::predict(const std::vector<double>& numbers, const std::vector<double>& scores) const {
  const State& s = *state_;
  const double amplitude = std::exp(2 * s.parameters[0]), rate = 0.5 * std::exp(-2 * s.parameters[2]);
  const auto count = static_cast<Index>(s.rows.size());
  Vector own(count), all(count);
  for (Index i = 0; i < count; ++i) {
    const auto a = static_cast<std::size_t>(i);
    own(i) = amplitude * std::exp(-rate * squared_distance(numbers, s.rows.numbers[a]));
    all(i) = own(i) + kSlope * kSlope * product(scores, s.rows.scores[a]);
  }
  ProcessBelief belief;
  belief.mean = all.dot(s.weights);
  const Vector solved = s.factor.matrixL().solve(all);
  belief.variance = std::max(kJitter, amplitude + kSlope * kSlope * product(scores, scores) - solved.squaredNorm());
  const Vector own_solved = s.own_factor.matrixL().solve(own);
  belief.left = std::clamp(1 - own_solved.squaredNorm() / amplitude, 1e-9, 1.0);
  return belief;
}

std::vector<ProcessBelief> FeatureProcess::left_out() const {
  const State& s = *state_;
  const auto count = static_cast<Index>(s.rows.size());
  const Matrix inverse = s.factor.solve(Matrix::Identity(count, count));
  const Matrix own_inverse = s.own_factor.solve(Matrix::Identity(count, count));
  const double amplitude = std::exp(2 * s.parameters[0]);
  std::vector<ProcessBelief> beliefs;
  for (Index i = 0; i < count; ++i) {
    const auto a = static_cast<std::size_t>(i);
    const double noise = noise_variance() / static_cast<double>(s.rows.counts[a]) + kJitter;
    ProcessBelief belief;
    belief.mean = s.rows.values[a] - s.weights(i) / inverse(i, i);
    belief.variance = std::max(kJitter, 1 / inverse(i, i) - noise);
    belief.left = std::clamp((1 / own_inverse(i, i) - noise) / amplitude, 1e-9, 1.0);
    beliefs.push_back(belief);
  }
  return beliefs;
}

FeatureProcess FeatureProcess::with(const std::vector<double>& numbers, const std::vector<double>& scores,
                                    double value) const {
  ProcessRows rows = state_->rows;
  rows.numbers.push_back(numbers);
  rows.scores.push_back(scores);
  rows.values.push_back(value);
  rows.counts.push_back(1);
  return FeatureProcess(std::move(rows), state_->parameters);
}

}  // namespace lanewise::nas
