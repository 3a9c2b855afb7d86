// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

// Tries at changing one more gene before the next unseen genotype in counting order is taken.
constexpr int kMutationTries = 16;
// Genotypes counted through before a space whose genotypes mean few candidates is taken to be exhausted.
constexpr double kMostCounted = 1e6;

// Fewer genes away from the default, then the lower genotype.
bool plainer(const Genotype& a, const Genotype& b) {
  const auto defaults = [](const Genotype& genotype) { return std::count(genotype.begin(), genotype.end(), 0); };
  return defaults(a) != defaults(b) ? defaults(a) > defaults(b) : a < b;
}

void sort_for_people(std::vector<Individual>& individuals) {
  std::stable_sort(individuals.begin(), individuals.end(), [](const Individual& a, const Individual& b) {
    const double x = a.evaluation.objectives.empty() ? 0 : a.evaluation.objectives.front();
    const double y = b.evaluation.objectives.empty() ? 0 : b.evaluation.objectives.front();
    return x != y ? x < y : a.genotype < b.genotype;
  });
}

void check_options(const SearchOptions& options) {
  const auto refuse = [](const char* what, double value, const char* rule) {
    throw Error(fmt::format("search: {} is {}, must {}", what, value, rule));
  };
  if (options.population < 2) refuse("population", options.population, "be at least 2");
  if (options.batch < 0) refuse("batch", options.batch, "not be negative");
  if (!(options.crossover >= 0 && options.crossover <= 1)) refuse("crossover", options.crossover, "lie in [0, 1]");
  if (!(options.mutation >= 0 && options.mutation <= 1)) refuse("mutation", options.mutation, "lie in [0, 1]");
}

}  // namespace

Archive::Archive(const Problem& problem, const SearchOptions& options, const std::vector<Genotype>& seeds)
    : problem_(problem), genes_(problem.genes()) {
  check_options(options);
  int open = 0;
  for (const Gene& gene : genes_) {
    if (gene.values.empty()) throw Error(fmt::format("search: gene {} has no values", gene.name));
    size_ = std::min(size_ * static_cast<double>(gene.values.size()), 1e18);
    open += gene.values.size() > 1 ? 1 : 0;
  }
  mutation_ = options.mutation > 0 ? options.mutation : 1.0 / std::max(open, 1);
  for (const Genotype& seed : seeds) check_fits(seed, "a seed");
  std::set<Genotype> known;
  const auto add = [&](const Genotype& genotype) {
    const Genotype canonical = problem_.canonical(genotype);
    if (known.insert(canonical).second) seeds_.push_back(canonical);
  };
  add(Genotype(genes_.size(), 0));
  for (const Genotype& seed : seeds) add(seed);
}

void Archive::check_fits(const Genotype& genotype, const char* what) const {
  if (genotype.size() != genes_.size()) {
    throw Error(fmt::format("search: {} has {} genes, the space {}", what, genotype.size(), genes_.size()));
  }
  for (std::size_t i = 0; i < genotype.size(); ++i) {
    if (genotype[i] < 0 || genotype[i] >= values_of(i)) {
      throw Error(fmt::format("search: {} has value {} for gene {}, which has {} values", what, genotype[i],
                              genes_[i].name, values_of(i)));
    }
  }
}

std::vector<Genotype> Archive::enumerate() const {
  std::vector<Genotype> all;
  std::set<Genotype> met;
  Genotype genotype(genes_.size(), 0);
  for (double i = 0; i < size_; ++i) {
    const Genotype canonical = problem_.canonical(genotype);
    if (met.insert(canonical).second) all.push_back(canonical);
    for (std::size_t g = 0; g < genotype.size(); ++g) {
      if (++genotype[g] < values_of(g)) break;
      genotype[g] = 0;
    }
  }
  return all;
}

Genotype Archive::random_genotype(Random& random) const {
  const double share = random.unit();
  Genotype genotype(genes_.size(), 0);
  for (std::size_t i = 0; i < genotype.size(); ++i) {
    if (values_of(i) > 1 && random.chance(share)) genotype[i] = static_cast<int>(random.between(1, values_of(i) - 1));
  }
  return genotype;
}

Genotype Archive::uniform_genotype(Random& random) const {
  Genotype genotype(genes_.size(), 0);
  for (std::size_t i = 0; i < genotype.size(); ++i) {
    genotype[i] = static_cast<int>(random.below(static_cast<std::uint64_t>(values_of(i))));
  }
  return genotype;
}

void Archive::change(Genotype& genotype, std::size_t gene, Random& random) const {
  const int values = values_of(gene);
  if (values < 2) return;
  genotype[gene] =
      (genotype[gene] + 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(values - 1)))) % values;
}

void Archive::mutate(Genotype& genotype, Random& random) const {
  for (std::size_t i = 0; i < genotype.size(); ++i) {
    if (random.chance(mutation_)) change(genotype, i, random);
  }
}

void Archive::cross(Genotype& child, const Genotype& other, Random& random) const {
  for (std::size_t i = 0; i < child.size(); ++i) {
    if (random.chance(0.5)) child[i] = other[i];
  }
}

