// SPDX-License-Identifier: Apache-2.0
#include "nas/algorithms/surrogate_model.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "nas/algorithms/dominance.hpp"

namespace lanewise::nas {
namespace {

constexpr std::size_t kFitted = 240;       // individuals that parameters are fitted to
constexpr std::size_t kConditioned = 600;  // individuals that predictions are made from
constexpr int kFirstSteps = 80, kSteps = 16;
constexpr double kLeastViolation = 1e-9;  // below it what is missed is rounding

// How much a limit is missed, on a scale that ends: 0 where it holds, and at least a half where it does not.
double missed(double violation) {
  if (!(violation > kLeastViolation)) return 0;
  return 0.5 + std::min(std::log1p(10 * violation), 4.0) / 4;
}

void append(Known& known, const Known& more) {
  known.evaluations.insert(known.evaluations.end(), more.evaluations.begin(), more.evaluations.end());
  known.inputs.genes = more.inputs.genes;
  known.inputs.numbers = more.inputs.numbers;
  for (std::size_t i = 0; i < more.inputs.size(); ++i) known.inputs.add(more.inputs.code(i), more.inputs.value(i));
}

double known_violation(const Known& known, std::size_t i) {
  return known.evaluations.empty() ? 0 : known.evaluations[i].violation;
}

}  // namespace

bool can_be(const Evaluation& evaluation) {
  return std::all_of(evaluation.objectives.begin(), evaluation.objectives.end(),
                     [](double value) { return std::abs(value) < 1e300; });
}

SurrogateModel::SurrogateModel(const CandidateInputs& inputs) : candidate_inputs_(inputs) {}

std::unique_ptr<GaussianProcess> SurrogateModel::fresh_process() const {
  return std::make_unique<GaussianProcess>(candidate_inputs_.values_of(), candidate_inputs_.positions(),
                                           candidate_inputs_.numbers());
}

// One output per objective that is not free, and one for limits; what is known of those told since.
void SurrogateModel::prepare(const std::vector<Individual>& told) {
  if (outputs_.empty() && !told.empty()) {
    objectives_ = told.front().evaluation.objectives.size();
    const std::vector<bool>& free = candidate_inputs_.free();
    for (std::size_t k = 0; k < objectives_; ++k) {
      if (k < free.size() && free[k]) continue;
      outputs_.emplace_back();
      outputs_.back().objective = k;
    }
    outputs_.emplace_back();
    outputs_.back().objective = kViolation;
    output_of_.assign(objectives_, outputs_.size());
    for (std::size_t i = 0; i + 1 < outputs_.size(); ++i) output_of_[outputs_[i].objective] = i;
  }
  std::vector<Genotype> fresh;
  for (std::size_t i = known_.inputs.size(); i < told.size(); ++i) fresh.push_back(told[i].genotype);
  if (!fresh.empty()) append(known_, candidate_inputs_.of(fresh));
}

bool SurrogateModel::concerns(const Output& output, const Individual& individual) const {
  return output.objective == kViolation || can_be(individual.evaluation);
}

double SurrogateModel::outcome(const Output& output, std::size_t individual,
                               const std::vector<Individual>& told) const {
  const Evaluation& evaluation = told[individual].evaluation;
  if (output.objective != kViolation) return evaluation.objectives[output.objective];
  return missed(evaluation.violation - known_violation(known_, individual));
}

// All of the first `count` individuals, or where these are more than `most` half of them the best and the others spread
// evenly over the rest.
std::vector<std::size_t> SurrogateModel::chosen_rows(const Output& output, const std::vector<Individual>& told,
                                                     std::size_t count, std::size_t most) const {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < count; ++i) {
    if (concerns(output, told[i])) rows.push_back(i);
  }
  if (rows.size() <= most) return rows;
  std::vector<Evaluation> evaluations;
  for (const std::size_t row : rows) evaluations.push_back(told[row].evaluation);
  std::set<std::size_t> chosen;
  for (const std::vector<std::size_t>& front : non_dominated_sort(evaluations)) {
    for (const std::size_t member : front) {
      if (chosen.size() < most / 2) chosen.insert(rows[member]);
    }
    if (chosen.size() >= most / 2) break;
  }
  std::vector<std::size_t> rest;
  for (const std::size_t row : rows) {
    if (chosen.count(row) == 0) rest.push_back(row);
  }
  const std::size_t wanted = most - chosen.size();
  for (std::size_t i = 0; i < wanted; ++i) chosen.insert(rest[i * rest.size() / wanted]);
  return {chosen.begin(), chosen.end()};
}

