// SPDX-License-Identifier: Apache-2.0
// Which networks to measure next.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nas/predictor/accuracy_predictor.hpp"
#include "nas/space/network_space.hpp"

namespace lanewise::nas {

// A network that might be measured.
struct NextCandidate {
  std::string encoding;
  std::vector<double> features, scores;
};

enum class NextGoal {
  kBest,      // a network better than the best: expected improvement
  kFront,     // a better front of value against MACs: expected growth of the area under it, over ln MACs
  kLearning,  // a better predictor: where it is least sure
};
// Throws Error naming the goals there are.
NextGoal next_goal(const std::string& name);  // "best", "front", "learning"
std::vector<std::string> next_goals();

struct NextChoice {
  std::size_t candidate = 0;  // its place in the list
  double gain = 0;  // what was expected of it when it was chosen, in units of the value (front: times ln MACs)
};

// `count` candidates, or all where there are fewer, in the order in which to measure them. After each choice the
// predictor takes the network as measured, at what it predicts, so that the others of a batch lie elsewhere. Networks
// that it does not know are candidates too: their variance is what makes them worth it, or not. Deterministic.
// Improvements are over what measured networks are worth, not over their lucky measurements.
// Source: Jones, Schonlau and Welch, Efficient global optimization of expensive black-box functions, 1998 (expected
// improvement); Ginsbourger, Le Riche and Carraro, Kriging is well-suited to parallelize optimization, 2010
// (believing).
std::vector<NextChoice> next_networks(const AccuracyPredictor& predictor, const std::vector<NextCandidate>& candidates,
                                      NextGoal goal, std::size_t count);

// Up to `count` different networks of the space, uniform over genotypes, drawn by the seed; without those that were
// measured, and those that cannot be built. Fewer where the space seems to have no more.
std::vector<NextCandidate> sampled_candidates(const AccuracyPredictor& predictor, const NetworkSpace& space,
                                              std::size_t count, std::uint64_t seed);

}  // namespace lanewise::nas
