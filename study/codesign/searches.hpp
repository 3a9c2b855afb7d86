// SPDX-License-Identifier: Apache-2.0
// The searches of a job under one estimator: network and engine apart, then both together from what that found. What
// was priced before is read from the log, and each search goes on from where its state was kept.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "nas/search.hpp"
#include "study/codesign/candidate_log.hpp"
#include "study/codesign/designs.hpp"
#include "study/codesign/job_folder.hpp"

namespace lanewise::study {

class Searches {
 public:
  // All references must outlive it.
  Searches(const CodesignJob& job, JobFolder& folder, const Designs& designs, CandidateLog& log, nas::CostOracle& costs,
           CodesignCost& cost, const Progress& progress);

  // Prices the baseline in this round unless the log has it: limits are held against it.
  void price_baseline(int round);
  // Prices candidates of another search, or takes their prices where they hold here too, unless the log has them.
  void warm_start();
  // Runs all searches of a round; `seeds` are tried first. Returns why the last of them ended.
  std::string run(int round, const std::vector<nas::Genotype>& seeds);

 private:
  struct Part {
    Freedom freedom;
    double share = 1;  // of the budget
  };
  std::vector<Part> parts(int round) const;
  nas::SearchBudget budget(const Part& part, int round) const;
  nas::SearchResult search(const Part& part, int round, const std::vector<nas::Genotype>& seeds);
  std::string description(const Part& part, int round, const std::vector<nas::Genotype>& seeds) const;

  const CodesignJob& job_;
  JobFolder& folder_;
  const Designs& designs_;
  CandidateLog& log_;
  nas::CostOracle& costs_;
  CodesignCost& cost_;
  const Progress& progress_;
};

// Everything among the log's first `batches` that was priced in the round and lies in the freedom, as judged now
// against the round's baseline, in the order in which it was priced.
std::vector<nas::Individual> judged(const CandidateLog& log, const Designs& designs, int round, const Freedom& freedom,
                                    std::size_t batches);
std::vector<nas::Individual> judged(const CandidateLog& log, const Designs& designs, int round, const Freedom& freedom);

}  // namespace lanewise::study
