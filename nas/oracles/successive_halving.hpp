// SPDX-License-Identifier: Apache-2.0
// Successive halving over oracles of rising cost: many candidates are judged by what is cheap, the best of them by what
// costs more, and so on: estimator, simulation, a program that trains.
//
// Source: Jamieson and Talwalkar, Non-stochastic best arm identification and hyperparameter optimization, AISTATS 2016,
// with non-dominated sorting in place of the one loss, as in Schmucker et al., Multi-objective asynchronous successive
// halving, 2021.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "nas/problem.hpp"

namespace lanewise::nas {

// One step of the ladder: who judges, and how many it judges at most.
struct Rung {
  std::string name;      // "estimator", for reports
  std::size_t size = 1;  // the most candidates that it is asked about
  // One evaluation per candidate, in order; each rung may have objectives of its own. Candidates are given by their
  // index among those that the halving began with.
  std::function<std::vector<Evaluation>(const std::vector<std::size_t>& candidates)> evaluate;
};

// What happened at a rung.
struct RungAccount {
  std::string name;
  std::int64_t entered = 0;     // candidates judged there
  std::int64_t infeasible = 0;  // of these
  std::int64_t left_out = 0;    // that it had no room for, the worst by the rung before
};

struct HalvingResult {
  std::vector<std::size_t> candidates;  // that the last rung judged, best first
  std::vector<Evaluation> evaluations;  // of these, by the last rung
  std::vector<RungAccount> rungs;
};

// The `count` best, best first: feasible before infeasible ones, by front, within a front by crowding distance, widest
// first, then by index. All of them, in that order, where there are no more.
std::vector<std::size_t> best_of(const std::vector<Evaluation>& evaluations, std::size_t count);

class SuccessiveHalving {
 public:
  // Throws Error unless there is a rung and each has room for at least one and for no more than the one before.
  explicit SuccessiveHalving(std::vector<Rung> rungs);
  // `count` candidates, best first, as far as an earlier judgement knows: the first rung takes as many as it has room
  // for from the beginning. Every rung judges the best of the rung before it.
  HalvingResult run(std::size_t count) const;

 private:
  std::vector<Rung> rungs_;
};

// Sizes of `rungs` rungs that begin with `count` candidates and keep one in `eta` each time, at least one: 64, 16, 4
// for 64 candidates, eta 4. Throws Error unless count >= 1, eta > 1 and there is a rung.
std::vector<std::size_t> halving_sizes(std::size_t count, double eta, std::size_t rungs);
// Reads "64,16,4". Throws Error naming the text unless these are whole numbers of at least 1, none above the one
// before.
std::vector<std::size_t> parse_halving(const std::string& text);

}  // namespace lanewise::nas
