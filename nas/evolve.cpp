// SPDX-License-Identifier: Apache-2.0
// Constrained NSGA-II (Deb, Pratap, Agarwal and Meyarivan, 2002) on lists of choices. What is added for choices, of
// which a search could draw the same twice: every child is new, and of members with equal objectives one counts.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "nas/dominance.hpp"
#include "nas/search.hpp"

namespace lanewise::nas {
namespace {

// Tries at changing one more gene before the next unseen genotype in counting order is taken.
constexpr int kMutationTries = 16;

struct Ranked {
  std::size_t member;  // index into everything evaluated
  std::size_t rank;
  double crowding;
};

class Evolution {
 public:
  Evolution(Problem& problem, const SearchOptions& options)
      : problem_(problem), genes_(problem.genes()), options_(options), random_(options.seed) {
    check();
    size_ = 1;
    for (const Gene& gene : genes_) size_ = std::min(size_ * static_cast<double>(gene.values.size()), 1e18);
    mutation_ =
        options.mutation > 0 ? options.mutation : 1.0 / static_cast<double>(std::max<std::size_t>(genes_.size(), 1));
  }

  void start(const std::vector<Genotype>& seeds) {
    std::vector<Genotype> first;
    offer(first, Genotype(genes_.size(), 0));
    for (const Genotype& seed : seeds) {
      check_genotype(seed);
      offer(first, seed);
    }
    while (first.size() < population_size() && !exhausted()) offer_new(first, random_genotype());
    evaluate(first);
    select();
  }

  // False when no genotype is left to try.
  bool step() {
    if (exhausted()) return false;
    std::vector<Genotype> children;
    while (children.size() < population_size() && !exhausted()) {
      Genotype child = all_[tournament()].genotype;
      if (random_.chance(options_.crossover)) cross(child, all_[tournament()].genotype);
      mutate(child);
      offer_new(children, std::move(child));
    }
    evaluate(children);
    select();
    return true;
  }

  SearchResult result() const {
    SearchResult result;
    result.evaluations = static_cast<std::int64_t>(all_.size());
    std::vector<std::size_t> feasible;
    std::vector<Evaluation> evaluations;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (all_[i].evaluation.violation > 0) continue;
      feasible.push_back(i);
      evaluations.push_back(all_[i].evaluation);
    }
    std::map<std::vector<double>, Individual> plainest;
    for (const std::size_t i : pareto_front(evaluations)) {
      const Individual& candidate = all_[feasible[i]];
      const auto [place, added] = plainest.try_emplace(candidate.evaluation.objectives, candidate);
      if (!added && plainer(candidate.genotype, place->second.genotype)) place->second = candidate;
    }
    for (auto& entry : plainest) result.front.push_back(std::move(entry.second));
    std::stable_sort(result.front.begin(), result.front.end(), [](const Individual& a, const Individual& b) {
      const double x = a.evaluation.objectives.empty() ? 0 : a.evaluation.objectives.front();
      const double y = b.evaluation.objectives.empty() ? 0 : b.evaluation.objectives.front();
      return x != y ? x < y : a.genotype < b.genotype;
    });
    return result;
  }

 private:
  std::size_t population_size() const { return static_cast<std::size_t>(options_.population); }
  bool exhausted() const { return static_cast<double>(seen_.size()) >= size_; }

  void check() const {
    const auto refuse = [](const char* what, double value, const char* rule) {
      throw Error(fmt::format("search: {} is {}, must {}", what, value, rule));
    };
    if (options_.population < 2) refuse("population", options_.population, "be at least 2");
    if (options_.generations < 0) refuse("generations", options_.generations, "not be negative");
    if (!(options_.crossover >= 0 && options_.crossover <= 1)) refuse("crossover", options_.crossover, "lie in [0, 1]");
    if (!(options_.mutation >= 0 && options_.mutation <= 1)) refuse("mutation", options_.mutation, "lie in [0, 1]");
    for (const Gene& gene : genes_) {
      if (gene.values.empty()) throw Error(fmt::format("search: gene {} has no values", gene.name));
    }
  }

  void check_genotype(const Genotype& genotype) const {
    if (genotype.size() != genes_.size()) {
      throw Error(fmt::format("search: a seed has {} genes, the space {}", genotype.size(), genes_.size()));
    }
    for (std::size_t i = 0; i < genotype.size(); ++i) {
      if (genotype[i] < 0 || genotype[i] >= values_of(i)) {
        throw Error(fmt::format("search: a seed has value {} for gene {}, which has {} values", genotype[i],
                                genes_[i].name, values_of(i)));
      }
    }
  }

  int values_of(std::size_t gene) const { return static_cast<int>(genes_[gene].values.size()); }

