// SPDX-License-Identifier: Apache-2.0
// Designs of a landscape with what they cost, each priced once. Private to the landscape.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "nas/design_pricer.hpp"
#include "nas/oracles/accuracy_oracle.hpp"
#include "nas/space/space.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

struct DesignPrice {
  std::string failure;  // "", or why there is no such design; then the rest is 0
  double latency_ms = 0, macs = 0, parameters = 0;
  double violation = 0;  // of the capacity constraint; 0 where it holds
  bool runs() const { return failure.empty(); }
};

class LandscapePricing {
 public:
  // All references must outlive the object. `progress` is asked whether to stop.
  LandscapePricing(const nas::Space& space, MeasurementSource& source, const Progress& progress);
  // The constraint that violations are of; none before.
  void judge_by(const nas::AccuracyOracle& quality) { quality_ = &quality; }
  // One price per genotype, in order; the pointers stay valid. Designs that mean the same are priced once. `phase` is
  // shown with the part of the designs that is priced; "": nothing is shown.
  std::vector<const DesignPrice*> price(const std::vector<nas::Genotype>& genotypes, const std::string& phase = "");
  const DesignPrice& price(const nas::Genotype& genotype) { return *price(std::vector<nas::Genotype>{genotype})[0]; }
  nas::Candidate candidate(const nas::Genotype& genotype) { return pricer_->candidate(genotype); }
  const nas::Space& space() const { return space_; }
  nas::CostOracle& costs() { return *costs_; }
  const Progress& progress() const { return progress_; }
  std::int64_t cannot_run() const { return cannot_run_; }

 private:
  const nas::Space& space_;
  Progress progress_;
  std::unique_ptr<nas::CostOracle> costs_;
  std::unique_ptr<nas::DesignPricer> pricer_;
  const nas::AccuracyOracle* quality_ = nullptr;
  std::map<nas::Genotype, DesignPrice> known_;  // by canonical genotype
  std::int64_t cannot_run_ = 0;
};

}  // namespace lanewise::study
