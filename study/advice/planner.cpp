// SPDX-License-Identifier: Apache-2.0
#include "study/advice/planner.hpp"

#include <algorithm>
#include <utility>

#include "core/base/error.hpp"
#include "study/advice/compose.hpp"
#include "study/codesign/cost_oracle.hpp"
#include "study/evaluation/answer_metrics.hpp"

namespace lanewise::study {
namespace {

// Where the simulator prices the search, each subgraph that it meets for the first time takes as long as thousands of
// predictions.
constexpr std::int64_t kSimulatedEvaluations = 4000;
constexpr std::size_t kSimulatedPairs = 8;
constexpr std::size_t kCandidates = 24;  // of the search, that are simulated

// Whose every value begins a search of its own: they reach all layers.
bool reaches_everywhere(const std::string& gene) {
  return gene == "channels" || gene == "input_resolution" || gene == "output_resolution";
}

nas::Metrics metrics(const Answered& answered) { return metrics_of(answered.answer.total); }

}  // namespace

Planner::Planner(const PlanQuestion& question, const Progress& progress) : question_(question), progress_(progress) {
  if (question.estimator != nullptr) predictor_ = make_estimated(*question.estimator);
  costs_ = make_cost_oracle(predictor_ ? *predictor_ : question.simulator);
  std::vector<nas::Metric> wanted = {nas::Metric::kLatency, nas::Metric::kParameters, nas::Metric::kMacs};
  for (const nas::Limit& limit : question.space.limits()) wanted.push_back(limit.metric);
  pricer_ = std::make_unique<nas::DesignPricer>(question.space.space(), *costs_, wanted);
  // Limits are factors of the engine as given, whatever keys a person has taken.
  nas::SpaceDescription description = question.job.space;
  description.engine = {};
  description.engine.vary = nas::EngineSettings::Vary::kNone;
  const nas::Space as_given(description, nas::make_network_space(description, question.job.graph), question.job.engine,
                            question.job.family);
  nas::DesignPricer pricer(as_given, *costs_, wanted);
  const nas::PricedDesign given = pricer.price({as_given.defaults()}).front();
  if (!given.failure.empty()) throw Error(given.failure);
  given_ = given.metrics;
}

std::vector<nas::Genotype> Planner::candidates() {
  const AdvisedSpace& space = question_.space;
  ComposeProblem problem;
  problem.genes = space.space().genes();
  problem.canonical = [&](const nas::Genotype& genotype) { return space.space().canonical(genotype); };
  problem.price = [this](const std::vector<nas::Genotype>& genotypes) { return pricer_->price(genotypes); };
  problem.may = [&](std::size_t gene, int value) { return space.may(gene, value); };
  problem.start = space.start();
  problem.limits = space.limits();
  problem.baseline = given_;
  ComposeOptions options;
  for (std::size_t g = 0; g < problem.genes.size(); ++g) {
    if (reaches_everywhere(problem.genes[g].name) && !space.is_decided(g)) options.branches.push_back(g);
  }
  if (!question_.judge.estimates()) {
    options.evaluations = kSimulatedEvaluations;
    options.pairs = kSimulatedPairs;
    options.kicks = 0;
    options.branches.clear();
  }
  options.progress = [&](std::int64_t count) { progress_("looking for moves that go together", count, 0); };
  const Composition found = compose(problem, options, kCandidates);
  out_.evaluations = found.evaluations;
  std::vector<nas::Genotype> genotypes;
  for (const ComposedDesign& design : found.best) genotypes.push_back(design.genotype);
  return genotypes;
}

const Answered& Planner::simulate(const nas::Genotype& genotype) {
  const auto [place, is_new] = simulated_.try_emplace(genotype);
  if (!is_new) return place->second;
  WholeDesign design;
  try {
    design = whole_design(std::make_shared<const network::Graph>(question_.space.space().graph(genotype)),
                          question_.space.engine());
  } catch (const Error& error) {
    design.failure = error.what();
  }
  Progress quiet;
  quiet.stopped = progress_.stopped;
  place->second = std::move(question_.judge.simulated({&design}, quiet).front());
  place->second.answer.subgraphs.clear();  // many are kept
  place->second.answer.commands.clear();
  ++out_.simulated_designs;
  return place->second;
}

double Planner::violation(const nas::Genotype& genotype) {
  return nas::total_violation(question_.space.limits(), metrics(simulate(genotype)), question_.given_simulated);
}

bool Planner::is_better(const nas::Genotype& a, const nas::Genotype& b) {
  if (!simulate(a).failure.empty()) return false;
  if (!simulate(b).failure.empty()) return true;
  const double missed_a = violation(a), missed_b = violation(b);
  if (missed_a != missed_b) return missed_a < missed_b;
  const auto score = [&](const nas::Genotype& genotype) {
    int changes = 0;
    for (std::size_t g = 0; g < genotype.size(); ++g) changes += genotype[g] != question_.space.start()[g] ? 1 : 0;
    const double start = static_cast<double>(simulate(question_.space.start()).answer.total.latency_cycles);
    return static_cast<double>(simulate(genotype).answer.total.latency_cycles) / start +
           ComposeOptions().worth * changes;
  };
  return score(a) < score(b);
}

// Takes back what the simulator does not find worth a move, the least useful first.
nas::Genotype Planner::without_idle(nas::Genotype genotype) {
  const nas::Genotype& start = question_.space.start();
  for (bool found = true; found;) {
    found = false;
    nas::Genotype best = genotype;
    for (std::size_t g = 0; g < genotype.size(); ++g) {
      if (genotype[g] == start[g]) continue;
      progress_("simulating the plan without each of its moves", static_cast<std::int64_t>(g),
                static_cast<std::int64_t>(genotype.size()));
      nas::Genotype fewer = genotype;
      fewer[g] = start[g];
      fewer = question_.space.space().canonical(fewer);
      if (is_better(fewer, best)) best = fewer;
    }
    found = best != genotype;
    genotype = best;
  }
  return genotype;
}

// The genotypes from the start to the whole, one change more each: the one that saves most beside those before it.
std::vector<nas::Genotype> Planner::in_order(const nas::Genotype& whole) {
  nas::Genotype at = question_.space.start();
  std::vector<std::size_t> left;
  for (std::size_t g = 0; g < whole.size(); ++g) {
    if (whole[g] != at[g]) left.push_back(g);
  }
  std::vector<nas::Genotype> order;
  while (!left.empty()) {
    std::vector<nas::Genotype> next;
    for (const std::size_t g : left) {
      next.push_back(at);
      next.back()[g] = whole[g];
    }
    const std::vector<nas::PricedDesign> priced = pricer_->price(next);
    std::size_t best = 0;
    const auto latency = [&](std::size_t i) {
      return priced[i].failure.empty() ? priced[i].metrics[nas::Metric::kLatency] : 1e300;
    };
    for (std::size_t i = 1; i < next.size(); ++i) best = latency(i) < latency(best) ? i : best;
    at = next[best];
    order.push_back(at);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
  }
  return order;
}

void Planner::add_steps(const std::vector<nas::Genotype>& order) {
  const AdvisedSpace& space = question_.space;
  nas::Genotype before = space.space().defaults();
  for (std::size_t i = 0; i < order.size(); ++i) {
    progress_("simulating the plan step by step", static_cast<std::int64_t>(i),
              static_cast<std::int64_t>(order.size()));
    PlanStep step;
    for (std::size_t g = 0; g < before.size(); ++g) {
      if (order[i][g] == before[g]) continue;
      step.move = space.move_of(g);
      step.place = space.place_of(g);
      step.value = space.value_of(g, order[i][g]);
      step.accepted = space.is_decided(g);
    }
    const WholeDesign design =
        whole_design(std::make_shared<const network::Graph>(space.space().graph(order[i])), space.engine());
    const Answered predicted = std::move(question_.judge.predicted({&design}).front());
    if (predicted.failure.empty()) step.predicted = cost_of(predicted.answer);
    const Answered& simulated = simulate(order[i]);
    if (simulated.failure.empty()) {
      step.simulated = cost_of(simulated.answer);
      const nas::Metrics values = metrics(simulated);
      for (const nas::Limit& limit : space.limits()) {
        if (limit.violation(values, question_.given_simulated) > 0) step.breaks.push_back(limit.text);
      }
    }
    out_.steps.push_back(std::move(step));
    before = order[i];
  }
}

Plan Planner::plan() {
  const AdvisedSpace& space = question_.space;
  std::vector<nas::Genotype> found = candidates();
  nas::Genotype best = space.space().canonical(space.start());
  for (std::size_t i = 0; i < found.size(); ++i) {
    progress_("simulating the best plans", static_cast<std::int64_t>(i), static_cast<std::int64_t>(found.size()));
    if (is_better(found[i], best)) best = found[i];
  }
  best = without_idle(best);
  // What a person had taken comes first, in the order of the places.
  std::vector<nas::Genotype> order;
  nas::Genotype at = space.space().defaults();
  for (std::size_t g = 0; g < at.size(); ++g) {
    if (space.start()[g] == 0) continue;
    at[g] = space.start()[g];
    order.push_back(at);
  }
  for (nas::Genotype& genotype : in_order(best)) order.push_back(std::move(genotype));
  add_steps(order);
  const WholeDesign whole =
      whole_design(std::make_shared<const network::Graph>(space.space().graph(best)), space.engine());
  out_.encoding = space.space().encode(best);
  out_.predicted = cost_of(question_.judge.predicted({&whole}).front().answer);
  out_.simulated = cost_of(simulate(best).answer);
  const nas::Metrics values = metrics(simulate(best));
  for (const nas::Limit& limit : space.limits()) {
    if (limit.violation(values, question_.given_simulated) <= 0) continue;
    out_.missed.push_back({limit.text, limit.bound_for(question_.given_simulated), values[limit.metric], true});
  }
  return std::move(out_);
}

}  // namespace lanewise::study
