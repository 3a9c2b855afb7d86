// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

// Tries at changing one more gene before the next unseen genotype in counting order is taken.
constexpr int kMutationTries = 16;

// Fewer genes away from the default, then the lower genotype.
bool plainer(const Genotype& a, const Genotype& b) {
  const auto defaults = [](const Genotype& genotype) { return std::count(genotype.begin(), genotype.end(), 0); };
  return defaults(a) != defaults(b) ? defaults(a) > defaults(b) : a < b;
}

}  // namespace

Archive::Archive(Problem& problem, const SearchOptions& options) : problem_(problem), genes_(problem.genes()) {
  const auto refuse = [](const char* what, double value, const char* rule) {
    throw Error(fmt::format("search: {} is {}, must {}", what, value, rule));
  };
  if (options.population < 2) refuse("population", options.population, "be at least 2");
  if (options.generations < 0) refuse("generations", options.generations, "not be negative");
  if (!(options.crossover >= 0 && options.crossover <= 1)) refuse("crossover", options.crossover, "lie in [0, 1]");
  if (!(options.mutation >= 0 && options.mutation <= 1)) refuse("mutation", options.mutation, "lie in [0, 1]");
  for (const Gene& gene : genes_) {
    if (gene.values.empty()) throw Error(fmt::format("search: gene {} has no values", gene.name));
  }
  for (const Gene& gene : genes_) size_ = std::min(size_ * static_cast<double>(gene.values.size()), 1e18);
}

void Archive::check_seed(const Genotype& genotype) const {
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

Genotype Archive::random_genotype(Random& random) const {
  const double share = random.unit();
  Genotype genotype(genes_.size(), 0);
  for (std::size_t i = 0; i < genotype.size(); ++i) {
    if (values_of(i) > 1 && random.chance(share)) genotype[i] = static_cast<int>(random.between(1, values_of(i) - 1));
  }
  return genotype;
}

void Archive::change(Genotype& genotype, std::size_t gene, Random& random) const {
  const int values = values_of(gene);
  if (values < 2) return;
  genotype[gene] =
      (genotype[gene] + 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(values - 1)))) % values;
}

bool Archive::offer(std::vector<Genotype>& batch, const Genotype& genotype) {
  const auto [place, added] = seen_.emplace(genotype, 0);
  if (added) batch.push_back(genotype);
  return added;
}

void Archive::offer_new(std::vector<Genotype>& batch, Genotype genotype, Random& random) {
  for (int i = 0; i < kMutationTries; ++i) {
    if (offer(batch, genotype)) return;
    change(genotype, static_cast<std::size_t>(random.below(genes_.size())), random);
  }
  while (!offer(batch, genotype)) {
    for (std::size_t i = 0; i < genotype.size(); ++i) {
      if (++genotype[i] < values_of(i)) break;
      genotype[i] = 0;
    }
  }
}

std::vector<Genotype> Archive::first_batch(const std::vector<Genotype>& seeds, std::size_t count, Random& random) {
  std::vector<Genotype> first;
  offer(first, Genotype(genes_.size(), 0));
  for (const Genotype& seed : seeds) {
    check_seed(seed);
    offer(first, seed);
  }
  while (first.size() < count && !exhausted()) offer_new(first, random_genotype(random), random);
  return first;
}

void Archive::evaluate(const std::vector<Genotype>& batch) {
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
    all_.push_back({batch[i], evaluation});
  }
}

SearchResult Archive::result() const {
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

}  // namespace lanewise::nas
