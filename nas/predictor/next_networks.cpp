// SPDX-License-Identifier: Apache-2.0
#include "nas/predictor/next_networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/base/random.hpp"
#include "core/engine/suggestion.hpp"
#include "nas/algorithms/outcome_scale.hpp"
#include "nas/scores/topology_features.hpp"

namespace lanewise::nas {
namespace {

constexpr const char* kGoals[] = {"best", "front", "learning"};

double ln_macs(const std::vector<double>& features) { return features[0]; }

// What measured networks are worth: predictions with their own measurements taken in, higher is better.
struct Known {
  double macs, worth;
};

class Chooser {
 public:
  Chooser(const AccuracyPredictor& predictor, NextGoal goal)
      : goal_(goal), sign_(predictor.settings().higher_is_better ? 1 : -1) {
    for (const MeasuredNetwork& network : predictor.networks()) {
      known_.push_back({ln_macs(network.features), sign_ * predictor.predict(network.features, network.scores).value});
    }
    least_ = std::numeric_limits<double>::infinity();
    for (const Known& one : known_) least_ = std::min(least_, one.worth);
  }

  void add(const NextCandidate& candidate, double value) {
    known_.push_back({ln_macs(candidate.features), sign_ * value});
  }

  // The right end of the front's axis: nothing is won by costing more than every network there is.
  void reach(double most) { most_macs_ = std::max(most_macs_, most); }

  double gain(const NextCandidate& candidate, const Prediction& prediction) const {
    const double worth = sign_ * prediction.value;
    switch (goal_) {
      case NextGoal::kLearning:
        return prediction.deviation;
      case NextGoal::kBest:
        return rise(best_within(std::numeric_limits<double>::infinity()), worth, prediction.deviation);
      case NextGoal::kFront:
        return front_gain(ln_macs(candidate.features), worth, prediction.deviation);
    }
    throw InternalError("a goal without a gain");
  }

 private:
  // E[max(0, X - level)] of X ~ N(worth, deviation^2).
  static double rise(double level, double worth, double deviation) {
    return deviation > 0 ? deviation * normal_fall((worth - level) / deviation) : std::max(0.0, worth - level);
  }
  // The best worth of a network with at most these MACs, as a logarithm; the least of all where there is none.
  double best_within(double macs) const {
    double best = least_;
    for (const Known& one : known_) {
      if (one.macs <= macs) best = std::max(best, one.worth);
    }
    return best;
  }
  // The expected growth of the area under the stairs of best worth over ln MACs, from the candidate's MACs on.
  double front_gain(double from, double worth, double deviation) const {
    std::vector<double> steps = {from};
    for (const Known& one : known_) {
      if (one.macs > from) steps.push_back(one.macs);
    }
    std::sort(steps.begin(), steps.end());
    steps.push_back(std::max(most_macs_, steps.back()));
    double gain = 0;
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
      if (steps[i + 1] > steps[i]) {
        gain += (steps[i + 1] - steps[i]) * rise(best_within(steps[i]), worth, deviation);
      }
    }
    return gain;
  }

  NextGoal goal_;
  double sign_, least_ = 0, most_macs_ = -std::numeric_limits<double>::infinity();
  std::vector<Known> known_;
};

}  // namespace

std::vector<std::string> next_goals() { return {std::begin(kGoals), std::end(kGoals)}; }

NextGoal next_goal(const std::string& name) {
  const std::vector<std::string> known = next_goals();
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (name == known[i]) return static_cast<NextGoal>(i);
  }
  throw Error(fmt::format("goal '{}' is unknown{}; known are {}", printable(name), engine::suggestion(name, known),
                          fmt::join(known, ", ")));
}

std::vector<NextChoice> next_networks(const AccuracyPredictor& predictor, const std::vector<NextCandidate>& candidates,
                                      NextGoal goal, std::size_t count) {
  Chooser chooser(predictor, goal);
  for (const MeasuredNetwork& network : predictor.networks()) chooser.reach(ln_macs(network.features));
  for (const NextCandidate& candidate : candidates) chooser.reach(ln_macs(candidate.features));
  std::vector<NextChoice> choices;
  std::vector<bool> taken(candidates.size(), false);
  std::optional<AccuracyPredictor> more;  // nothing: nothing was chosen yet
  while (choices.size() < std::min(count, candidates.size())) {
    NextChoice best;
    Prediction of_best;
    bool any = false;
    for (std::size_t c = 0; c < candidates.size(); ++c) {
      if (taken[c]) continue;
      const Prediction prediction = (more ? *more : predictor).predict(candidates[c].features, candidates[c].scores);
      const double gain = chooser.gain(candidates[c], prediction);
      if (any && !(gain > best.gain)) continue;
      any = true;
      best = {c, gain};
      of_best = prediction;
    }
    choices.push_back(best);
    taken[best.candidate] = true;
    const NextCandidate& chosen = candidates[best.candidate];
    more = (more ? *more : predictor).with(chosen.features, chosen.scores, of_best.value);
    chooser.add(chosen, of_best.value);
  }
  return choices;
}

std::vector<NextCandidate> sampled_candidates(const AccuracyPredictor& predictor, const NetworkSpace& space,
                                              std::size_t count, std::uint64_t seed) {
  constexpr std::size_t kTries = 20;  // for each candidate, before the space counts as exhausted
  Random random(seed);
  std::set<std::string> seen;
  std::vector<NextCandidate> candidates;
  for (std::size_t i = 0; i < kTries * count && candidates.size() < count; ++i) {
    Genotype genotype;
    for (const Gene& gene : space.genes()) genotype.push_back(static_cast<int>(random.below(gene.values.size())));
    genotype = space.canonical(genotype);
    NextCandidate candidate;
    candidate.encoding = space.encode(genotype);
    if (!seen.insert(candidate.encoding).second || predictor.measured(candidate.encoding) != nullptr) continue;
    try {
      const network::Graph graph = space.build(genotype, {});
      candidate.features = topology_features_of(graph);
      candidate.scores = predictor.scores_of(graph);
    } catch (const Error&) {
      continue;  // genes that contradict each other
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

}  // namespace lanewise::nas
