// SPDX-License-Identifier: Apache-2.0
// A search space whose designs are priced by an estimator, as a problem: latency and energy, or their product, under
// limits of area and of the network's size that are known beforehand. Not safe for threads.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/mapping/partition.hpp"
#include "core/network/import.hpp"
#include "estimator/default_estimator.hpp"
#include "estimator/estimator.hpp"
#include "nas/problem.hpp"
#include "nas/space/space.hpp"
#include "study/codesign/cost_oracle.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise {

// What a space is made of; shared by problems.
struct SpaceUnderTest {
  SpaceUnderTest(const std::string& space_path, const std::string& model_path, const std::string& engine_path,
                 const std::string& estimator_path = "") {
    const nas::SpaceDescription description = nas::load_space(space_path);
    if (!model_path.empty()) graph = network::import_network(model_path);
    base = engine::load_engine(engine_path).config;
    const engine::Family family = engine::load_family(engine_path);
    const std::string path =
        estimator_path.empty() ? estimator::default_estimator(engine_path, family.name) : estimator_path;
    model = std::make_unique<estimator::Estimator>(estimator::Estimator::load(path));
    space = std::make_unique<nas::Space>(description, nas::make_network_space(description, graph ? &*graph : nullptr),
                                         base, family);
  }
  std::optional<network::Graph> graph;
  engine::EngineConfig base;
  std::unique_ptr<estimator::Estimator> model;
  std::unique_ptr<nas::Space> space;
};

class PricedSpace : public nas::Problem {
 public:
  struct Price {
    double latency_ms = 0, energy_uj = 0;
    bool runs = false;
  };
  // `size_share`: parameters and MACs must be at least this share of the default's; 0: no such limit. `area_share`:
  // area must be at most this share of the base engine's; 0: no such limit.
  PricedSpace(const SpaceUnderTest& parts, bool product, double size_share, double area_share)
      : parts_(parts),
        genes_(parts.space->genes()),
        product_(product),
        size_share_(size_share),
        area_share_(area_share),
        source_(study::make_estimated(*parts.model)),
        costs_(study::make_cost_oracle(*source_)),
        baseline_(facts(nas::Genotype(genes_.size(), 0))) {}

  // Leaves a gene at one value, which becomes its only one.
  void fix(std::size_t gene, int value) {
    fixed_[gene] = value;
    genes_[gene].values = {parts_.space->genes()[gene].values[static_cast<std::size_t>(value)]};
  }
  // The genotype of the whole space.
  nas::Genotype whole(nas::Genotype genotype) const {
    for (const auto& [gene, value] : fixed_) genotype[gene] = value;
    return genotype;
  }

  const std::vector<nas::Gene>& genes() const override { return genes_; }
  nas::Genotype canonical(const nas::Genotype& genotype) const override {
    nas::Genotype same = parts_.space->canonical(whole(genotype));
    for (const auto& [gene, value] : fixed_) same[gene] = 0;
    return same;
  }
  std::vector<nas::Evaluation> evaluate(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::Genotype> full;
    for (const nas::Genotype& genotype : genotypes) full.push_back(whole(genotype));
    const std::vector<Price> prices = price(full);
    std::vector<nas::Evaluation> evaluations;
    for (std::size_t i = 0; i < full.size(); ++i) {
      const Facts& known = facts(full[i]);
      if (!prices[i].runs) {
        evaluations.push_back({std::vector<double>(product_ ? 1 : 2, std::numeric_limits<double>::max()), 1e6});
      } else if (product_) {
        evaluations.push_back({{prices[i].latency_ms * prices[i].energy_uj}, violation(known)});
      } else {
        evaluations.push_back({{prices[i].latency_ms, prices[i].energy_uj}, violation(known)});
      }
      asked.push_back(full[i]);
      answers.push_back(evaluations.back());
    }
    return evaluations;
  }
  std::vector<bool> free_objectives() const override { return std::vector<bool>(product_ ? 1 : 2, false); }
  std::vector<nas::Evaluation> known_beforehand(const std::vector<nas::Genotype>& genotypes) const override {
    std::vector<nas::Evaluation> evaluations;
    for (const nas::Genotype& genotype : genotypes) {
      evaluations.push_back({std::vector<double>(product_ ? 1 : 2, std::numeric_limits<double>::quiet_NaN()),
                             violation(facts(whole(genotype)))});
    }
    return evaluations;
  }
  std::vector<std::vector<double>> features(const std::vector<nas::Genotype>& genotypes) const override {
    std::vector<std::vector<double>> rows;
    for (const nas::Genotype& genotype : genotypes) {
      const Facts& known = facts(whole(genotype));
      rows.push_back({known.macs, known.parameters, known.area});
    }
    return rows;
  }

