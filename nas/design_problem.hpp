// SPDX-License-Identifier: Apache-2.0
// The search for designs, each of which is a network and an engine, as a Problem.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nas/design_pricer.hpp"
#include "nas/metric.hpp"
#include "nas/oracles/accuracy_oracle.hpp"
#include "nas/oracles/cost_oracle.hpp"
#include "nas/problem.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {

// What a search is after.
struct DesignGoals {
  std::vector<Metric> objectives = {Metric::kLatency, Metric::kEnergy};
  std::vector<Limit> limits;
  Metrics baseline;                    // what limits of the baseline are factors of
  SquareMillimetres area_budget{0};    // 0: none
  std::vector<Metric> maximised = {};  // of the objectives, those that are to be as large as possible
};

// The violation of a design that cannot be: further from feasible than any that misses a budget by less than this many
// times over.
constexpr double kImpossible = 1e6;

class DesignProblem : public Problem {
 public:
  // All references must outlive the problem. `open` says which genes the search may change; the others keep their
  // default. `check_stop` is called before each candidate and may throw to end the search. Throws Error where an
  // objective or a limit is the accuracy, and the oracle measures none.
  DesignProblem(const Space& space, CostOracle& costs, AccuracyOracle& quality, DesignGoals goals,
                const std::function<bool(const std::string& gene)>& open, std::function<void()> check_stop);

  const std::vector<Gene>& genes() const override { return genes_; }
  Genotype canonical(const Genotype& genotype) const override { return space_.canonical(genotype); }
  // The accuracy is an objective as its oracle says (AccuracyOracle::objective). The violation is what limits, the
  // oracle's constraint and the area budget are missed by, summed in relative terms: where nothing is feasible,
  // candidates still rank by it.
  std::vector<Evaluation> evaluate(const std::vector<Genotype>& genotypes) override;
  // Sizes of the network and the area; the accuracy where its oracle says that it is free.
  std::vector<bool> free_objectives() const override;
  std::vector<Evaluation> known_beforehand(const std::vector<Genotype>& genotypes) const override;

  // The design as a whole, for those who look closer.
  Candidate candidate(const Genotype& genotype) { return pricer_->candidate(genotype); }
  // The evaluation of a design of which the metrics are known, simulated ones too.
  Evaluation judge(const PricedDesign& design) const;
  // How many of the designs evaluated so far cannot be: no such engine, or one that cannot run the network.
  std::int64_t cannot_run() const { return pricer_->cannot_run(); }
  // Where prices came from.
  const PricingCounts& pricing() const { return pricer_->counts(); }

 private:
  Evaluation judge(const PricedDesign& design, const std::vector<Limit>& limits) const;
  bool needs_accuracy() const;
  void add_accuracy(const std::vector<Genotype>& genotypes, std::vector<PricedDesign>& designs) const;

  const Space& space_;
  AccuracyOracle& quality_;
  DesignGoals goals_;
  std::vector<Gene> genes_;
  std::unique_ptr<DesignPricer> pricer_;
};

}  // namespace lanewise::nas