bool Archive::offer(std::vector<Genotype>& batch, const Genotype& genotype) {
  Genotype canonical = problem_.canonical(genotype);
  if (!seen_.insert(canonical).second) return false;
  open_.push_back(canonical);
  batch.push_back(std::move(canonical));
  return true;
}

bool Archive::offer_new(std::vector<Genotype>& batch, Genotype genotype, Random& random) {
  if (exhausted()) return false;
  for (int i = 0; i < kMutationTries; ++i) {
    if (offer(batch, genotype)) return true;
    if (genes_.empty()) break;
    change(genotype, static_cast<std::size_t>(random.below(genes_.size())), random);
  }
  const double most = std::min(size_, kMostCounted);
  for (double counted = 0; counted < most; ++counted) {
    if (offer(batch, genotype)) return true;
    for (std::size_t i = 0; i < genotype.size(); ++i) {
      if (++genotype[i] < values_of(i)) break;
      genotype[i] = 0;
    }
  }
  exhausted_ = true;
  return false;
}

bool Archive::has_first() const {
  return std::any_of(seeds_.begin(), seeds_.end(), [&](const Genotype& seed) { return !holds(seed); });
}

std::vector<Genotype> Archive::first_batch(std::size_t count, Random& random) {
  std::vector<Genotype> first;
  for (const Genotype& seed : seeds_) offer(first, seed);
  while (first.size() < count && offer_new(first, random_genotype(random), random)) {
  }
  return first;
}

void Archive::tell(const std::vector<Genotype>& batch, const std::vector<Evaluation>& evaluations) {
  if (evaluations.size() != batch.size()) throw InternalError("search: a problem must answer every genotype");
  for (const Genotype& genotype : open_) seen_.erase(genotype);
  exhausted_ = exhausted_ && batch.size() >= open_.size();
  open_.clear();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    check_fits(batch[i], "what is told");
    const Evaluation& evaluation = evaluations[i];
    const bool ordered = std::none_of(evaluation.objectives.begin(), evaluation.objectives.end(),
                                      [](double value) { return std::isnan(value); });
    if (!ordered || !(evaluation.violation >= 0)) {
      throw InternalError("search: objectives must be numbers and violations not negative");
    }
    if (!all_.empty() && evaluation.objectives.size() != all_.front().evaluation.objectives.size()) {
      throw InternalError("search: every evaluation must have the same number of objectives");
    }
    Genotype canonical = problem_.canonical(batch[i]);
    if (seen_.insert(canonical).second) all_.push_back({std::move(canonical), evaluation});
  }
}

void Archive::save(StateWriter& out) const {
  out.count("exhausted", exhausted_ ? 1 : 0);
  out.individuals("individuals", all_);
}

void Archive::load(StateReader& in) {
  exhausted_ = in.count("exhausted") != 0;
  all_ = in.individuals("individuals", genes_);
  open_.clear();
  seen_.clear();
  for (const Individual& individual : all_) {
    if (problem_.canonical(individual.genotype) != individual.genotype) in.refuse("a genotype is not canonical");
    if (!seen_.insert(individual.genotype).second) in.refuse("a genotype stands twice");
    const std::vector<double>& objectives = individual.evaluation.objectives;
    const bool ordered = std::none_of(objectives.begin(), objectives.end(), [](double v) { return std::isnan(v); });
    if (!ordered || !(individual.evaluation.violation >= 0)) in.refuse("an evaluation is not a number");
  }
}

std::vector<Individual> front_of(const std::vector<Individual>& individuals) {
  std::vector<std::size_t> feasible;
  std::vector<Evaluation> evaluations;
  for (std::size_t i = 0; i < individuals.size(); ++i) {
    if (individuals[i].evaluation.violation > 0) continue;
    feasible.push_back(i);
    evaluations.push_back(individuals[i].evaluation);
  }
  std::map<std::vector<double>, Individual> plainest;
  for (const std::size_t i : pareto_front(evaluations)) {
    const Individual& candidate = individuals[feasible[i]];
    const auto [place, added] = plainest.try_emplace(candidate.evaluation.objectives, candidate);
    if (!added && plainer(candidate.genotype, place->second.genotype)) place->second = candidate;
  }
  std::vector<Individual> front;
  for (auto& entry : plainest) front.push_back(std::move(entry.second));
  sort_for_people(front);
  return front;
}

std::vector<Individual> least_violating(const std::vector<Individual>& individuals, std::size_t count) {
  std::vector<Individual> chosen = individuals;
  std::stable_sort(chosen.begin(), chosen.end(), [](const Individual& a, const Individual& b) {
    if (a.evaluation.violation != b.evaluation.violation) return a.evaluation.violation < b.evaluation.violation;
    return plainer(a.genotype, b.genotype);
  });
  if (!chosen.empty() && !(chosen.front().evaluation.violation > 0)) return {};
  chosen.resize(std::min(chosen.size(), count));
  return chosen;
}

}  // namespace lanewise::nas
