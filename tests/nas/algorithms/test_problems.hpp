// SPDX-License-Identifier: Apache-2.0
// Problems whose whole space a test can enumerate, and what a search found of them.
#pragma once

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/random.hpp"
#include "nas/search.hpp"

namespace lanewise::nas {

class FunctionProblem : public Problem {
 public:
  using Function = std::function<Evaluation(const Genotype&)>;
  FunctionProblem(std::vector<int> values, Function function) : function_(std::move(function)) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      Gene gene{"gene" + std::to_string(i), {}};
      for (int value = 0; value < values[i]; ++value) gene.values.push_back(std::to_string(value));
      genes_.push_back(gene);
    }
  }
  const std::vector<Gene>& genes() const override { return genes_; }
  std::vector<Evaluation> evaluate(const std::vector<Genotype>& genotypes) override {
    ++batches;
    std::vector<Evaluation> evaluations;
    for (const Genotype& genotype : genotypes) {
      asked.push_back(genotype);
      evaluations.push_back(function_(genotype));
    }
    return evaluations;
  }
  Evaluation at(const Genotype& genotype) const { return function_(genotype); }
  std::vector<Genotype> enumerate() const {
    std::vector<Genotype> all{{}};
    for (const Gene& gene : genes_) {
      std::vector<Genotype> longer;
      for (const Genotype& head : all) {
        for (int value = 0; value < static_cast<int>(gene.values.size()); ++value) {
          longer.push_back(head);
          longer.back().push_back(value);
        }
      }
      all = std::move(longer);
    }
    return all;
  }
  std::set<std::vector<double>> exact_front() const {
    std::vector<Evaluation> feasible;
    for (const Genotype& genotype : enumerate()) {
      Evaluation evaluation = function_(genotype);
      if (evaluation.violation == 0) feasible.push_back(std::move(evaluation));
    }
    std::set<std::vector<double>> front;
    for (const std::size_t i : pareto_front(feasible)) front.insert(feasible[i].objectives);
    return front;
  }

  std::vector<Genotype> asked;  // in order
  int batches = 0;

 private:
  std::vector<Gene> genes_;
  Function function_;
};

// Independent items, each chosen or not, worth against weight: what a search over fusions looks like.
inline FunctionProblem knapsack(std::uint64_t seed, std::size_t items, double least_worth) {
  Random random(seed);
  std::vector<double> worth, weight;
  for (std::size_t i = 0; i < items; ++i) {
    worth.push_back(static_cast<double>(1 + random.below(40)));
    weight.push_back(static_cast<double>(1 + random.below(40)));
  }
  return FunctionProblem(std::vector<int>(items, 2), [worth, weight, least_worth](const Genotype& genotype) {
    double got = 0, carried = 0;
    for (std::size_t i = 0; i < genotype.size(); ++i) {
      got += genotype[i] * worth[i];
      carried += genotype[i] * weight[i];
    }
    return Evaluation{{carried, -got}, got < least_worth ? (least_worth - got) / least_worth : 0};
  });
}

// A search of so many evaluations.
inline SearchResult search_with(const char* algorithm, Problem& problem, const SearchOptions& options,
                                std::int64_t evaluations, const std::vector<Genotype>& seeds = {}) {
  SearchBudget budget;
  budget.evaluations = evaluations;
  return search(problem, *make_algorithm(algorithm, problem, options, seeds), budget);
}

}  // namespace lanewise::nas
