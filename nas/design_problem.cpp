// SPDX-License-Identifier: Apache-2.0
#include "nas/design_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

constexpr double kWorst = std::numeric_limits<double>::max();

// What the goals ask for, and what the oracle's constraint reads.
std::vector<Metric> metrics_of(const DesignGoals& goals) {
  std::vector<Metric> metrics = goals.objectives;
  for (const Limit& limit : goals.limits) metrics.push_back(limit.metric);
  metrics.insert(metrics.end(), {Metric::kMacs, Metric::kParameters, Metric::kArea});
  return metrics;
}

NetworkFacts facts_of(const Metrics& metrics) {
  return {std::llround(metrics[Metric::kMacs]), std::llround(metrics[Metric::kParameters])};
}

}  // namespace

DesignProblem::DesignProblem(const Space& space, CostOracle& costs, AccuracyOracle& quality, DesignGoals goals,
                             const std::function<bool(const std::string& gene)>& open, std::function<void()> check_stop)
    : space_(space),
      quality_(quality),
      goals_(std::move(goals)),
      genes_(space.genes()),
      pricer_(std::make_unique<DesignPricer>(space, costs, metrics_of(goals_), std::move(check_stop))) {
  for (Gene& gene : genes_) {
    if (!open(gene.name)) gene.values.resize(1);
  }
  if (needs_accuracy() && !quality_.measures()) {
    throw Error(fmt::format("accuracy is an objective or has a limit, and nobody measures it: '{}' gives no score",
                            quality_.name()));
  }
}

bool DesignProblem::needs_accuracy() const {
  const auto is_accuracy = [](Metric metric) { return metric == Metric::kAccuracy; };
  return std::any_of(goals_.objectives.begin(), goals_.objectives.end(), is_accuracy) ||
         std::any_of(goals_.limits.begin(), goals_.limits.end(),
                     [&](const Limit& limit) { return is_accuracy(limit.metric); });
}

void DesignProblem::add_accuracy(const std::vector<Genotype>& genotypes, std::vector<PricedDesign>& designs) const {
  std::vector<Candidate> candidates;
  candidates.reserve(genotypes.size());
  std::vector<AccuracyQuery> queries;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < genotypes.size(); ++i) {
    if (!designs[i].failure.empty()) continue;
    candidates.push_back(pricer_->network_of(genotypes[i]));
    AccuracyQuery query;
    query.encoding = space_.network().encode(space_.network_part(genotypes[i]));
    query.facts = facts_of(designs[i].metrics);
    query.graph = candidates.back().graph.get();
    query.engine = &candidates.back().engine;
    for (std::size_t g = 0; g < genotypes[i].size(); ++g) {
      const Gene& gene = space_.genes()[g];
      query.genes.emplace_back(gene.name, gene.values[static_cast<std::size_t>(genotypes[i][g])]);
    }
    queries.push_back(std::move(query));
    places.push_back(i);
  }
  const std::vector<AccuracyAnswer> answers = quality_.measure(queries);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    PricedDesign& design = designs[places[i]];
    design.metrics[Metric::kAccuracy] = answers[i].score;
    if (!answers[i].failure.empty()) design = {{}, "no accuracy: " + answers[i].failure};
  }
}

Evaluation DesignProblem::judge(const PricedDesign& design) const { return judge(design, goals_.limits); }

Evaluation DesignProblem::judge(const PricedDesign& design, const std::vector<Limit>& limits) const {
  if (!design.failure.empty()) return {std::vector<double>(goals_.objectives.size(), kWorst), kImpossible};
  Evaluation evaluation;
  for (const Metric metric : goals_.objectives) {
    const double value = design.metrics[metric];
    evaluation.objectives.push_back(metric == Metric::kAccuracy ? quality_.objective(value)
                                                                : as_minimised(metric, value, goals_.maximised));
  }
  evaluation.violation = total_violation(limits, design.metrics, goals_.baseline);
  evaluation.violation += quality_.shortfall(facts_of(design.metrics));
  if (goals_.area_budget.count() > 0) {
    evaluation.violation += std::max(0.0, design.metrics[Metric::kArea] / goals_.area_budget.count() - 1);
  }
  return evaluation;
}

std::vector<Evaluation> DesignProblem::evaluate(const std::vector<Genotype>& genotypes) {
  std::vector<PricedDesign> designs = pricer_->price(genotypes);
  if (needs_accuracy()) add_accuracy(genotypes, designs);
  std::vector<Evaluation> out;
  out.reserve(designs.size());
  for (const PricedDesign& design : designs) out.push_back(judge(design));
  return out;
}

std::vector<bool> DesignProblem::free_objectives() const {
  std::vector<bool> flags;
  for (const Metric metric : goals_.objectives) {
    flags.push_back(is_free(metric) || (metric == Metric::kAccuracy && quality_.is_free()));
  }
  const bool any = std::find(flags.begin(), flags.end(), true) != flags.end();
  return any ? flags : std::vector<bool>{};
}

std::vector<Evaluation> DesignProblem::known_beforehand(const std::vector<Genotype>& genotypes) const {
  std::vector<PricedDesign> designs = pricer_->free_metrics(genotypes);
  if (needs_accuracy() && quality_.is_free()) add_accuracy(genotypes, designs);
  std::vector<Limit> known;
  for (const Limit& limit : goals_.limits) {
    if (is_free(limit.metric) || (limit.metric == Metric::kAccuracy && quality_.is_free())) known.push_back(limit);
  }
  std::vector<Evaluation> out;
  out.reserve(designs.size());
  for (const PricedDesign& design : designs) out.push_back(judge(design, known));
  return out;
}

}  // namespace lanewise::nas