  // Prices designs of the whole space, many at once.
  std::vector<Price> price(const std::vector<nas::Genotype>& genotypes) const {
    std::vector<engine::EngineConfig> engines(genotypes.size());
    std::vector<mapping::Partition> partitions(genotypes.size());
    std::vector<nas::CostQuery> queries;
    std::vector<std::size_t> asked_for;
    for (std::size_t i = 0; i < genotypes.size(); ++i) {
      try {
        engines[i] = parts_.space->engine(genotypes[i]);
        partitions[i] = mapping::partition_with_memory(*network(genotypes[i], engines[i]), engines[i]);
      } catch (const Error&) {
        continue;
      }
      queries.push_back({&engines[i], &partitions[i].subgraphs});
      asked_for.push_back(i);
    }
    const std::vector<nas::Cost> costs = costs_->price(queries);
    std::vector<Price> prices(genotypes.size());
    for (std::size_t k = 0; k < costs.size(); ++k) {
      if (costs[k].failure.empty()) prices[asked_for[k]] = {costs[k].latency_ms, costs[k].energy_uj, true};
    }
    return prices;
  }

  std::vector<nas::Genotype> asked;  // of the whole space, in order
  std::vector<nas::Evaluation> answers;

 private:
  struct Facts {
    double macs = 0, parameters = 0, area = 0;
    bool is = false;  // whether there is such an engine and such a network
  };

  double violation(const Facts& known) const {
    if (!known.is) return 1e6;
    double missed = 0;
    if (size_share_ > 0) {
      missed += std::max(0.0, 1 - known.macs / (size_share_ * baseline_.macs));
      missed += std::max(0.0, 1 - known.parameters / (size_share_ * baseline_.parameters));
    }
    if (area_share_ > 0) missed += std::max(0.0, known.area / (area_share_ * baseline_.area) - 1);
    return missed > 1e-12 ? missed : 0;
  }

  std::shared_ptr<const network::Graph> network(const nas::Genotype& genotype,
                                                const engine::EngineConfig& engine) const {
    constexpr std::size_t kKept = 512;
    const std::string key = parts_.space->graph_key(genotype, engine);
    const auto found = graphs_.find(key);
    if (found != graphs_.end()) return found->second;
    if (graphs_.size() >= kKept) graphs_.clear();
    return graphs_[key] = std::make_shared<const network::Graph>(parts_.space->graph(genotype, engine));
  }

  const Facts& facts(const nas::Genotype& genotype) const {
    const auto [place, added] = facts_.emplace(genotype, Facts());
    Facts& known = place->second;
    if (!added) return known;
    try {
      const engine::EngineConfig engine = parts_.space->engine(genotype);
      const std::string key = parts_.space->graph_key(genotype, engine);
      auto size = sizes_.find(key);
      if (size == sizes_.end()) {
        const std::shared_ptr<const network::Graph> graph = network(genotype, engine);
        size = sizes_
                   .emplace(key, std::make_pair(static_cast<double>(network::macs(*graph)),
                                                static_cast<double>(network::parameters(*graph))))
                   .first;
      }
      known = {size->second.first, size->second.second, engine.total_area().count(), true};
    } catch (const Error&) {
      known = {baseline_.macs, baseline_.parameters, baseline_.area, false};
    }
    return known;
  }

  const SpaceUnderTest& parts_;
  std::vector<nas::Gene> genes_;
  std::map<std::size_t, int> fixed_;
  bool product_;
  double size_share_, area_share_;
  std::unique_ptr<study::MeasurementSource> source_;
  std::unique_ptr<nas::CostOracle> costs_;
  mutable std::map<std::string, std::shared_ptr<const network::Graph>> graphs_;
  mutable std::map<std::string, std::pair<double, double>> sizes_;  // MACs and parameters by graph key
  mutable std::map<nas::Genotype, Facts> facts_;
  Facts baseline_;
};

}  // namespace lanewise
