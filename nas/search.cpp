// SPDX-License-Identifier: Apache-2.0
#include "nas/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "core/base/error.hpp"
#include "nas/algorithms/archive.hpp"
#include "nas/algorithms/hypervolume.hpp"
#include "nas/algorithms/state_text.hpp"

namespace lanewise::nas {
namespace {

constexpr std::size_t kLeastViolatingShown = 10;
// Objectives beyond this stand for designs that cannot be, and say nothing about a scale.
constexpr double kMostObjective = 1e300;

bool counts(const Evaluation& evaluation) {
  return !(evaluation.violation > 0) && std::all_of(evaluation.objectives.begin(), evaluation.objectives.end(),
                                                    [](double value) { return std::abs(value) < kMostObjective; });
}

// The worst of each objective and a tenth of the extent beyond it, so that the ends of the front count too.
std::vector<double> reference_of(const std::vector<Individual>& individuals) {
  std::vector<double> lowest, highest;
  for (const Individual& individual : individuals) {
    if (!counts(individual.evaluation)) continue;
    const std::vector<double>& values = individual.evaluation.objectives;
    if (lowest.empty()) lowest = highest = values;
    for (std::size_t i = 0; i < values.size(); ++i) {
      lowest[i] = std::min(lowest[i], values[i]);
      highest[i] = std::max(highest[i], values[i]);
    }
  }
  for (std::size_t i = 0; i < highest.size(); ++i) {
    const double extent = highest[i] - lowest[i];
    highest[i] += 0.1 * (extent > 0 ? extent : std::max(std::abs(highest[i]), 1.0));
  }
  return highest;
}

class Search {
 public:
  Search(Problem& problem, Algorithm& algorithm, const SearchBudget& budget, const SearchHooks& hooks)
      : problem_(problem), algorithm_(algorithm), budget_(budget), hooks_(hooks) {}

  void begin(const SearchStart& start) {
    check(start);
    if (!start.state.empty()) return load(start.state);
    reference_ = start.reference;
    if (start.known.empty()) return;
    std::vector<Genotype> genotypes;
    std::vector<Evaluation> evaluations;
    for (const Individual& individual : start.known) {
      genotypes.push_back(individual.genotype);
      evaluations.push_back(individual.evaluation);
    }
    algorithm_.tell(genotypes, evaluations);
    known_ = static_cast<std::int64_t>(algorithm_.told().size());
  }

  SearchResult run() {
    std::optional<SearchEnd> end = ended();
    while (!end) {
      std::vector<Genotype> batch = algorithm_.ask();
      if (batch.empty()) {
        end = SearchEnd::kExhausted;
        break;
      }
      if (budget_.evaluations > 0) {
        batch.resize(std::min(batch.size(), static_cast<std::size_t>(budget_.evaluations - evaluations())));
      }
      take(batch);
      end = ended();
    }
    SearchResult result;
    result.front = front_of(algorithm_.told());
    if (result.front.empty()) result.least_violating = least_violating(algorithm_.told(), kLeastViolatingShown);
    result.evaluations = evaluations();
    result.reference = reference_;
    result.curve = curve_;
    result.end = *end;
    return result;
  }

 private:
  std::int64_t evaluations() const { return static_cast<std::int64_t>(algorithm_.told().size()) - known_; }

  void check(const SearchStart& start) const {
    const auto refuse = [](const char* what, double value, const char* rule) {
      throw Error(fmt::format("search: {} is {}, must {}", what, value, rule));
    };
    if (budget_.evaluations < 0)
      refuse("the budget in evaluations", static_cast<double>(budget_.evaluations), "not be negative");
    if (!(budget_.seconds >= 0)) refuse("the budget in seconds", budget_.seconds, "not be negative");
    if (budget_.simulations < 0)
      refuse("the budget in simulations", static_cast<double>(budget_.simulations), "not be negative");
    if (budget_.no_gain_batches < 0) refuse("batches without gain", budget_.no_gain_batches, "not be negative");
    if (!(budget_.least_gain >= 0)) refuse("the least gain", budget_.least_gain, "not be negative");
    if (budget_.evaluations == 0 && budget_.seconds == 0 && budget_.simulations == 0 && budget_.no_gain_batches == 0) {
      throw Error("search: nothing says when it ends: set a budget");
    }
    if (budget_.simulations > 0 && !hooks_.simulations) {
      throw Error("search: the budget counts simulations, and nothing here simulates");
    }
    for (const double value : start.reference) {
      if (!std::isfinite(value)) throw Error("search: a reference point must be finite");
    }
    if (!algorithm_.told().empty()) throw InternalError("search: the algorithm must be fresh");
  }

