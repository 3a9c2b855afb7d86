// SPDX-License-Identifier: Apache-2.0
// Constrained NSGA-II on lists of choices: feasibility first, then rank, then crowding. What is added for choices, of
// which a search could draw the same twice: every child is new, and of members with equal objectives one counts.
//
// Source: Deb, Pratap, Agarwal and Meyarivan, A fast and elitist multiobjective genetic algorithm: NSGA-II, IEEE
// Transactions on Evolutionary Computation 6(2), 2002.
#include <algorithm>
#include <map>

#include "core/base/random.hpp"
#include "nas/algorithms/archive.hpp"
#include "nas/algorithms/dominance.hpp"

namespace lanewise::nas {
namespace {

struct Ranked {
  std::size_t member;  // index into everything evaluated
  std::size_t rank;
  double crowding;
};

class Evolution {
 public:
  Evolution(Problem& problem, const SearchOptions& options)
      : archive_(problem, options), options_(options), random_(options.seed) {
    const std::size_t genes = archive_.genes().size();
    mutation_ = options.mutation > 0 ? options.mutation : 1.0 / static_cast<double>(std::max<std::size_t>(genes, 1));
  }

  void start(const std::vector<Genotype>& seeds) {
    evaluate(archive_.first_batch(seeds, population_size(), random_));
    select();
  }

  // False when no genotype is left to try.
  bool step() {
    if (archive_.exhausted()) return false;
    std::vector<Genotype> children;
    while (children.size() < population_size() && !archive_.exhausted()) {
      Genotype child = archive_.all()[tournament()].genotype;
      if (random_.chance(options_.crossover)) cross(child, archive_.all()[tournament()].genotype);
      mutate(child);
      archive_.offer_new(children, std::move(child), random_);
    }
    evaluate(children);
    select();
    return true;
  }

  SearchResult result() const { return archive_.result(); }

 private:
  std::size_t population_size() const { return static_cast<std::size_t>(options_.population); }

  void mutate(Genotype& genotype) {
    for (std::size_t i = 0; i < genotype.size(); ++i) {
      if (random_.chance(mutation_)) archive_.change(genotype, i, random_);
    }
  }

  // Uniform crossover: choices have no order along the genotype that one- or two-point crossover could keep.
  void cross(Genotype& child, const Genotype& other) {
    for (std::size_t i = 0; i < child.size(); ++i) {
      if (random_.chance(0.5)) child[i] = other[i];
    }
  }

  void evaluate(const std::vector<Genotype>& batch) {
    for (std::size_t i = 0; i < batch.size(); ++i) candidates_.push_back(archive_.all().size() + i);
    archive_.evaluate(batch);
  }

  // Environmental selection: best fronts first, the last one thinned by crowding. Of members with equal objectives and
  // violation only the first takes part; the others fill what would stay empty.
  void select() {
    std::map<std::pair<double, std::vector<double>>, std::size_t> first;
    std::vector<std::size_t> unique, repeated;
    for (const std::size_t member : candidates_) {
      const Evaluation& evaluation = archive_.all()[member].evaluation;
      const bool added = first.emplace(std::make_pair(evaluation.violation, evaluation.objectives), member).second;
      (added ? unique : repeated).push_back(member);
    }
    std::vector<Evaluation> evaluations;
    for (const std::size_t member : unique) evaluations.push_back(archive_.all()[member].evaluation);
    const std::vector<std::vector<std::size_t>> fronts = non_dominated_sort(evaluations);
    population_.clear();
    for (std::size_t rank = 0; rank < fronts.size() && population_.size() < population_size(); ++rank) {
      std::vector<Ranked> front;
      const std::vector<double> crowding = crowding_distance(evaluations, fronts[rank]);
      for (std::size_t i = 0; i < fronts[rank].size(); ++i)
        front.push_back({unique[fronts[rank][i]], rank, crowding[i]});
      std::stable_sort(front.begin(), front.end(),
                       [](const Ranked& a, const Ranked& b) { return a.crowding > b.crowding; });
      front.resize(std::min(front.size(), population_size() - population_.size()));
      population_.insert(population_.end(), front.begin(), front.end());
    }
    for (const std::size_t member : repeated) {
      if (population_.size() >= population_size()) break;
      population_.push_back({member, fronts.size(), 0.0});
    }
    candidates_.clear();
    for (const Ranked& ranked : population_) candidates_.push_back(ranked.member);
  }

  std::size_t tournament() {
    const Ranked& a = random_.pick(population_);
    const Ranked& b = random_.pick(population_);
    if (a.rank != b.rank) return a.rank < b.rank ? a.member : b.member;
    return a.crowding >= b.crowding ? a.member : b.member;
  }

  Archive archive_;
  SearchOptions options_;
  Random random_;
  double mutation_ = 0;
  std::vector<std::size_t> candidates_;  // the population, and its children until they are selected
  std::vector<Ranked> population_;
};

class Nsga2 : public Algorithm {
 public:
  explicit Nsga2(const SearchOptions& options) : options_(options) {}

  // Every generation asks for `population` new genotypes in one batch.
  SearchResult search(Problem& problem, const std::vector<Genotype>& seeds, const SearchProgress& progress) override {
    Evolution evolution(problem, options_);
    evolution.start(seeds);
    if (progress) progress(0, options_.generations);
    for (int generation = 1; generation <= options_.generations && evolution.step(); ++generation) {
      if (progress) progress(generation, options_.generations);
    }
    return evolution.result();
  }

 private:
  SearchOptions options_;
};

}  // namespace

std::unique_ptr<Algorithm> make_nsga2(const SearchOptions& options) { return std::make_unique<Nsga2>(options); }

}  // namespace lanewise::nas