Inputs SurrogateModel::inputs_of(const std::vector<std::size_t>& rows) const {
  Inputs inputs;
  inputs.genes = known_.inputs.genes;
  inputs.numbers = known_.inputs.numbers;
  for (const std::size_t row : rows) inputs.add(known_.inputs.code(row), known_.inputs.value(row));
  return inputs;
}

void SurrogateModel::condition(Output& output, const std::vector<Individual>& told) {
  output.rows = chosen_rows(output, told, output.fitted, kConditioned);
  std::vector<double> targets;
  for (const std::size_t row : output.rows) targets.push_back(output.scale.to_scale(outcome(output, row, told)));
  output.process->set_parameters(output.parameters);
  output.process->condition(inputs_of(output.rows), targets);
  output.posterior.clear();
  output.posterior.reserve(output.process->size() + most_fantasies_);
  output.posterior_of = 0;
  output.taken = output.fitted;
}

void SurrogateModel::fit(Output& output, const std::vector<Individual>& told) {
  const bool first = output.process == nullptr;
  if (first) output.process = fresh_process();
  output.fitted = told.size();
  const std::vector<std::size_t> rows = chosen_rows(output, told, told.size(), kFitted);
  const Inputs inputs = inputs_of(rows);
  std::vector<double> values;
  for (const std::size_t row : rows) values.push_back(outcome(output, row, told));
  for (int round = 0; round < (first ? 2 : 1); ++round) {
    output.scale = OutcomeScale::linear(values);
    if (output.objective != kViolation) {
      // The scale under which what was measured is the likeliest.
      output.process->condition(inputs, std::vector<double>(values.size(), 0.0));
      double highest = -HUGE_VAL;
      for (const OutcomeScale& scale : OutcomeScale::choices(values)) {
        std::vector<double> scaled;
        for (const double value : values) scaled.push_back(scale.to_scale(value));
        const double likelihood = output.process->log_likelihood(scaled) + scale.log_jacobian(values);
        if (!(likelihood > highest)) continue;
        highest = likelihood;
        output.scale = scale;
      }
    }
    std::vector<double> targets;
    for (const double value : values) targets.push_back(output.scale.to_scale(value));
    output.process->fit(inputs, targets, first ? kFirstSteps : kSteps);
  }
  output.parameters = output.process->parameters();
  condition(output, told);
}

void SurrogateModel::update(const std::vector<Individual>& told, std::size_t most_fantasies) {
  most_fantasies_ = most_fantasies;
  prepare(told);
  ready_ = std::any_of(told.begin(), told.end(), [](const Individual& i) { return can_be(i.evaluation); });
  for (Output& output : outputs_) {
    if (output.objective != kViolation && !ready_) continue;
    bool anew =
        output.process == nullptr || told.size() >= output.fitted + std::max<std::size_t>(output.fitted / 10, 2);
    for (std::size_t i = output.taken; i < told.size() && !anew; ++i) {
      anew = concerns(output, told[i]) && output.scale.outgrown(outcome(output, i, told));
    }
    if (anew) {
      bool missed_any = output.objective != kViolation;
      for (std::size_t i = 0; i < told.size() && !missed_any; ++i) missed_any = outcome(output, i, told) > 0;
      if (missed_any) fit(output, told);
      continue;
    }
    for (std::size_t i = output.taken; i < told.size(); ++i) {
      if (!concerns(output, told[i])) continue;
      output.process->append(known_.inputs.code(i), known_.inputs.value(i),
                             output.scale.to_scale(outcome(output, i, told)));
    }
    output.taken = told.size();
  }
  for (Output& output : outputs_) catch_up(output);
}

void SurrogateModel::set_pool(const Known& pool) {
  pool_ = pool;
  for (Output& output : outputs_) {
    output.posterior.clear();
    output.posterior_of = 0;
    catch_up(output);
  }
}

void SurrogateModel::extend_pool(const Known& more) {
  append(pool_, more);
  for (Output& output : outputs_) catch_up(output);
}

// Predicts for candidates that are new to the pool, and takes in rows that are new to the process.
void SurrogateModel::catch_up(Output& output) {
  if (output.process == nullptr) return;
  output.posterior.update_all(*output.process, pool_.inputs);
  if (output.posterior_of == pool_.inputs.size()) return;
  Inputs fresh;
  fresh.genes = pool_.inputs.genes;
  fresh.numbers = pool_.inputs.numbers;
  for (std::size_t i = output.posterior_of; i < pool_.inputs.size(); ++i) {
    fresh.add(pool_.inputs.code(i), pool_.inputs.value(i));
  }
  output.posterior.add(*output.process, fresh);
  output.posterior_of = pool_.inputs.size();
}

