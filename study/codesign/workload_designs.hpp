// SPDX-License-Identifier: Apache-2.0
// The designs of a workload's search: genes of every network and of every engine, side by side.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nas/oracles/accuracy_oracle.hpp"
#include "nas/problem.hpp"
#include "nas/space/engine_space.hpp"
#include "nas/space/network_space.hpp"
#include "study/codesign/workload_codesign.hpp"

namespace lanewise::study {

// One design with everything that its answer points to.
struct BuiltDesign {
  std::vector<network::Graph> graphs;
  std::vector<engine::EngineConfig> engines;
  double shortfall = 0;  // by what its networks and its area miss the space's limits, in relative terms
  std::string failure;   // "", or why there is no such design
};

class WorkloadDesigns {
 public:
  // `job` must outlive it. Throws Error as codesign_workload.
  explicit WorkloadDesigns(const WorkloadJob& job);

  const std::vector<nas::Gene>& genes() const { return genes_; }
  nas::Genotype defaults() const { return nas::Genotype(genes_.size(), 0); }
  nas::Genotype canonical(const nas::Genotype& genotype) const;
  BuiltDesign build(const nas::Genotype& genotype) const;
  std::vector<std::string> describe(const nas::Genotype& genotype) const;
  const std::vector<std::string>& left_out() const { return left_out_; }
  // One design per genotype, priced in one batch.
  std::vector<WorkloadDesign> price(const std::vector<nas::Genotype>& genotypes, MeasurementSource& source,
                                    const Progress& progress) const;

 private:
  nas::Genotype part(const nas::Genotype& genotype, std::size_t number) const;

  const WorkloadJob& job_;
  std::vector<std::unique_ptr<nas::NetworkSpace>> networks_;
  std::vector<nas::EngineSpace> engines_;
  std::vector<std::unique_ptr<nas::AccuracyOracle>> capacity_;  // of each network
  std::vector<std::size_t> begins_;                             // of each part in the genotype; networks first
  std::vector<nas::Gene> genes_;
  std::vector<std::string> left_out_;
  double area_budget_ = 0;  // mm2; 0: none
};

// The search's problem; keeps what it priced.
class WorkloadProblem : public nas::Problem {
 public:
  WorkloadProblem(const WorkloadJob& job, const WorkloadDesigns& designs, MeasurementSource& source,
                  const Progress& progress)
      : job_(job), designs_(designs), source_(source), progress_(progress) {}

  const std::vector<nas::Gene>& genes() const override { return designs_.genes(); }
  nas::Genotype canonical(const nas::Genotype& genotype) const override { return designs_.canonical(genotype); }
  std::vector<nas::Evaluation> evaluate(const std::vector<nas::Genotype>& genotypes) override;

 private:
  const WorkloadJob& job_;
  const WorkloadDesigns& designs_;
  MeasurementSource& source_;
  const Progress& progress_;
  std::int64_t priced_ = 0;
};

}  // namespace lanewise::study
