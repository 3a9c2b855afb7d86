// SPDX-License-Identifier: Apache-2.0
// What designs cost, taken apart, so that what a gene changes is judged by itself and not against the whole network.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/progress.hpp"
#include "nas/space/space.hpp"
#include "study/curation/curation.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

struct PricedPart {
  const record::SubgraphResult* result = nullptr;  // one for each distinct subgraph on the engine
  std::int64_t parameters = 0;
};
// A network on the engine by its subgraphs.
struct PricedNetwork {
  std::string failure;            // "", or why it cannot run
  std::vector<PricedPart> parts;  // equal ones beside each other; empty where there is a failure
};

// The sizes of a network that runs.
LocalSize whole_size(const PricedNetwork& network);
// The sizes of each network without the subgraphs that all of them have; nullptr and failed ones are left out of
// account and get zeros. One per network, in order.
std::vector<LocalSize> local_sizes(const std::vector<const PricedNetwork*>& networks);

// Remembers every network that it met.
class CuratedCosts {
 public:
  // Both must outlive it. Throws Error as Space::engine.
  CuratedCosts(const nas::Space& space, MeasurementSource& costs);
  // What the networks cost, valid for the lifetime of this object; one per genotype, in order.
  std::vector<const PricedNetwork*> price(const std::vector<nas::Genotype>& genotypes, const Progress& progress);
  // How well the network fills the array, by formula; 0 where it cannot run.
  double fill(const nas::Genotype& genotype);

  const engine::EngineConfig& engine() const { return engine_; }
  std::int64_t designs() const { return static_cast<std::int64_t>(known_.size()); }
  std::int64_t subgraphs() const { return static_cast<std::int64_t>(seen_.size()); }

 private:
  const nas::Space& space_;
  MeasurementSource& costs_;
  engine::EngineConfig engine_;
  std::unordered_map<std::string, PricedNetwork> known_;  // by the key of the network
  std::unordered_map<std::string, double> fills_;
  std::set<const record::SubgraphResult*> seen_;
};

}  // namespace lanewise::study