void SurrogateModel::beliefs(std::size_t candidate, std::vector<Belief>& out) const {
  out.resize(objectives_);
  for (std::size_t k = 0; k < objectives_; ++k) {
    const std::size_t at = output_of_[k];
    if (at == outputs_.size()) {
      out[k] = {nullptr, pool_.evaluations[candidate].objectives[k], 0};
    } else {
      const Posterior& posterior = outputs_[at].posterior;
      out[k] = {&outputs_[at].scale, posterior.mean(candidate),
                std::sqrt(std::max(posterior.variance(candidate), 1e-12))};
    }
  }
}

double SurrogateModel::feasible(std::size_t candidate) const {
  const Output& output = outputs_.back();
  if (output.process == nullptr) return 1;
  const double deviation = std::sqrt(std::max(output.posterior.variance(candidate), 1e-12));
  return normal_below((output.scale.to_scale(0.25) - output.posterior.mean(candidate)) / deviation);
}

double SurrogateModel::least_violation(std::size_t candidate) const {
  const double known = known_violation(pool_, candidate);
  const Output& output = outputs_.back();
  if (output.process == nullptr) return known;
  const double deviation = std::sqrt(std::max(output.posterior.variance(candidate), 1e-12));
  return known + std::max(0.0, output.scale.from_scale(output.posterior.mean(candidate) - deviation));
}

void SurrogateModel::begin_fantasies() {
  sizes_.clear();
  for (Output& output : outputs_) {
    sizes_.push_back(output.process == nullptr ? 0 : output.process->size());
    if (output.process != nullptr) output.posterior.reserve(sizes_.back() + most_fantasies_);
    output.posterior.mark();
  }
}

Point SurrogateModel::fantasise(std::size_t candidate) {
  Point point(objectives_);
  for (std::size_t k = 0; k < objectives_; ++k) {
    if (output_of_[k] == outputs_.size()) point[k] = pool_.evaluations[candidate].objectives[k];
  }
  for (Output& output : outputs_) {
    if (output.process == nullptr) continue;
    const double mean = output.posterior.mean(candidate);
    output.process->append(pool_.inputs.code(candidate), pool_.inputs.value(candidate), mean);
    if (output.objective != kViolation) point[output.objective] = output.scale.from_scale(mean);
  }
  return point;
}

void SurrogateModel::refresh(std::size_t candidate) {
  for (Output& output : outputs_) {
    if (output.process != nullptr) output.posterior.update(*output.process, pool_.inputs, candidate);
  }
}

void SurrogateModel::forget() {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i].process != nullptr) outputs_[i].process->truncate(sizes_[i]);
    outputs_[i].posterior.restore();
  }
}

void SurrogateModel::save(StateWriter& out) const {
  out.count("outputs", static_cast<std::int64_t>(outputs_.size()));
  for (const Output& output : outputs_) {
    out.count("fitted", output.process == nullptr ? 0 : static_cast<std::int64_t>(output.fitted));
    out.numbers("scale", output.scale.numbers());
    out.numbers("parameters", output.parameters);
  }
}

void SurrogateModel::load(StateReader& in, const std::vector<Individual>& told) {
  const std::int64_t count = in.count("outputs");
  if (count == 0) return;
  prepare(told);
  if (count != static_cast<std::int64_t>(outputs_.size())) in.refuse("other objectives cost an evaluation here");
  for (Output& output : outputs_) {
    const std::int64_t fitted = in.count("fitted");
    const std::vector<double> scale = in.numbers("scale"), parameters = in.numbers("parameters");
    if (fitted == 0) continue;
    const std::size_t wanted = fresh_process()->parameters().size();
    if (fitted < 0 || fitted > static_cast<std::int64_t>(told.size()) || scale.size() != 5 ||
        parameters.size() != wanted || !(scale[2] > 0) || !(scale[4] > 0)) {
      in.refuse("a model does not fit the search");
    }
    for (const double value : parameters) {
      if (!(std::abs(value) < 50)) in.refuse("a parameter is out of range");
    }
    output.process = fresh_process();
    output.scale = OutcomeScale::of_numbers(scale);
    output.fitted = static_cast<std::size_t>(fitted);
    output.parameters = parameters;
    condition(output, told);
  }
}

}  // namespace lanewise::nas
