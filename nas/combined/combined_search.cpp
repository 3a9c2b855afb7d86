// SPDX-License-Identifier: Apache-2.0
#include "nas/combined/combined_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "core/base/error.hpp"
#include "core/base/rank_correlation.hpp"
#include "nas/algorithms/hypervolume_gain.hpp"
#include "nas/combined/grow.hpp"
#include "nas/oracles/successive_halving.hpp"

namespace lanewise::nas {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
// Of the best confirmed networks whose neighbours are looked at, and how many of them a round adds at most.
constexpr std::size_t kParents = 3, kNeighbours = 48;
// Below this agreement of the score with what was confirmed, over at least so many, twice as many are kept.
constexpr double kPoorAgreement = 0.4;
constexpr std::size_t kFewConfirmed = 6;

// Spearman's correlation over the pairs in which both are known; NaN of fewer than three, or where one is constant.
double agreement_of(const std::vector<double>& said, const std::vector<double>& found) {
  std::vector<double> a, b;
  for (std::size_t i = 0; i < said.size(); ++i) {
    if (!std::isfinite(said[i]) || !std::isfinite(found[i])) continue;
    a.push_back(said[i]);
    b.push_back(found[i]);
  }
  if (a.size() < 3) return kUnknown;
  const auto constant = [](const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [&](double value) { return value == values.front(); });
  };
  return constant(a) || constant(b) ? kUnknown : spearman(a, b);
}

