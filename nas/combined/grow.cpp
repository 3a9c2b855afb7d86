// SPDX-License-Identifier: Apache-2.0
#include "nas/combined/grow.hpp"

#include <algorithm>
#include <set>

#include "nas/search.hpp"

namespace lanewise::nas {
namespace {

constexpr int kPopulation = 64;
constexpr double kWorst = std::numeric_limits<double>::max();

// The first score, to be made large, beside the objectives that cost no training.
class UntrainedProblem : public Problem {
 public:
  UntrainedProblem(Grower& grower, CombinedProblem& problem) : grower_(grower), problem_(problem) {}
  const std::vector<Gene>& genes() const override { return problem_.genes(); }
  Genotype canonical(const Genotype& genotype) const override { return problem_.canonical(genotype); }
  std::vector<Evaluation> evaluate(const std::vector<Genotype>& genotypes) override {
    std::vector<Evaluation> out;
    for (const std::size_t place : grower_.look_at(genotypes)) {
      const Grown& grown = grower_[place];
      out.push_back(grown.costs);
      out.back().objectives.push_back(grown.facts.scores.empty() ? kWorst : -grown.facts.scores.front());
    }
    return out;
  }

 private:
  Grower& grower_;
  CombinedProblem& problem_;
};

}  // namespace

std::vector<std::size_t> Grower::look_at(const std::vector<Genotype>& genotypes) {
  std::vector<Genotype> fresh;
  for (const Genotype& genotype : genotypes) {
    if (places_.emplace(genotype, all_.size() + fresh.size()).second) fresh.push_back(genotype);
  }
  const std::vector<Evaluation> costs = problem_.costs(fresh);
  std::vector<Genotype> possible;
  std::vector<std::size_t> of;
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    all_.push_back({fresh[i], costs[i], {}});
    if (costs[i].violation >= kCannotBe) continue;
    possible.push_back(fresh[i]);
    of.push_back(all_.size() - 1);
  }
  std::vector<UntrainedFacts> facts = problem_.facts(possible);
  for (std::size_t i = 0; i < facts.size(); ++i) all_[of[i]].facts = std::move(facts[i]);
  std::vector<std::size_t> out;
  for (const Genotype& genotype : genotypes) out.push_back(places_.at(genotype));
  return out;
}

void grow(Grower& grower, CombinedProblem& problem, std::size_t pool, std::uint64_t seed) {
  const std::vector<Gene>& genes = problem.genes();
  double size = 1;
  for (const Gene& gene : genes) size *= static_cast<double>(gene.values.size());
  if (size <= static_cast<double>(pool)) {
    std::set<Genotype> whole;
    Genotype genotype(genes.size(), 0);
    for (std::size_t gene = 0; gene < genes.size();) {
      whole.insert(problem.canonical(genotype));
      for (gene = 0; gene < genes.size(); ++gene) {
        if (++genotype[gene] < static_cast<int>(genes[gene].values.size())) break;
        genotype[gene] = 0;
      }
    }
    grower.look_at({whole.begin(), whole.end()});
    return;
  }
  UntrainedProblem untrained(grower, problem);
  SearchOptions options;
  options.seed = seed;
  options.population = std::min<int>(kPopulation, static_cast<int>(std::max<std::size_t>(2, pool / 8)));
  SearchBudget budget;
  budget.evaluations = static_cast<std::int64_t>(pool);
  search(untrained, *make_algorithm("nsga2", untrained, options), budget);
}

std::vector<Genotype> neighbours_of(const CombinedProblem& problem, const Genotype& genotype) {
  std::vector<Genotype> out;
  std::set<Genotype> seen = {genotype};
  for (std::size_t gene = 0; gene < genotype.size(); ++gene) {
    Genotype other = genotype;
    for (int value = 0; value < static_cast<int>(problem.genes()[gene].values.size()); ++value) {
      other[gene] = value;
      Genotype same = problem.canonical(other);
      if (seen.insert(same).second) out.push_back(std::move(same));
    }
  }
  return out;
}

}  // namespace lanewise::nas
