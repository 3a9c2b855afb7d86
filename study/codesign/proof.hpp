// SPDX-License-Identifier: Apache-2.0
// Designs predicted and simulated side by side: what a search promised, and what comes of it.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/record/store.hpp"
#include "study/codesign/designs.hpp"
#include "study/codesign/predictor.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

class Proof {
 public:
  // All references must outlive it.
  Proof(const CodesignJob& job, const Workplace& place, const Designs& designs, CodesignCost& cost,
        const Progress& progress);
  ~Proof();

  // One design per genotype, in order. `simulated`: how many of them, from the first on; the others are predicted only.
  // Limits are not held against anything yet.
  std::vector<Design> designs(const std::vector<nas::Genotype>& genotypes, std::size_t simulated, Predictor& predictor,
                              const std::string& what);
  // Throws Error where the baseline's engine cannot run its network: every design is compared with it.
  void require_baseline() const;
  // The design without any change, which must be network and engine as given.
  Design baseline(Predictor& predictor);
  // Adds the limits that the designs miss, by prediction and, where they were simulated, by simulation.
  void judge(std::vector<Design>& designs, const Design& baseline) const;

  // Predicts and simulates designs drawn from the job's space, the baseline among them.
  Probe probe(const estimator::Estimator& model);

  // What was simulated of a design, as rows to learn from.
  std::vector<record::Row> rows_of(const nas::Genotype& genotype);

 private:
  void simulate(const std::vector<nas::Genotype>& genotypes, const std::vector<nas::Candidate>& candidates,
                Predictor& predictor, std::vector<Design>& designs);
  std::int64_t counted(const nas::Candidate& candidate);

  const CodesignJob& job_;
  const Designs& designs_;
  CodesignCost& cost_;
  const Progress& progress_;
  std::unique_ptr<MeasurementSource> simulator_;
  std::set<std::string> simulated_;  // engine hash and subgraph key of what was counted already
};

}  // namespace lanewise::study
