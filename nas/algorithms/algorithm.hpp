// SPDX-License-Identifier: Apache-2.0
// Search algorithms: one interface, one file per algorithm in this folder, one table of them in algorithm.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nas/problem.hpp"

namespace lanewise::nas {

// The budget and the chances of a search. An algorithm that has no generations takes the budget as
// population x (generations + 1) evaluations, and asks for them in batches of `population`.
struct SearchOptions {
  std::uint64_t seed = 1;
  int population = 48;   // at least 2
  int generations = 40;  // at least 0
  double crossover = 0.9;
  double mutation = 0.0;  // chance per gene; 0: one gene in expectation
};

struct SearchResult {
  // Feasible and non-dominated among everything evaluated, sorted by first objective, then by genotype. Of candidates
  // with equal objectives it holds the one with the fewest genes away from the default.
  std::vector<Individual> front;
  std::int64_t evaluations = 0;  // distinct genotypes evaluated
};

// Called after the first batch with generation 0 and then once per generation; may be empty.
using SearchProgress = std::function<void(int generation, int generations)>;

// Same problem, options and seeds, same result, whatever ran before. An algorithm never asks for a genotype twice.
class Algorithm {
 public:
  virtual ~Algorithm() = default;
  // `seeds` are evaluated first, with the default genotype. The search ends early once the space is exhausted. Throws
  // Error on options out of range and on seeds that do not fit the genes.
  virtual SearchResult search(Problem& problem, const std::vector<Genotype>& seeds = {},
                              const SearchProgress& progress = {}) = 0;
};

struct AlgorithmKind {
  const char* name;         // as people choose it: "nsga2"
  const char* description;  // one line for help texts
  std::unique_ptr<Algorithm> (*make)(const SearchOptions& options);
};

// Every algorithm there is; the first is the default.
const std::vector<AlgorithmKind>& algorithms();
// Throws Error listing the known names where there is no such algorithm.
std::unique_ptr<Algorithm> make_algorithm(const std::string& name, const SearchOptions& options);

}  // namespace lanewise::nas
