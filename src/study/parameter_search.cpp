// SPDX-License-Identifier: Apache-2.0
#include "study/parameter_search.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "engine/numeric_parameter.hpp"
#include "study/search_scale.hpp"

namespace lanewise::study {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kHuber = 1.345;            // 95 % efficiency on normal scatter
constexpr double kMadToDeviation = 1.4826;  // of normal scatter
constexpr double kFirstNoise = 0.01;        // log units, before residuals say better
constexpr double kMostNoise = 0.1;          // a description that is this far off still follows the rows
constexpr double kEnough = 1e-3;            // a smaller share of the objective is not worth another round
constexpr int kMostRounds = 8;
constexpr int kMostSteps = 12;

// The objective around one description.
class Objective {
 public:
  Objective(const std::vector<SearchKey>& keys, const ResidualModel& model, double spread)
      : keys_(keys), model_(model), spread_(spread), felt_(keys.size(), true) {}

  struct Point {
    std::vector<double> values;
    Residuals residuals;
    double objective = std::numeric_limits<double>::infinity();
  };

  // Infinite where the model has no answer.
  Point at(const std::vector<double>& values, double noise) {
    Point point{values, {}, std::numeric_limits<double>::infinity()};
    if (std::optional<Residuals> residuals = answer(values)) {
      point.residuals = std::move(*residuals);
      point.objective = objective(values, point.residuals, noise);
    }
    return point;
  }
  double objective(const std::vector<double>& values, const Residuals& residuals, double noise) const {
    double sum = 0;
    for (const double residual : residuals) {
      const double z = std::abs(residual) / noise;
      sum += z <= kHuber ? z * z / 2 : kHuber * (z - kHuber / 2);
    }
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      const double distance = (coordinate(keys_[k], values[k]) - coordinate(keys_[k], keys_[k].start)) / spread_;
      sum += distance * distance / 2;
    }
    return sum;
  }
  std::optional<Residuals> answer(const std::vector<double>& values) {
    ++evaluations_;
    return model_(values);
  }
  // Leaves keys out of slopes and steps while no large change of them alone moves any residual.
  void find_felt(const Point& point) {
    felt_.assign(keys_.size(), false);
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      for (const double ratio : {0.5, 2.0}) {
        std::vector<double> values = point.values;
        values[k] = stepped(keys_[k], values[k], ratio);
        if (felt_[k] || values[k] == point.values[k]) continue;
        const std::optional<Residuals> residuals = answer(values);
        felt_[k] = residuals && *residuals != point.residuals;
      }
    }
  }
  bool felt(std::size_t key) const { return felt_[key]; }
  const std::vector<SearchKey>& keys() const { return keys_; }
  std::int64_t evaluations() const { return evaluations_; }
  double spread() const { return spread_; }

 private:
  const std::vector<SearchKey>& keys_;
  const ResidualModel& model_;
  double spread_;
  std::vector<bool> felt_;
  std::int64_t evaluations_ = 0;
};
using Point = Objective::Point;

// Change of every residual (rows) with every key's coordinate (columns), from the difference over one probe each way. A
// key that no probe moves, or that has no room, is a column of zeroes.
MatrixXd slopes(Objective& objective, const Point& point) {
  const std::vector<SearchKey>& keys = objective.keys();
  const auto rows = static_cast<Eigen::Index>(point.residuals.size());
  MatrixXd jacobian = MatrixXd::Zero(rows, static_cast<Eigen::Index>(keys.size()));
  for (std::size_t k = 0; k < keys.size(); ++k) {
    if (!objective.felt(k)) continue;
    Residuals ends[2] = {point.residuals, point.residuals};
    double reach[2] = {point.values[k], point.values[k]};
    for (const int side : {0, 1}) {
      std::vector<double> values = point.values;
      values[k] = stepped(keys[k], values[k], side == 0 ? 1 / kProbe : kProbe);
      if (values[k] == point.values[k]) continue;
      if (std::optional<Residuals> residuals = objective.answer(values)) {
        ends[side] = std::move(*residuals);
        reach[side] = values[k];
      }
    }
    const double width = coordinate(keys[k], reach[1]) - coordinate(keys[k], reach[0]);
    if (width <= 0) continue;
    for (Eigen::Index i = 0; i < rows; ++i) {
      const auto row = static_cast<std::size_t>(i);
      jacobian(i, static_cast<Eigen::Index>(k)) = (ends[1][row] - ends[0][row]) / width;
    }
  }
  return jacobian;
}

