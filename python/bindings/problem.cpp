// SPDX-License-Identifier: Apache-2.0
#include "python/bindings/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.hpp"
#include "nas/metric.hpp"
#include "study/codesign/cost_oracle.hpp"
#include "study/codesign/job.hpp"
#include "study/codesign/program_oracle.hpp"

namespace lanewise::python {
namespace {

// The function itself, counted and let go with Python's lock whoever has it.
std::shared_ptr<const py::object> held(const py::object& function) {
  const py::gil_scoped_acquire gil;
  return {new py::object(function), [](const py::object* object) {
            const py::gil_scoped_acquire freeing;
            delete object;
          }};
}

// Scores by a function of Python. Constraints of the space's own oracle, such as on capacity, hold beside it.
class FunctionOracle : public nas::AccuracyOracle {
 public:
  FunctionOracle(const ProblemQuestion& question, std::string path, network::ImportOptions options,
                 std::unique_ptr<nas::AccuracyOracle> constraint)
      : called_(held(question.accuracy)),
        higher_is_better_(question.higher_is_better),
        path_(std::move(path)),
        options_(std::move(options)),
        constraint_(std::move(constraint)) {}

  std::string name() const override { return "a function of Python"; }
  double shortfall(const nas::NetworkFacts& facts) const override { return constraint_->shortfall(facts); }
  bool measures() const override { return true; }
  bool higher_is_better() const override { return higher_is_better_; }
  std::string identity() const override { return "python"; }

 protected:
  std::vector<nas::AccuracyAnswer> answer(const std::vector<nas::AccuracyQuery>& queries) override {
    const py::gil_scoped_acquire gil;
    std::vector<nas::AccuracyAnswer> answers;
    for (const nas::AccuracyQuery& query : queries) {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      NetworkHandle network;
      network.graph = std::make_shared<const network::Graph>(*query.graph);
      network.path = path_;
      network.options = options_;
      const py::object score =
          (*called_)(query.encoding, std::move(network), query.genes, query.facts.macs, query.facts.parameters);
      nas::AccuracyAnswer& one = answers.emplace_back();
      if (score.is_none()) {
        one.failure = "the function gave None";
      } else {
        one.score = py::cast<double>(py::float_(score));
      }
    }
    return answers;
  }

 private:
  std::shared_ptr<const py::object> called_;
  bool higher_is_better_;
  std::string path_;
  network::ImportOptions options_;
  std::unique_ptr<nas::AccuracyOracle> constraint_;
};

std::unique_ptr<nas::AccuracyOracle> oracle_of(const SpaceHandle& handle, const ProblemQuestion& question) {
  const nas::Space& space = *handle.space;
  const network::Graph baseline = space.graph(space.defaults());
  const auto canonical = [&space](const std::string& encoding) {
    return space.network().encode(space.network().decode(encoding));
  };
  nas::AccuracySettings settings = handle.description.accuracy;
  if (!question.accuracy.is_none() && settings.oracle != "capacity") settings = {};
  auto oracle = nas::make_accuracy_oracle(settings, {network::macs(baseline), network::parameters(baseline)},
                                          study::accuracy_context(false, {}, canonical));
  if (question.accuracy.is_none()) return oracle;
  return std::make_unique<FunctionOracle>(question, handle.model ? handle.model->path : "",
                                          handle.model ? handle.model->options : network::ImportOptions{},
                                          std::move(oracle));
}

// Those that people give, then those of the space but for what its oracle's constraint says already.
std::vector<nas::Limit> limits_of(const nas::SpaceDescription& description, const std::vector<std::string>& given) {
  std::vector<nas::Limit> limits = nas::parse_limits(given);
  for (const nas::Limit& limit : study::limits_of(description)) {
    if (limit.metric != nas::Metric::kParameters && limit.metric != nas::Metric::kMacs) limits.push_back(limit);
  }
  return limits;
}

}  // namespace

DesignQuestions::DesignQuestions(SpacePointer space, const ProblemQuestion& question)
    : space_(std::move(space)),
      objectives_(nas::parse_objectives(question.objectives)),
      limits_(limits_of(space_->description, question.limits)),
      estimator_(question.estimator) {
  if (!space_->base) {
    throw Error(fmt::format("space '{}': what designs cost depends on the engine: make the space with engine=",
                            space_->description.name));
  }
  source_ = estimator_ ? study::make_estimated(*estimator_->estimator) : make_held_simulator(question.jobs);
  costs_ = study::make_cost_oracle(*source_);
  quality_ = oracle_of(*space_, question);
  pricer_ = std::make_unique<nas::DesignPricer>(*space_->space, *costs_, std::vector<nas::Metric>{}, &check_signals);
  nas::DesignGoals goals;
  goals.objectives = objectives_.metrics;
  goals.maximised = objectives_.maximised;
  goals.limits = limits_;
  const bool of_baseline =
      std::any_of(limits_.begin(), limits_.end(), [](const nas::Limit& limit) { return limit.of_baseline; });
  if (of_baseline) {
    const nas::PricedDesign baseline = pricer_->price({space_->space->defaults()}).front();
    if (!baseline.failure.empty()) throw Error("the baseline of the limits: " + baseline.failure);
    goals.baseline = baseline.metrics;
    for (const nas::Limit& limit : limits_) {
      if (limit.of_baseline && limit.metric == nas::Metric::kAccuracy) {
        goals.baseline[nas::Metric::kAccuracy] = baseline_accuracy();
        break;
      }
    }
  }
  problem_ = std::make_unique<nas::DesignProblem>(
      *space_->space, *costs_, *quality_, std::move(goals), [](const std::string&) { return true; }, &check_signals);
}

double DesignQuestions::baseline_accuracy() {
  const nas::Space& space = *space_->space;
  const nas::Genotype genotype = space.defaults();
  if (!quality_->measures()) return std::numeric_limits<double>::quiet_NaN();
  const nas::Candidate candidate = pricer_->network_of(genotype);
  nas::AccuracyQuery query;
  query.encoding = space.network().encode(space.network_part(genotype));
  query.facts = {network::macs(*candidate.graph), network::parameters(*candidate.graph)};
  query.graph = candidate.graph.get();
  query.engine = &candidate.engine;
  for (std::size_t g = 0; g < genotype.size(); ++g) {
    const nas::Gene& gene = space.genes()[g];
    query.genes.emplace_back(gene.name, gene.values[static_cast<std::size_t>(genotype[g])]);
  }
  const nas::AccuracyAnswer answer = quality_->measure({query}).front();
  if (!answer.failure.empty()) throw Error("the baseline of the limits has no accuracy: " + answer.failure);
  return answer.score;
}

}  // namespace lanewise::python
