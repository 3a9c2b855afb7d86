// SPDX-License-Identifier: Apache-2.0
// The grid of a simulated engine table as problems for a search, whose exact fronts are known: networks and engines
// together, networks on one engine, or engines under one network. A sample is a design: its network is trained and
// simulated on its engine.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/engine_table/engine_list.hpp"
#include "nas/algorithms/hypervolume.hpp"
#include "nas/problem.hpp"
#include "study/dataset/engine_table.hpp"

namespace lanewise {

// Accuracy against latency and a second cost.
enum class SecondCost { kEnergy, kArea };

class EngineGrid {
 public:
  // Throws Error where the table lacks an engine of the grid or a network.
  EngineGrid(const study::EngineTable& table, SecondCost second)
      : table_(table), space_(grid_space()), second_(second) {
    std::map<std::string, std::size_t> by_hash, by_encoding;
    for (std::size_t e = 0; e < table.engines.size(); ++e) by_hash[table.engines[e].hash] = e;
    for (std::size_t n = 0; n < table.networks.size(); ++n) by_encoding[table.networks[n].encoding] = n;
    for (const nas::Genotype& genotype : grid_genotypes(space_)) {
      const auto found = by_hash.find(engine::engine_hash(space_.engine(genotype)));
      if (found == by_hash.end()) throw Error("the table lacks an engine of " + std::string(kGridSpace));
      engine_of_[space_.engine_part(genotype)] = found->second;
    }
    nas::Genotype network(space_.network_genes(), 0);
    for (std::size_t gene = 0; gene < network.size();) {
      const auto found = by_encoding.find(space_.network().encode(network));
      if (found == by_encoding.end()) throw Error("the table lacks a network of " + std::string(kNetworkSpace));
      network_of_[network] = found->second;
      for (gene = 0; gene < network.size(); network[gene++] = 0) {
        if (++network[gene] < static_cast<int>(space_.genes()[gene].values.size())) break;
      }
    }
    find_front();
  }

  const nas::Space& space() const { return space_; }
  bool second_is_free() const { return second_ == SecondCost::kArea; }
  std::size_t designs() const { return engine_of_.size() * network_of_.size(); }
  std::size_t front_size() const { return front_size_; }
  const nas::Point& reference() const { return reference_; }

  const study::TableNetwork& network(const nas::Genotype& genotype) const {
    return table_.networks[network_of_.at(space_.network_part(genotype))];
  }
  const study::TableEngine& engine(const nas::Genotype& genotype) const {
    return table_.engines[engine_of_.at(space_.engine_part(genotype))];
  }
  // Latency, the second cost, and the accuracy with its sign turned.
  nas::Point point(const nas::Genotype& genotype) const {
    return point(engine_of_.at(space_.engine_part(genotype)), network_of_.at(space_.network_part(genotype)));
  }
  double area(const nas::Genotype& genotype) const { return engine(genotype).area_mm2; }
  // Every network on the genotype's engine.
  std::vector<nas::Genotype> networks_on(const nas::Genotype& genotype) const {
    std::vector<nas::Genotype> all;
    for (const auto& [network, n] : network_of_) {
      all.push_back(genotype);
      std::copy(network.begin(), network.end(), all.back().begin());
    }
    return all;
  }
  std::size_t engines() const { return engine_of_.size(); }
  // The share of the whole grid's hypervolume.
  double share(const std::vector<nas::Point>& points) const {
    return nas::hypervolume(nas::minimal_points(points, reference_), reference_) / volume_;
  }

 private:
  nas::Point point(std::size_t e, std::size_t n) const {
    const study::TableEngine& engine = table_.engines[e];
    const study::TableCell& cell = engine.cells[n];
    return {cell.latency_ms, second_ == SecondCost::kEnergy ? cell.energy_uj : engine.area_mm2,
            -table_.networks[n].accuracy_percent};
  }

