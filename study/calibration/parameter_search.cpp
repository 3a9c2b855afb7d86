// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/parameter_search.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/base/error.hpp"
#include "core/engine/numeric_parameter.hpp"
#include "study/calibration/fit_objective.hpp"
#include "study/calibration/search_scale.hpp"

namespace lanewise::study {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kMadToDeviation = 1.4826;  // of normal scatter
constexpr double kFirstNoise = 0.01;        // log units, before residuals say better
constexpr double kMostNoise = 0.1;          // a description that is this far off still follows the rows
constexpr double kEnough = 1e-3;            // a smaller share of the objective is not worth another round
// A description says what hardware takes to begin a subgraph; a driver's launch takes thousands of times that.
constexpr const char* kLaunchKey = "command.launch_time";
constexpr const char* kProgrammingKey = "command.cycles_per_pass";
constexpr double kLeastLaunch = 500, kLaunchStep = 2;  // cycles
constexpr double kLaunchSpread = 4;                    // log units
constexpr int kMostRounds = 8;
constexpr int kMostSteps = 12;

using Point = FitObjective::Point;

// Where the linearised problem has its minimum, `damping` holding it back.
std::vector<double> proposal(const FitObjective& objective, const Point& point, const MatrixXd& jacobian, double noise,
                             double damping) {
  const std::vector<SearchKey>& keys = objective.keys();
  const auto n = static_cast<Eigen::Index>(keys.size());
  VectorXd weights(jacobian.rows()), residuals(jacobian.rows());
  for (Eigen::Index i = 0; i < jacobian.rows(); ++i) {
    const double r = point.residuals[static_cast<std::size_t>(i)],
                 weight = objective.weight(static_cast<std::size_t>(i));
    const double z = weight * std::abs(r) / noise;
    weights[i] = weight * weight * (z <= kHuber ? 1 : kHuber / z) / (noise * noise);
    residuals[i] = r;
  }
  MatrixXd normal = jacobian.transpose() * weights.asDiagonal() * jacobian;
  VectorXd right = jacobian.transpose() * (weights.asDiagonal() * residuals);
  for (Eigen::Index k = 0; k < n; ++k) {
    const SearchKey& key = keys[static_cast<std::size_t>(k)];
    const double spread = objective.spread(static_cast<std::size_t>(k)), pull = 1 / (spread * spread);
    normal(k, k) += pull;
    normal(k, k) *= 1 + damping;
    right[k] += pull * (coordinate(key, point.values[static_cast<std::size_t>(k)]) - coordinate(key, key.start));
  }
  const VectorXd step = normal.ldlt().solve(-right);
  std::vector<double> values = point.values;
  for (Eigen::Index k = 0; k < n; ++k) {
    const SearchKey& key = keys[static_cast<std::size_t>(k)];
    const auto at = static_cast<std::size_t>(k);
    values[at] = value_at(key, coordinate(key, values[at]) + std::clamp(step[k], -1.5, 1.5));
  }
  return values;
}

// Levenberg-Marquardt until no damping helps.
void descend(FitObjective& objective, Point& best, double noise) {
  constexpr std::array<double, 4> kDampings = {0, 0.1, 1, 10};
  for (int step = 0; step < kMostSteps; ++step) {
    const MatrixXd jacobian = slopes(objective, best);
    Point next = best;
    for (const double damping : kDampings) {
      Point tried = objective.at(proposal(objective, best, jacobian, noise, damping), noise);
      if (tried.objective < next.objective) {
        next = std::move(tried);
        break;
      }
    }
    const bool enough = best.objective - next.objective <= kEnough * best.objective;
    best = std::move(next);
    if (enough) return;
  }
}

// Each key by itself, from large steps to the smallest: out of plateaus, and onto whole numbers.
void step_along_keys(FitObjective& objective, Point& best, double noise) {
  constexpr std::array<double, 4> kFactors = {2, 1.3, 1.1, 1};  // 1: the smallest step
  for (std::size_t k = 0; k < objective.keys().size(); ++k) {
    if (!objective.felt(k)) continue;
    const SearchKey& key = objective.keys()[k];
    Point around = best;
    for (const double factor : kFactors) {
      for (const bool up : {false, true}) {
        std::vector<double> values = best.values;
        values[k] = factor == 1 ? next_value(key, values[k], up) : stepped(key, values[k], up ? factor : 1 / factor);
        if (values[k] == best.values[k]) continue;
        Point tried = objective.at(values, noise);
        if (tried.objective < around.objective) around = std::move(tried);
      }
    }
    best = std::move(around);
  }
}

// Back to the description wherever that costs next to nothing: half a unit of the objective is what chance gives.
void return_what_may(FitObjective& objective, Point& best, double noise) {
  constexpr double kChance = 0.5;
  const double most = best.objective + kChance;
  for (std::size_t k = 0; k < objective.keys().size(); ++k) {
    std::vector<double> values = best.values;
    values[k] = objective.keys()[k].start;
    if (values[k] == best.values[k]) continue;
    Point tried = objective.at(values, noise);
    if (tried.objective <= most) best = std::move(tried);
  }
}

double scatter(const FitObjective& objective, Residuals residuals) {
  for (std::size_t i = 0; i < residuals.size(); ++i) residuals[i] = objective.weight(i) * std::abs(residuals[i]);
  const auto middle = residuals.begin() + static_cast<std::ptrdiff_t>(residuals.size() / 2);
  std::nth_element(residuals.begin(), middle, residuals.end());
  return kMadToDeviation * *middle;
}

}  // namespace