// Where the linearised problem has its minimum, `damping` holding it back.
std::vector<double> proposal(const Objective& objective, const Point& point, const MatrixXd& jacobian, double noise,
                             double damping) {
  const std::vector<SearchKey>& keys = objective.keys();
  const auto n = static_cast<Eigen::Index>(keys.size());
  VectorXd weights(jacobian.rows()), residuals(jacobian.rows());
  for (Eigen::Index i = 0; i < jacobian.rows(); ++i) {
    const double r = point.residuals[static_cast<std::size_t>(i)];
    const double z = std::abs(r) / noise;
    weights[i] = (z <= kHuber ? 1 : kHuber / z) / (noise * noise);
    residuals[i] = r;
  }
  const double pull = 1 / (objective.spread() * objective.spread());
  MatrixXd normal = jacobian.transpose() * weights.asDiagonal() * jacobian;
  VectorXd right = jacobian.transpose() * (weights.asDiagonal() * residuals);
  for (Eigen::Index k = 0; k < n; ++k) {
    const SearchKey& key = keys[static_cast<std::size_t>(k)];
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
void descend(Objective& objective, Point& best, double noise) {
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
void step_along_keys(Objective& objective, Point& best, double noise) {
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
void return_what_may(Objective& objective, Point& best, double noise) {
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

double scatter(Residuals residuals) {
  for (double& residual : residuals) residual = std::abs(residual);
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
    out.push_back(search);
  }
  return out;
}

namespace {

// Every key at a multiple of its start.
std::vector<double> scaled_start(const std::vector<SearchKey>& keys, double ratio) {
  std::vector<double> values;
  values.reserve(keys.size());
  for (const SearchKey& key : keys) values.push_back(ratio == 1 ? key.start : stepped(key, key.start, ratio));
  return values;
}

// One round from each of several beginnings: hollows of the objective lie apart where a plan changes with a value.
Point begin(Objective& objective, const Point& described, const std::vector<double>& beginnings, double noise) {
  Point best = described;
  for (const double ratio : beginnings) {
    Point point = objective.at(scaled_start(objective.keys(), ratio), noise);
    if (point.residuals.empty()) continue;
    objective.find_felt(point);
    descend(objective, point, noise);
    step_along_keys(objective, point, noise);
    if (point.objective < best.objective) best = std::move(point);
  }
  return best;
}

}  // namespace

SearchResult search_parameters(const std::vector<SearchKey>& keys, const ResidualModel& model,
                               const SearchSettings& settings) {
  Objective objective(keys, model, settings.prior_spread);
  SearchResult result;
  result.noise = std::max(kFirstNoise, settings.least_noise);
  Point best = objective.at(scaled_start(keys, 1), result.noise);
  if (best.residuals.empty()) throw Error("the engine as described can run none of the rows");
  result.before = best.residuals;
  best = begin(objective, best, settings.beginnings, result.noise);
  for (int round = 0; round < kMostRounds; ++round) {
    const double before = best.objective;
    objective.find_felt(best);
    descend(objective, best, result.noise);
    step_along_keys(objective, best, result.noise);
    const bool settled = before - best.objective <= kEnough * before;
    const double noise = std::clamp(scatter(best.residuals), settings.least_noise, kMostNoise);
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

const char* to_string(Standing standing) {
  static constexpr const char* kNames[] = {"known", "joint", "at_least", "at_most", "unknown"};
  return kNames[static_cast<std::size_t>(standing)];
}

double mean_error_percent(const Residuals& residuals) {
  if (residuals.empty()) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const double residual : residuals) sum += std::abs(std::expm1(residual));
  return 100 * sum / static_cast<double>(residuals.size());
}

namespace {

// How far the residuals move, as a length, and how the mean error does, where one key alone is another.
struct Response {
  double moved = 0, rise_percent = 0;
};
Response response(const ResidualModel& model, const SearchResult& result, std::size_t key, double value) {
  if (value == result.values[key]) return {};
  std::vector<double> values = result.values;
  values[key] = value;
  const std::optional<Residuals> residuals = model(values);
  if (!residuals) return {};
  double squares = 0;
  for (std::size_t i = 0; i < residuals->size(); ++i) {
    const double difference = (*residuals)[i] - result.after[i];
    squares += difference * difference;
  }
  return {std::sqrt(squares), mean_error_percent(*residuals) - mean_error_percent(result.after)};
}

// What is left of column k once the other columns have explained what they can.
struct Remainder {
  double length = 0;
  std::vector<Eigen::Index> partners;  // those that explain the most, taken one by one
};

// The part of `column` that no combination of `others` makes.
VectorXd unexplained(const MatrixXd& jacobian, Eigen::Index column, const std::vector<Eigen::Index>& others) {
  if (others.empty()) return jacobian.col(column);
  MatrixXd rest(jacobian.rows(), static_cast<Eigen::Index>(others.size()));
  for (std::size_t j = 0; j < others.size(); ++j) {
    rest.col(static_cast<Eigen::Index>(j)) = jacobian.col(others[j]).normalized();
  }
  return jacobian.col(column) - rest * rest.completeOrthogonalDecomposition().solve(jacobian.col(column));
}

Remainder remainder_of(const MatrixXd& jacobian, Eigen::Index k, double enough) {
  std::vector<Eigen::Index> others;
  for (Eigen::Index j = 0; j < jacobian.cols(); ++j) {
    if (j != k && jacobian.col(j).norm() > 0) others.push_back(j);
  }
  Remainder out{unexplained(jacobian, k, others).norm(), {}};
  if (out.length >= enough) return out;
  // Orthogonal matching pursuit (Pati, Rezaiifar and Krishnaprasad, 1993): few columns that make up for this one.
  constexpr std::size_t kMostPartners = 4;
  VectorXd left = jacobian.col(k);
  while (left.norm() >= enough && out.partners.size() < std::min(kMostPartners, others.size())) {
    const auto alike = [&](Eigen::Index j) { return std::abs(jacobian.col(j).dot(left)) / jacobian.col(j).norm(); };
    Eigen::Index most = -1;
    for (const Eigen::Index j : others) {
      const bool taken = std::count(out.partners.begin(), out.partners.end(), j) > 0;
      if (!taken && (most < 0 || alike(j) > alike(most))) most = j;
    }
    out.partners.push_back(most);
    left = unexplained(jacobian, k, out.partners);
  }
  std::sort(out.partners.begin(), out.partners.end());
  return out;
}

}  // namespace

std::vector<KeyStanding> assess(const std::vector<SearchKey>& keys, const ResidualModel& model,
                                const SearchResult& result, const SearchSettings& settings) {
  Objective objective(keys, model, settings.prior_spread);
  const MatrixXd jacobian = slopes(objective, {result.values, result.after, 0});
  // A value is known where the rows leave it less room than the description itself is trusted with.
  const double room = settings.prior_spread / 2;
  std::vector<KeyStanding> standings(keys.size());
  for (std::size_t k = 0; k < keys.size(); ++k) {
    KeyStanding& standing = standings[k];
    const double value = result.values[k];
    standing.lower_rise_percent = response(model, result, k, stepped(keys[k], value, 1 / 1.1)).rise_percent;
    standing.higher_rise_percent = response(model, result, k, stepped(keys[k], value, 1.1)).rise_percent;
    const double lower = response(model, result, k, stepped(keys[k], value, 1 / 1.3)).moved;
    const double higher = response(model, result, k, stepped(keys[k], value, 1.3)).moved;
    const double step = std::log(1.3);
    const double alone = std::max(lower, higher) / step;  // residuals moved a log unit
    if (alone * room < result.noise) continue;
    constexpr double kNothing = 0.05;
    const bool both_ways = value > keys[k].low && value < keys[k].high;
    if (both_ways && std::min(lower, higher) < kNothing * std::max(lower, higher)) {
      standing.standing = lower > higher ? Standing::kAtLeast : Standing::kAtMost;
      continue;
    }
    const auto column = static_cast<Eigen::Index>(k);
    const Remainder remainder = remainder_of(jacobian, column, result.noise / room);
    if (remainder.length * room < result.noise) {
      standing.standing = Standing::kJoint;
      for (const Eigen::Index partner : remainder.partners) {
        standing.together_with.push_back(keys[static_cast<std::size_t>(partner)].key);
      }
      continue;
    }
    standing.standing = Standing::kKnown;
    const double width = std::expm1(result.noise / remainder.length) * (value + keys[k].unit);
    // Less than half a step is no doubt about a whole number.
    if (!keys[k].whole || width >= 0.5) standing.uncertainty_percent = 100 * width / std::max(value, keys[k].unit);
  }
  return standings;
}

}  // namespace lanewise::study
