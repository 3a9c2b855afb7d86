// SPDX-License-Identifier: Apache-2.0
// Search algorithms know a Problem, never a network or an engine.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "nas/space.hpp"

namespace lanewise::nas {

// Objectives are minimised. violation 0: feasible; else by how much constraints are missed, summed in relative terms.
struct Evaluation {
  std::vector<double> objectives;
  double violation = 0;
};

class Problem {
 public:
  virtual ~Problem() = default;
  virtual const std::vector<Gene>& genes() const = 0;
  virtual std::vector<Evaluation> evaluate(const std::vector<Genotype>& genotypes) = 0;
};

struct Individual {
  Genotype genotype;
  Evaluation evaluation;
};

struct SearchOptions {
  std::uint64_t seed = 1;
  int population = 48;
  int generations = 40;
  double crossover = 0.9;
  double mutation = 0.0;  // chance a gene; 0: one gene in expectation
};

struct SearchResult {
  // Feasible and non-dominated among everything evaluated, sorted by first objective, then genotype. Of candidates with
  // equal objectives the one with the fewest genes away from the default.
  std::vector<Individual> front;
  std::int64_t evaluations = 0;  // distinct genotypes evaluated
};

// Constrained NSGA-II (Deb 2002: feasibility first, then rank, then crowding) that never evaluates a genotype twice.
// `seeds` join the first population (the default genotype always does). `progress` may be empty. Every generation asks
// for `population` new genotypes in one batch; the search ends early once the space is exhausted. Throws Error on
// options out of range and on seeds that do not fit the genes.
SearchResult evolve(Problem& problem, const SearchOptions& options, const std::vector<Genotype>& seeds = {},
                    const std::function<void(int generation, int generations)>& progress = {});

// a dominates b: no objective worse, one better; feasible before infeasible, less violation before more.
bool dominates(const Evaluation& a, const Evaluation& b);
// Indices of the non-dominated, ascending.
std::vector<std::size_t> pareto_front(const std::vector<Evaluation>& evaluations);

}  // namespace lanewise::nas