  void take(const std::vector<Genotype>& batch) {
    const std::size_t before = algorithm_.told().size();
    algorithm_.tell(batch, problem_.evaluate(batch));
    const std::vector<Individual>& told = algorithm_.told();
    if (reference_.empty()) reference_ = reference_of(told);
    for (std::size_t i = counted_; i < told.size(); ++i) {
      if (counts(told[i].evaluation)) points_.push_back(told[i].evaluation.objectives);
    }
    counted_ = told.size();
    CurvePoint point;
    point.evaluations = evaluations();
    if (!reference_.empty() && !points_.empty()) {
      if (points_.front().size() != reference_.size()) {
        throw Error(fmt::format("search: the reference point has {} values, there are {} objectives", reference_.size(),
                                points_.front().size()));
      }
      point.hypervolume = hypervolume(points_, reference_);
      thin();
    }
    point.front = static_cast<std::int64_t>(points_.size());
    curve_.push_back(point);
    if (!hooks_.after_batch) return;
    SearchBatch made;
    made.number = static_cast<std::int64_t>(curve_.size()) - 1;
    made.individuals.assign(told.begin() + static_cast<std::ptrdiff_t>(before), told.end());
    made.point = point;
    made.state = [this] { return save(); };
    hooks_.after_batch(made);
  }

  // Keeps the distinct points of the front alone.
  void thin() {
    const std::vector<double> nowhere(reference_.size(), std::numeric_limits<double>::infinity());
    points_ = minimal_points(points_, nowhere);
  }

  std::optional<SearchEnd> ended() const {
    if (budget_.evaluations > 0 && evaluations() >= budget_.evaluations) return SearchEnd::kEvaluations;
    if (budget_.simulations > 0 && hooks_.simulations() >= budget_.simulations) return SearchEnd::kSimulations;
    if (budget_.seconds > 0) {
      const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began_;
      if (passed.count() >= budget_.seconds) return SearchEnd::kSeconds;
    }
    const auto window = static_cast<std::size_t>(budget_.no_gain_batches);
    if (window > 0 && curve_.size() > window) {
      const double then = curve_[curve_.size() - 1 - window].hypervolume;
      if (then > 0 && curve_.back().hypervolume - then <= budget_.least_gain * then) return SearchEnd::kNoGain;
    }
    return {};
  }

  std::string save() const {
    StateWriter out;
    out.text("search", "1");
    out.count("known", known_);
    out.numbers("reference", reference_);
    out.count("batches", static_cast<std::int64_t>(curve_.size()));
    for (const CurvePoint& point : curve_) {
      out.counts("batch", {point.evaluations, point.front});
      out.number("hypervolume", point.hypervolume);
    }
    return out.str() + algorithm_.save();
  }

  void load(const std::string& state) {
    StateReader in(state);
    in.expect("search", "1");
    known_ = in.count("known");
    reference_ = in.numbers("reference");
    const std::int64_t batches = in.count("batches");
    for (std::int64_t i = 0; i < batches; ++i) {
      const std::vector<std::int64_t> sizes = in.counts("batch");
      if (sizes.size() != 2) in.refuse("a batch has evaluations and a front");
      curve_.push_back({sizes[0], in.number("hypervolume"), sizes[1]});
    }
    algorithm_.load(std::string(in.rest()));
    const std::vector<Individual>& told = algorithm_.told();
    if (known_ < 0 || known_ > static_cast<std::int64_t>(told.size())) in.refuse("more is known than was told");
    for (const Individual& individual : told) {
      if (counts(individual.evaluation)) points_.push_back(individual.evaluation.objectives);
    }
    if (!points_.empty() && points_.front().size() != reference_.size()) in.refuse("the reference point does not fit");
    if (!reference_.empty() && !points_.empty()) thin();
    counted_ = told.size();
  }

  Problem& problem_;
  Algorithm& algorithm_;
  const SearchBudget& budget_;
  const SearchHooks& hooks_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::int64_t known_ = 0;         // told before the search, and not counted
  std::size_t counted_ = 0;        // individuals whose points were taken in
  std::vector<double> reference_;  // empty until it is known
  std::vector<Point> points_;      // of the front so far
  std::vector<CurvePoint> curve_;
};

}  // namespace

const char* to_string(SearchEnd end) {
  switch (end) {
    case SearchEnd::kEvaluations:
      return "evaluations";
    case SearchEnd::kSeconds:
      return "seconds";
    case SearchEnd::kSimulations:
      return "simulations";
    case SearchEnd::kNoGain:
      return "no gain";
    case SearchEnd::kExhausted:
      return "exhausted";
  }
  throw InternalError("an end of a search without a name");
}

SearchResult search(Problem& problem, Algorithm& algorithm, const SearchBudget& budget, const SearchStart& start,
                    const SearchHooks& hooks) {
  Search search(problem, algorithm, budget, hooks);
  search.begin(start);
  return search.run();
}

}  // namespace lanewise::nas