  // Fewer genes away from the default, then the lower genotype.
  static bool plainer(const Genotype& a, const Genotype& b) {
    const auto defaults = [](const Genotype& genotype) { return std::count(genotype.begin(), genotype.end(), 0); };
    return defaults(a) != defaults(b) ? defaults(a) > defaults(b) : a < b;
  }

  // Every genotype draws its own share of genes that leave the default: uniform draws of all genes would crowd in the
  // middle of the space and leave its ends to mutation.
  Genotype random_genotype() {
    const double share = random_.unit();
    Genotype genotype(genes_.size(), 0);
    for (std::size_t i = 0; i < genotype.size(); ++i) {
      if (values_of(i) > 1 && random_.chance(share))
        genotype[i] = static_cast<int>(random_.between(1, values_of(i) - 1));
    }
    return genotype;
  }

  void change(Genotype& genotype, std::size_t gene) {
    const int values = values_of(gene);
    if (values < 2) return;
    genotype[gene] =
        (genotype[gene] + 1 + static_cast<int>(random_.below(static_cast<std::uint64_t>(values - 1)))) % values;
  }

  void mutate(Genotype& genotype) {
    for (std::size_t i = 0; i < genotype.size(); ++i) {
      if (random_.chance(mutation_)) change(genotype, i);
    }
  }

  // Uniform crossover: choices have no order along the genotype that one- or two-point crossover could keep.
  void cross(Genotype& child, const Genotype& other) {
    for (std::size_t i = 0; i < child.size(); ++i) {
      if (random_.chance(0.5)) child[i] = other[i];
    }
  }

  bool offer(std::vector<Genotype>& batch, const Genotype& genotype) {
    const auto [place, added] = seen_.emplace(genotype, 0);
    if (added) batch.push_back(genotype);
    return added;
  }

  // Adds the genotype, or an unseen one near it. The space must not be exhausted.
  void offer_new(std::vector<Genotype>& batch, Genotype genotype) {
    for (int i = 0; i < kMutationTries; ++i) {
      if (offer(batch, genotype)) return;
      change(genotype, static_cast<std::size_t>(random_.below(genes_.size())));
    }
    while (!offer(batch, genotype)) {
      for (std::size_t i = 0; i < genotype.size(); ++i) {
        if (++genotype[i] < values_of(i)) break;
        genotype[i] = 0;
      }
    }
  }

  void evaluate(const std::vector<Genotype>& batch) {
    if (batch.empty()) return;
    const std::vector<Evaluation> evaluations = problem_.evaluate(batch);
    if (evaluations.size() != batch.size()) throw InternalError("search: a problem must answer every genotype");
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Evaluation& evaluation = evaluations[i];
      const bool ordered = std::none_of(evaluation.objectives.begin(), evaluation.objectives.end(),
                                        [](double value) { return std::isnan(value); });
      if (!ordered || !(evaluation.violation >= 0)) {
        throw InternalError("search: objectives must be numbers and violations not negative");
      }
      if (!all_.empty() && evaluation.objectives.size() != all_.front().evaluation.objectives.size()) {
        throw InternalError("search: every evaluation must have the same number of objectives");
      }
      seen_[batch[i]] = all_.size();
      candidates_.push_back(all_.size());
      all_.push_back({batch[i], evaluation});
    }
  }

  // Environmental selection: best fronts first, the last one thinned by crowding. Of members with equal objectives and
  // violation only the first takes part; the others fill what would stay empty.
  void select() {
    std::map<std::pair<double, std::vector<double>>, std::size_t> first;
    std::vector<std::size_t> unique, repeated;
    for (const std::size_t member : candidates_) {
      const Evaluation& evaluation = all_[member].evaluation;
      const bool added = first.emplace(std::make_pair(evaluation.violation, evaluation.objectives), member).second;
      (added ? unique : repeated).push_back(member);
    }
    std::vector<Evaluation> evaluations;
    for (const std::size_t member : unique) evaluations.push_back(all_[member].evaluation);
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

  Problem& problem_;
  const std::vector<Gene>& genes_;
  SearchOptions options_;
  Random random_;
  double size_ = 1;  // genotypes in the space; exact where it matters, below 2^53
  double mutation_ = 0;
  std::map<Genotype, std::size_t> seen_;
  std::vector<Individual> all_;
  std::vector<std::size_t> candidates_;  // the population, and its children until they are selected
  std::vector<Ranked> population_;
};

}  // namespace

SearchResult evolve(Problem& problem, const SearchOptions& options, const std::vector<Genotype>& seeds,
                    const std::function<void(int generation, int generations)>& progress) {
  Evolution evolution(problem, options);
  evolution.start(seeds);
  if (progress) progress(0, options.generations);
  for (int generation = 1; generation <= options.generations && evolution.step(); ++generation) {
    if (progress) progress(generation, options.generations);
  }
  return evolution.result();
}

}  // namespace lanewise::nas