  // The exact front of what is more accurate than 80 %, as in the published reference of accuracy against MACs. The
  // reference point is that accuracy and the front's highest costs.
  void find_front() {
    constexpr double kLeastAccuracy = 80;
    std::vector<std::array<double, 3>> points;
    for (const auto& [engine_part, e] : engine_of_) {
      for (std::size_t n = 0; n < table_.networks.size(); ++n) {
        const nas::Point p = point(e, n);
        if (-p[2] > kLeastAccuracy) points.push_back({p[0], p[1], p[2]});
      }
    }
    std::vector<nas::Point> front;
    reference_ = {0, 0, -kLeastAccuracy};
    for (const std::size_t i : study::exact_front(points)) {
      front.push_back({points[i][0], points[i][1], points[i][2]});
      for (std::size_t k = 0; k < 2; ++k) reference_[k] = std::max(reference_[k], points[i][k]);
    }
    for (std::size_t k = 0; k < 2; ++k) reference_[k] *= 1.01;  // what is worst in one cost counts, too
    front_size_ = front.size();
    volume_ = nas::hypervolume(front, reference_);
  }

  const study::EngineTable& table_;
  nas::Space space_;
  SecondCost second_;
  std::map<nas::Genotype, std::size_t> engine_of_, network_of_;
  nas::Point reference_;
  std::size_t front_size_ = 0;
  double volume_ = 0;
};

class GridProblem : public nas::Problem {
 public:
  explicit GridProblem(const EngineGrid& grid) : grid_(grid), genes_(grid.space().genes()) {}

  // Leaves networks on this genotype's engine alone, or engines under its network.
  void fix_engine(const nas::Genotype& genotype) { fix(genotype, grid_.space().network_genes(), genes_.size()); }
  void fix_network(const nas::Genotype& genotype) { fix(genotype, 0, grid_.space().network_genes()); }

  std::vector<nas::Genotype> asked;  // whole genotypes, in order
  std::vector<nas::Point> points;    // of them

  const std::vector<nas::Gene>& genes() const override { return genes_; }
  std::vector<nas::Evaluation> evaluate(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::Evaluation> out;
    for (const nas::Genotype& genotype : genotypes) {
      asked.push_back(whole(genotype));
      points.push_back(grid_.point(asked.back()));
      out.push_back({points.back(), 0});
    }
    return out;
  }
  std::vector<bool> free_objectives() const override {
    if (!grid_.second_is_free()) return {};
    return {false, true, false};
  }
  std::vector<nas::Evaluation> known_beforehand(const std::vector<nas::Genotype>& genotypes) const override {
    std::vector<nas::Evaluation> out;
    const double unknown = std::nan("");
    for (const nas::Genotype& genotype : genotypes) out.push_back({{unknown, grid_.area(whole(genotype)), unknown}, 0});
    return out;
  }
  std::vector<std::vector<double>> features(const std::vector<nas::Genotype>& genotypes) const override {
    std::vector<std::vector<double>> rows;
    for (const nas::Genotype& genotype : genotypes) {
      const study::TableNetwork& network = grid_.network(whole(genotype));
      rows.push_back({static_cast<double>(network.parameters), static_cast<double>(network.macs)});
    }
    return rows;
  }

 private:
  void fix(const nas::Genotype& genotype, std::size_t begin, std::size_t end) {
    for (std::size_t gene = begin; gene < end; ++gene) {
      fixed_[gene] = genotype[gene];
      genes_[gene].values = {grid_.space().genes()[gene].values[static_cast<std::size_t>(genotype[gene])]};
    }
  }
  nas::Genotype whole(nas::Genotype genotype) const {
    for (const auto& [gene, value] : fixed_) genotype[gene] = value;
    return genotype;
  }

  const EngineGrid& grid_;
  std::vector<nas::Gene> genes_;
  std::map<std::size_t, int> fixed_;
};

}  // namespace lanewise
