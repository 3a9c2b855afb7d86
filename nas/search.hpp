// SPDX-License-Identifier: Apache-2.0
// A search: a problem and an algorithm, joined until a budget ends.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "nas/algorithms/algorithm.hpp"

namespace lanewise::nas {

// When a search ends. Whatever is 0 sets no end, and a space that is exhausted always does.
struct SearchBudget {
  std::int64_t evaluations = 0;  // exact: the last batch is cut to it
  double seconds = 0;            // looked at after each batch; the one end that differs from run to run
  std::int64_t simulations = 0;  // looked at after each batch, as SearchHooks counts them
  // Ends once so many batches together have made the hypervolume grow by no more than `least_gain` of itself. Batches
  // before the first feasible candidate do not count.
  int no_gain_batches = 0;
  double least_gain = 1e-4;
};

// After one batch.
struct CurvePoint {
  std::int64_t evaluations = 0;  // so far, what was known before the search not counted
  double hypervolume = 0;        // of everything told, beneath the reference point
  std::int64_t front = 0;        // candidates on the front
};

struct SearchStart {
  // Told to the algorithm first, as another search has evaluated them: not evaluated again, and not counted.
  std::vector<Individual> known;
  // The reference point of the hypervolume, one value per objective. Empty: the worst value of each objective among the
  // feasible candidates known after the first batch that has one, and a tenth of the extent beyond it; fixed from then.
  std::vector<double> reference;
  // What SearchBatch::state() gave: the search goes on from there, as if it had never ended, and `known` is passed
  // over, as the state holds it.
  std::string state;
};

// What a hook is told after each batch.
struct SearchBatch {
  std::int64_t number = 0;              // from 0
  std::vector<Individual> individuals;  // evaluated in this batch, in the order in which they were asked for
  CurvePoint point;                     // after it
  std::function<std::string()> state;   // the whole search as text; only valid inside the hook
};

struct SearchHooks {
  std::function<void(const SearchBatch&)> after_batch;  // may be empty, and may throw to end the search
  std::function<std::int64_t()> simulations;            // simulated so far; needed where the budget counts them
};

enum class SearchEnd { kEvaluations, kSeconds, kSimulations, kNoGain, kExhausted };
const char* to_string(SearchEnd end);  // "evaluations", "seconds", "simulations", "no gain", "exhausted"

struct SearchResult {
  // Feasible and non-dominated among everything told, sorted by first objective, then by genotype. Of candidates with
  // equal objectives it holds the one with the fewest genes away from the default.
  std::vector<Individual> front;
  // Where nothing feasible was found: those that miss the limits by the least, at most ten, the least first.
  std::vector<Individual> least_violating;
  std::int64_t evaluations = 0;   // distinct genotypes evaluated here
  std::vector<double> reference;  // empty where nothing feasible was found
  std::vector<CurvePoint> curve;  // one point per batch
  SearchEnd end = SearchEnd::kExhausted;
};

// Asks the algorithm, which must be fresh, evaluates, and tells it, until the budget ends. At least one end must be
// set. Throws Error on a budget out of range and on a state that is not one, and what the problem and the hooks throw.
SearchResult search(Problem& problem, Algorithm& algorithm, const SearchBudget& budget, const SearchStart& start = {},
                    const SearchHooks& hooks = {});

}  // namespace lanewise::nas