std::vector<SearchKey> search_keys(const engine::EngineConfig& engine, const std::vector<std::string>& keys) {
  std::vector<SearchKey> out;
  out.reserve(keys.size());
  for (const std::string& key : keys) {
    const engine::NumericParameter parameter = engine::numeric_parameter(key);
    SearchKey search;
    search.key = key;
    search.start = engine::numeric_value(engine, key);
    search.low = parameter.low;
    search.high = parameter.high;
    search.whole = parameter.whole;
    search.unit = smallest_unit(engine, parameter);
    if (is_time(parameter)) search.grid = 1 / engine.array.clock.count();
    if (key == kLaunchKey || key == kProgrammingKey) {
      const double cycle = key == kLaunchKey ? 1 / engine.array.clock.count() : 1;  // in the key's unit
      for (double value = kLeastLaunch * cycle; value <= search.high; value *= kLaunchStep)
        search.beginnings.push_back(value);
      search.spread = kLaunchSpread;
    }
    out.push_back(search);
  }
  return out;
}

namespace {

// Every key at a multiple of a value.
std::vector<double> scaled(const std::vector<SearchKey>& keys, std::vector<double> values, double ratio) {
  for (std::size_t k = 0; k < keys.size(); ++k) {
    if (ratio != 1) values[k] = stepped(keys[k], values[k], ratio);
  }
  return values;
}

std::vector<double> start_of(const std::vector<SearchKey>& keys) {
  std::vector<double> values;
  values.reserve(keys.size());
  for (const SearchKey& key : keys) values.push_back(key.start);
  return values;
}

// The description, but for keys that may be off by far the best of their beginnings.
Point nearest_beginning(FitObjective& objective, const Point& described, double noise) {
  Point best = described;
  for (std::size_t k = 0; k < objective.keys().size(); ++k) {
    const Point around = best;
    for (const double value : objective.keys()[k].beginnings) {
      std::vector<double> values = around.values;
      values[k] = value;
      Point tried = objective.at(values, noise);
      if (tried.objective < best.objective) best = std::move(tried);
    }
  }
  return best;
}

// The best of what single keys at multiples of their values give, one key after the other, twice.
Point nearest_by_keys(FitObjective& objective, Point best, const std::vector<double>& factors, double noise) {
  constexpr int kTimes = 2;
  // Keys that a small change says nothing of are tried too: a unit that is wide enough begins to count once it is
  // narrow.
  for (int time = 0; time < kTimes; ++time) {
    for (std::size_t k = 0; k < objective.keys().size(); ++k) {
      const Point around = best;
      for (const double factor : factors) {
        std::vector<double> values = around.values;
        values[k] = stepped(objective.keys()[k], values[k], factor);
        if (values[k] == around.values[k]) continue;
        Point tried = objective.at(values, noise);
        if (tried.objective < best.objective) best = std::move(tried);
      }
    }
  }
  return best;
}

// Where searches begin: hollows of the objective lie apart where a plan changes with a value, or a limit.
std::vector<Point> beginnings(FitObjective& objective, const Point& near, const SearchSettings& settings,
                              double noise) {
  std::vector<Point> out;
  for (const double ratio : settings.beginnings) {
    out.push_back(objective.at(scaled(objective.keys(), near.values, ratio), noise));
  }
  // A description that the rows agree with is not far from right in any key that they feel.
  if (settings.single_factors.empty() || scatter(objective, near.residuals) <= noise) return out;
  out.push_back(nearest_by_keys(objective, near, settings.single_factors, noise));
  for (const std::vector<double>& values : settings.points) {
    const Point point = objective.at(values, noise);
    if (!point.residuals.empty()) out.push_back(nearest_by_keys(objective, point, settings.single_factors, noise));
  }
  return out;
}

// The best of one round from each beginning.
Point begin(FitObjective& objective, const Point& described, const SearchSettings& settings, double noise) {
  Point best = nearest_beginning(objective, described, noise);
  for (Point& point : beginnings(objective, best, settings, noise)) {
    if (point.residuals.empty()) continue;
    objective.find_felt(point);
    descend(objective, point, noise);
    step_along_keys(objective, point, noise);
    if (point.objective < best.objective) best = std::move(point);
  }
  return best;
}

}  // namespace

SearchOutcome search_parameters(const std::vector<SearchKey>& keys, const ResidualModel& model,
                                const SearchSettings& settings) {
  FitObjective objective(keys, model, settings.prior_spread, settings.weights);
  SearchOutcome result;
  result.noise = std::max(kFirstNoise, settings.least_noise);
  Point best = objective.at(start_of(keys), result.noise);
  if (best.residuals.empty()) throw Error("the engine as described can run none of the rows");
  result.before = best.residuals;
  best = begin(objective, best, settings, result.noise);
  for (int round = 0; round < kMostRounds; ++round) {
    const double before = best.objective;
    objective.find_felt(best);
    descend(objective, best, result.noise);
    step_along_keys(objective, best, result.noise);
    const bool settled = before - best.objective <= kEnough * before;
    const double noise = std::clamp(scatter(objective, best.residuals), settings.least_noise, kMostNoise);
    if (settled && std::abs(std::log(noise / result.noise)) < 0.1) break;
    result.noise = noise;
    best.objective = objective.objective(best.values, best.residuals, noise);
  }
  return_what_may(objective, best, result.noise);
  result.values = best.values;
  result.after = best.residuals;
  result.evaluations = objective.evaluations();
  return result;
}

double mean_error_percent(const Residuals& residuals) {
  if (residuals.empty()) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const double residual : residuals) sum += std::abs(std::expm1(residual));
  return 100 * sum / static_cast<double>(residuals.size());
}

}  // namespace lanewise::study
