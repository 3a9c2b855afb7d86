// SPDX-License-Identifier: Apache-2.0
// What designs of a space are worth: objectives and limits, a source of costs, and a source of accuracy, which may be a
// function of Python.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nas/design_pricer.hpp"
#include "nas/design_problem.hpp"
#include "python/bindings/in_use.hpp"
#include "python/bindings/space_handle.hpp"

namespace lanewise::python {

struct ProblemQuestion {
  std::string objectives;  // "latency_ms,parameters:max"
  std::vector<std::string> limits;
  std::optional<EstimatorHandle> estimator;  // none: simulated
  int jobs = 1;
  // None, or called for each candidate: (encoding, network, genes, macs, parameters) -> a number.
  py::object accuracy = py::none();
  bool higher_is_better = true;
};

class DesignQuestions {
 public:
  // Throws Error as reading objectives and limits, and as making accuracy oracles do.
  DesignQuestions(SpacePointer space, const ProblemQuestion& question);

  const SpaceHandle& space() const { return *space_; }
  nas::DesignProblem& problem() { return *problem_; }
  const nas::Objectives& objectives() const { return objectives_; }
  const std::vector<nas::Limit>& limits() const { return limits_; }
  // All metrics but accuracy of each, or the reason why there is no such design.
  std::vector<nas::PricedDesign> price(const std::vector<nas::Genotype>& genotypes) {
    return pricer_->price(genotypes);
  }
  InUse& in_use() { return in_use_; }

 private:
  // The baseline's score, asked for where limits are factors of it.
  double baseline_accuracy();

  SpacePointer space_;
  nas::Objectives objectives_;
  std::vector<nas::Limit> limits_;
  std::optional<EstimatorHandle> estimator_;
  std::unique_ptr<study::MeasurementSource> source_;
  std::unique_ptr<nas::CostOracle> costs_;
  std::unique_ptr<nas::AccuracyOracle> quality_;
  std::unique_ptr<nas::DesignPricer> pricer_;
  std::unique_ptr<nas::DesignProblem> problem_;
  InUse in_use_;
};

}  // namespace lanewise::python