// Adds the seconds of its life to a stage.
class Clock {
 public:
  explicit Clock(StageAccount& account) : account_(account) {}
  ~Clock() { account_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

 private:
  StageAccount& account_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

class Search {
 public:
  Search(CombinedProblem& problem, const CombinedOptions& options, const CombinedHook& after_round)
      : problem_(problem), options_(options), after_round_(after_round), grower_(problem) {
    for (std::size_t i = 0; i < kCombinedStages; ++i) {
      result_.stages.push_back({});
      result_.stages.back().stage = static_cast<CombinedStage>(i);
    }
  }

  CombinedResult run(const std::vector<std::pair<Genotype, Confirmed>>& known) {
    {
      const Clock clock(stage(CombinedStage::kGrow));
      grow(grower_, problem_, options_.pool, options_.seed);
      drawn_ = grower_.all().size();
      for (const auto& [genotype, confirmed] : known) {
        add_confirmed(0, grower_.look_at({genotype}).front(), {}, "known before", confirmed);
      }
      admit_feasible();
    }
    keep_ = options_.keep;
    while (trained_ < options_.trainings) {
      prune();
      const std::vector<Choice> chosen = rank();
      if (chosen.empty()) break;
      confirm(chosen);
      finish_round();
    }
    describe();
    return std::move(result_);
  }

 private:
  struct Choice {
    std::size_t place;
    double predicted, deviation;
    std::string by;
  };

  StageAccount& stage(CombinedStage stage) { return result_.stages[static_cast<std::size_t>(stage)]; }
  const Grown& grown(std::size_t place) const { return grower_[place]; }
  double score(std::size_t place) const { return grown(place).facts.scores.front(); }
  double inherited(std::size_t place) const {
    const auto found = inherited_.find(place);
    return found == inherited_.end() ? kUnknown : found->second;
  }
  bool was_trained(std::size_t place) const { return trained_encodings_.count(grown(place).facts.encoding) > 0; }

  // Candidates that keep the limits, each network once; where there is none, those that miss them by the least.
  void admit_feasible() {
    std::vector<std::size_t> possible;
    for (std::size_t i = 0; i < drawn_; ++i) {
      if (!grown(i).facts.encoding.empty()) possible.push_back(i);
    }
    for (const std::size_t i : possible) {
      if (grown(i).costs.violation <= 0) feasible_.push_back(i);
    }
    if (feasible_.empty() && !possible.empty()) {
      result_.none_feasible = true;
      std::stable_sort(possible.begin(), possible.end(), [&](std::size_t a, std::size_t b) {
        return grown(a).costs.violation < grown(b).costs.violation;
      });
      possible.resize(std::min(possible.size(), options_.keep));
      feasible_ = possible;
    }
  }

  // The best by the score: by fronts of it and of what else is asked for, so that no part of the front is lost.
  void prune() {
    StageAccount& account = stage(CombinedStage::kPrune);
    const Clock clock(account);
    if (order_.empty()) {
      std::vector<Evaluation> evaluations;
      for (const std::size_t place : feasible_) {
        evaluations.push_back({grown(place).costs.objectives, 0});
        evaluations.back().objectives.push_back(-score(place));
      }
      const bool one = !evaluations.empty() && evaluations.front().objectives.size() == 1;
      std::vector<std::size_t> best(feasible_.size());
      std::iota(best.begin(), best.end(), std::size_t{0});
      if (one) {
        std::stable_sort(best.begin(), best.end(), [&](std::size_t a, std::size_t b) {
          return evaluations[a].objectives.front() < evaluations[b].objectives.front();
        });
      } else {
        best = best_of(evaluations, evaluations.size());
      }
      for (const std::size_t i : best) order_.push_back(feasible_[i]);
    }
    const double agreement = score_agreement();
    if (values_.size() >= kFewConfirmed && !(agreement >= kPoorAgreement) && keep_ < order_.size()) keep_ *= 2;
    kept_.assign(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(std::min(keep_, order_.size())));
    std::set<std::size_t> in(kept_.begin(), kept_.end());
    for (const std::size_t place : neighbours_) {
      if (in.insert(place).second) kept_.push_back(place);
    }
    account.in = static_cast<std::int64_t>(feasible_.size());
    account.out = static_cast<std::int64_t>(kept_.size());
    inherit();
  }

  void inherit() {
    StageAccount& account = stage(CombinedStage::kInherit);
    const Clock clock(account);
    std::vector<Genotype> asked;
    std::vector<std::size_t> places;
    for (const std::size_t place : kept_) {
      if (inherited_.count(place) > 0) continue;
      asked.push_back(grown(place).genotype);
      places.push_back(place);
    }
    for (const auto& confirmed : confirmed_places_) {
      if (inherited_.count(confirmed) > 0 || std::count(places.begin(), places.end(), confirmed) > 0) continue;
      asked.push_back(grown(confirmed).genotype);
      places.push_back(confirmed);
    }
    if (asked.empty()) return;
    const std::vector<double> answers = problem_.inherited(asked);
    if (answers.empty()) return;
    for (std::size_t i = 0; i < places.size(); ++i) inherited_[places[i]] = answers[i];
    account.in += static_cast<std::int64_t>(asked.size());
    account.out += std::count_if(answers.begin(), answers.end(), [](double x) { return std::isfinite(x); });
  }

  // What the predictor reads as scores. A supernet's accuracy counts where it has one of every network.
  std::vector<double> prior(std::size_t place) const {
    std::vector<double> scores = grown(place).facts.scores;
    if (use_inherited_) scores.push_back(inherited(place));
    return scores;
  }

  std::vector<Choice> rank() {
    StageAccount& account = stage(CombinedStage::kRank);
    const Clock clock(account);
    std::vector<std::size_t> open;
    std::set<std::string> seen;
    for (const std::size_t place : kept_) {
      if (!was_trained(place) && seen.insert(grown(place).facts.encoding).second) open.push_back(place);
    }
    account.in += static_cast<std::int64_t>(open.size());
    const std::size_t count =
        std::min<std::size_t>({open.size(), options_.at_once, static_cast<std::size_t>(options_.trainings)});
    use_inherited_ = !inherited_.empty();
    for (const std::size_t place : kept_) use_inherited_ = use_inherited_ && std::isfinite(inherited(place));
    for (const std::size_t place : confirmed_places_) {
      use_inherited_ = use_inherited_ && std::isfinite(inherited(place));
    }
    std::vector<Choice> chosen = learnable() ? by_predictor(open, count) : by_scores(open, count);
    // The last round may have room for fewer; what a longer search would ask for first is asked for.
    const auto left = static_cast<std::size_t>(options_.trainings - trained_);
    if (chosen.size() > left) chosen.resize(left);
    account.out += static_cast<std::int64_t>(chosen.size());
    return chosen;
  }

  bool learnable() const {
    if (values_.size() < AccuracyPredictor::kFewestNetworks) return false;
    return *std::max_element(values_.begin(), values_.end()) > *std::min_element(values_.begin(), values_.end());
  }

  // Before there is anything to learn from: the best by the supernet or by the score, but of near twins one alone, so
  // that the predictor begins with networks that differ.
  std::vector<Choice> by_scores(const std::vector<std::size_t>& open, std::size_t count) {
    std::vector<std::size_t> order = open;
    const bool one = grown(open.empty() ? 0 : open.front()).costs.objectives.empty();
    const auto worth = [&](std::size_t place) { return use_inherited_ ? inherited(place) : score(place); };
    if (one) {
      std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return worth(a) > worth(b); });
    }
    std::vector<Choice> chosen;
    const std::size_t wanted = count;
    // Along the order in even steps: the very best first, then what lies further down, since a few of the best alone
    // are too alike to learn from.
    const std::size_t steps = AccuracyPredictor::kFewestNetworks;
    while (chosen.size() < wanted && !order.empty()) {
      const std::size_t nth = values_.size() + chosen.size();
      const std::size_t at = one ? (nth % 2 == 0 ? 0 : std::min(order.size() - 1, order.size() * nth / (4 * steps)))
                                 : std::min(order.size() - 1, order.size() * (nth % steps) / (2 * steps));
      chosen.push_back({order[at], kUnknown, kUnknown, use_inherited_ ? "supernet" : "scores"});
      order.erase(order.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return chosen;
  }

  AccuracyPredictor fitted() const {
    PredictorSettings settings;
    settings.scores = problem_.score_names();
    if (use_inherited_) settings.scores.push_back("inherited");
    std::vector<MeasuredNetwork> measured;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < confirmed_places_.size(); ++i) {
      const std::size_t place = confirmed_places_[i];
      if (!seen.insert(grown(place).facts.encoding).second) continue;
      MeasuredNetwork network;
      network.encoding = grown(place).facts.encoding;
      network.features = grown(place).facts.features;
      network.scores = prior(place);
      network.value = values_[i];
      measured.push_back(std::move(network));
    }
    return AccuracyPredictor::fitted(settings, std::move(measured));
  }

  // The expected growth of what is dominated: of the best accuracy, or of the hypervolume where more is asked for.
  std::vector<Choice> by_predictor(const std::vector<std::size_t>& open, std::size_t count) {
    AccuracyPredictor predictor = fitted();
    std::vector<Point> front;
    for (std::size_t i = 0; i < confirmed_places_.size(); ++i) {
      const Grown& at = grown(confirmed_places_[i]);
      if (at.costs.violation > 0 && !result_.none_feasible) continue;
      front.push_back(at.costs.objectives);
      front.back().push_back(-values_[i]);
    }
    const Point reference = reference_of(open, front);
    const OutcomeScale scale = OutcomeScale::of_numbers({0, 0, 1, 0, 1});
    std::vector<std::size_t> left = open;
    std::vector<Choice> chosen;
    while (chosen.size() < count && !left.empty()) {
      const HypervolumeGain gain(front, reference, left.size());
      double best = -1;
      std::size_t at = 0;
      Prediction of_best;
      for (std::size_t i = 0; i < left.size(); ++i) {
        const Grown& candidate = grown(left[i]);
        const Prediction prediction = predictor.predict(candidate.facts.features, prior(left[i]));
        std::vector<Belief> beliefs;
        for (const double value : candidate.costs.objectives) beliefs.push_back({nullptr, value, 0});
        beliefs.push_back({&scale, -prediction.value, std::max(prediction.deviation, 1e-12)});
        const double expected = gain.expected(beliefs);
        if (expected > best) {
          best = expected;
          at = i;
          of_best = prediction;
        }
      }
      const std::size_t place = left[at];
      chosen.push_back({place, of_best.value, of_best.deviation, "predictor"});
      front.push_back(grown(place).costs.objectives);
      front.back().push_back(-of_best.value);
      predictor = predictor.with(grown(place).facts.features, prior(place), of_best.value);
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return chosen;
  }

  // Somewhat beyond the worst that was confirmed and, of what is known without a training, that is open.
  Point reference_of(const std::vector<std::size_t>& open, const std::vector<Point>& front) const {
    Point low, high;
    const auto take = [&](const Point& point) {
      if (low.empty()) low = high = point;
      for (std::size_t i = 0; i < point.size(); ++i) {
        low[i] = std::min(low[i], point[i]);
        high[i] = std::max(high[i], point[i]);
      }
    };
    for (const Point& point : front) take(point);
    for (std::size_t i = 0; front.empty() && i < values_.size(); ++i) {
      take([&] {
        Point point = grown(confirmed_places_[i]).costs.objectives;
        point.push_back(-values_[i]);
        return point;
      }());
    }
    for (const std::size_t place : open) {
      Point point = grown(place).costs.objectives;
      point.push_back(high.back());
      take(point);
    }
    for (std::size_t i = 0; i < high.size(); ++i) high[i] += 0.1 * (high[i] - low[i]) + 1e-9;
    return high;
  }

  void add_confirmed(std::int64_t round, std::size_t place, const Choice& choice, const std::string& by,
                     const Confirmed& confirmed) {
    const Grown& of = grown(place);
    if (of.facts.encoding.empty()) return;
    ConfirmedNetwork network;
    network.round = round;
    network.genotype = of.genotype;
    network.encoding = of.facts.encoding;
    network.score = score(place);
    network.inherited = inherited(place);
    if (round > 0) {
      network.predicted = choice.predicted;
      network.deviation = choice.deviation;
    }
    network.chosen_by = by;
    network.confirmed = confirmed;
    result_.confirmed.push_back(std::move(network));
    trained_encodings_.insert(of.facts.encoding);
    if (!confirmed.failure.empty()) return;
    confirmed_places_.push_back(place);
    values_.push_back(confirmed.value);
  }

  void confirm(const std::vector<Choice>& chosen) {
    StageAccount& account = stage(CombinedStage::kConfirm);
    const Clock clock(account);
    std::vector<Genotype> genotypes;
    for (const Choice& choice : chosen) genotypes.push_back(grown(choice.place).genotype);
    const std::vector<Confirmed> answers = problem_.train(genotypes);
    account.in += static_cast<std::int64_t>(chosen.size());
    ++round_;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      account.out += answers[i].failure.empty() ? 1 : 0;
      add_confirmed(round_, chosen[i].place, chosen[i], chosen[i].by, answers[i]);
    }
    trained_ += static_cast<std::int64_t>(chosen.size());
  }

  double score_agreement() const {
    std::vector<double> scores;
    for (const std::size_t place : confirmed_places_) scores.push_back(score(place));
    return agreement_of(scores, values_);
  }

  // Neighbours of the best confirmed networks are ranked whatever their score: what the score does not see a training
  // has seen.
  void finish_round() {
    CombinedRound round;
    round.round = round_;
    round.kept = static_cast<std::int64_t>(kept_.size());
    round.trained = static_cast<std::int64_t>(std::count_if(result_.confirmed.begin(), result_.confirmed.end(),
                                                            [&](const auto& c) { return c.round == round_; }));
    round.score_agreement = score_agreement();
    std::vector<Evaluation> evaluations;
    for (std::size_t i = 0; i < confirmed_places_.size(); ++i) {
      evaluations.push_back(grown(confirmed_places_[i]).costs);
      evaluations.back().objectives.push_back(-values_[i]);
      if (evaluations.back().violation <= 0 && !(round.best >= values_[i])) round.best = values_[i];
    }
    const Clock clock(stage(CombinedStage::kGrow));
    std::size_t added = 0;
    const std::set<std::size_t> known(kept_.begin(), kept_.end());
    for (const std::size_t i : best_of(evaluations, kParents)) {
      for (const std::size_t place : grower_.look_at(neighbours_of(problem_, grown(confirmed_places_[i]).genotype))) {
        if (added >= kNeighbours) break;
        if (grown(place).facts.encoding.empty() || grown(place).costs.violation > 0) continue;
        if (known.count(place) > 0 || !added_.insert(place).second) continue;
        neighbours_.push_back(place);
        ++added;
      }
    }
    round.neighbours = static_cast<std::int64_t>(added);
    result_.rounds.push_back(round);
    describe();
    if (after_round_) after_round_(result_);
  }

  // What each stage decided, in words, and how it agreed with the trainings.
  void describe() {
    StageAccount& growing = stage(CombinedStage::kGrow);
    growing.in = static_cast<std::int64_t>(grower_.all().size());
    const auto fresh =
        std::count_if(neighbours_.begin(), neighbours_.end(), [&](std::size_t p) { return p >= drawn_; });
    growing.out = static_cast<std::int64_t>(feasible_.size()) + fresh;
    growing.decided =
        result_.none_feasible
            ? "nothing keeps the limits: went on with what misses them by the least"
            : fmt::format("dropped {} that miss a limit or cannot be; {} that passed are neighbours of confirmed ones",
                          growing.in - growing.out, fresh);
    StageAccount& pruning = stage(CombinedStage::kPrune);
    pruning.decided = fmt::format("kept the best {} by {}", std::min(keep_, feasible_.size()),
                                  problem_.score_names().empty() ? "" : problem_.score_names().front());
    if (keep_ > options_.keep) pruning.decided += ", more than asked for, as the score agreed badly";
    StageAccount& inheriting = stage(CombinedStage::kInherit);
    inheriting.decided = inheriting.in == 0 ? "no supernet" : "accuracies with inherited weights, for the predictor";
    StageAccount& ranking = stage(CombinedStage::kRank);
    std::vector<double> scores, supernet, predicted, found;
    std::int64_t by_predictor = 0, by_supernet = 0, by_scores = 0;
    for (const ConfirmedNetwork& network : result_.confirmed) {
      scores.push_back(network.score);
      supernet.push_back(network.inherited);
      predicted.push_back(network.predicted);
      found.push_back(network.confirmed.value);
      by_predictor += network.chosen_by == "predictor" ? 1 : 0;
      by_supernet += network.chosen_by == "supernet" ? 1 : 0;
      by_scores += network.chosen_by == "scores" ? 1 : 0;
    }
    ranking.decided = fmt::format("chose {} for training; {} were chosen by the supernet and {} by scores before",
                                  by_predictor, by_supernet, by_scores);
    pruning.agreement = agreement_of(scores, found);
    inheriting.agreement = agreement_of(supernet, found);
    ranking.agreement = agreement_of(predicted, found);
    StageAccount& confirming = stage(CombinedStage::kConfirm);
    confirming.decided =
        fmt::format("{} networks confirmed, {} failed", confirming.out, confirming.in - confirming.out);
  }

  CombinedProblem& problem_;
  const CombinedOptions& options_;
  const CombinedHook& after_round_;
  Grower grower_;
  CombinedResult result_;
  std::size_t drawn_ = 0, keep_ = 0;
  std::vector<std::size_t> feasible_, order_, kept_, neighbours_;  // places in the grower
  std::set<std::size_t> added_;
  std::map<std::size_t, double> inherited_;
  bool use_inherited_ = false;
  std::vector<std::size_t> confirmed_places_;  // of those trained without a failure
  std::vector<double> values_;                 // of these
  std::set<std::string> trained_encodings_;
  std::int64_t trained_ = 0, round_ = 0;
};

}  // namespace

const char* to_string(CombinedStage stage) {
  static constexpr const char* kNames[kCombinedStages] = {"grow", "prune", "supernet", "predictor", "trainings"};
  return kNames[static_cast<std::size_t>(stage)];
}

CombinedResult combined_search(CombinedProblem& problem, const CombinedOptions& options,
                               const std::vector<std::pair<Genotype, Confirmed>>& known,
                               const CombinedHook& after_round) {
  if (options.trainings < 0) throw Error(fmt::format("{} trainings: must be at least 0", options.trainings));
  if (options.at_once < 1 || options.pool < 1 || options.keep < 1) {
    throw Error("trainings at once, pool and keep must be at least 1");
  }
  return Search(problem, options, after_round).run(known);
}

}  // namespace lanewise::nas
