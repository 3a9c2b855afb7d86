// SPDX-License-Identifier: Apache-2.0
// Puts a plan together: which moves to make, in which order. Private to this folder.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "nas/design_pricer.hpp"
#include "nas/oracles/cost_oracle.hpp"
#include "study/advice/advised_space.hpp"
#include "study/advice/judge.hpp"

namespace lanewise::study {

struct PlanQuestion {
  const AdviceJob& job;
  const AdvisedSpace& space;
  const estimator::Estimator* estimator;
  MeasurementSource& simulator;
  const Judge& judge;
  const nas::Metrics& given_simulated;  // of network and engine as given
};

class Planner {
 public:
  Planner(const PlanQuestion& question, const Progress& progress);
  Plan plan();

 private:
  const PlanQuestion question_;
  const Progress& progress_;
  std::unique_ptr<MeasurementSource> predictor_;  // where an estimator predicts
  std::unique_ptr<nas::CostOracle> costs_;
  std::unique_ptr<nas::DesignPricer> pricer_;
  nas::Metrics given_;  // as the pricer sees it
  Plan out_;
  std::map<nas::Genotype, Answered> simulated_;

  std::vector<nas::Genotype> candidates();
  const Answered& simulate(const nas::Genotype& genotype);
  double violation(const nas::Genotype& genotype);
  // Whether `a`, simulated, is a better design than `b`.
  bool is_better(const nas::Genotype& a, const nas::Genotype& b);
  nas::Genotype without_idle(nas::Genotype genotype);
  std::vector<nas::Genotype> in_order(const nas::Genotype& whole);
  void add_steps(const std::vector<nas::Genotype>& order);
};

}  // namespace lanewise::study
