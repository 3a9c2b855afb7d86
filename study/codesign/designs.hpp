// SPDX-License-Identifier: Apache-2.0
// The designs of a job: what genotypes mean, what they cost, and how they are judged under the job's objectives and
// limits.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nas/design_problem.hpp"
#include "nas/metric.hpp"
#include "nas/oracles/cost_oracle.hpp"
#include "nas/problem.hpp"
#include "nas/space/space.hpp"
#include "study/codesign/candidate_log.hpp"
#include "study/codesign/codesign_result.hpp"
#include "study/codesign/job.hpp"
#include "study/codesign/program_oracle.hpp"

namespace lanewise::study {

// What the failure of a design begins with that the oracle has no score of.
inline constexpr const char* kNoAccuracy = "no accuracy: ";

// Which genes a part of the search may change, by the name that the ablation gives it.
struct Freedom {
  const char* name;  // "network", "engine", "network_and_engine", …
  bool (*open)(const std::string& gene, bool of_network);
};
extern const Freedom kEverything;
extern const std::vector<Freedom> kParts;    // searched first where both halves have genes: "network", "engine"
extern const std::vector<Freedom> kSubsets;  // searched for an ablation alone

class Designs {
 public:
  // The job must outlive it. Throws Error as nas::Space and as accuracy oracles.
  Designs(const CodesignJob& job, const ProgramPlace& programs);

  const nas::Space& space() const { return space_; }
  const nas::AccuracyOracle& quality() const { return *quality_; }
  // All limits: the job's, then the space's.
  const std::vector<nas::Limit>& limits() const { return limits_; }
  // The network of the baseline.
  const network::Graph& baseline_network() const { return *baseline_; }
  // Names of the genes of the engine.
  std::vector<std::string> engine_genes() const;
  // Genes that can change and that the freedom opens.
  std::size_t open_genes(const Freedom& freedom) const;
  bool opens(const Freedom& freedom, std::size_t gene) const;
  // Whether the genotype changes genes of the freedom only.
  bool lies_in(const Freedom& freedom, const nas::Genotype& genotype) const;
  CandidateSpace candidate_space() const;

  // The design as a whole; a failure says why there is none.
  nas::Candidate candidate(const nas::Genotype& genotype) const;
  // Prices by `pricer`, which gives all metrics; asks the accuracy oracle where it measures and the job
  // does not leave that to halving.
  std::vector<PricedCandidate> price(const std::vector<nas::Genotype>& genotypes, nas::DesignPricer& pricer) const;
  // Scores of designs that can be, one per genotype, in order.
  std::vector<nas::AccuracyAnswer> accuracies(const std::vector<nas::Genotype>& genotypes) const;
  // The problem of a search that may change the genes of the freedom. Objectives that cost nothing are known to it.
  nas::DesignProblem problem(const Freedom& freedom, nas::CostOracle& costs, const nas::Metrics& baseline) const;
  // Under objectives and limits, the latter against the baseline's metrics.
  nas::Evaluation judge(const PricedCandidate& candidate, const nas::Metrics& baseline) const;
  // Limits that the metrics do not keep.
  std::vector<LimitMiss> missed(const nas::Metrics& metrics, const nas::Metrics& baseline, bool simulated) const;
  // "NAME=VALUE; …" of the genes that differ from the baseline.
  std::string genes_text(const nas::Genotype& genotype) const;

 private:
  const CodesignJob& job_;
  nas::Space space_;
  std::unique_ptr<network::Graph> baseline_;
  std::unique_ptr<nas::AccuracyOracle> quality_;
  std::vector<nas::Limit> limits_;
  std::vector<nas::Limit> judged_;  // of these, those that the oracle's constraint does not say already
};

}  // namespace lanewise::study
