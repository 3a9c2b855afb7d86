// SPDX-License-Identifier: Apache-2.0
// Designs, a network and an engine each, as a problem that a search can solve.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/mapping/partition.hpp"
#include "core/network/graph.hpp"
#include "nas/oracles/accuracy_oracle.hpp"
#include "nas/oracles/cost_oracle.hpp"
#include "nas/problem.hpp"

namespace lanewise::nas {

// What a search may minimise.
enum class Objective { kLatency, kEnergy, kArea, kParameters, kDram, kPeakMemory };
const char* to_string(Objective objective);  // "latency", "energy", "area", "parameters", "dram", "peak_memory"
// "latency,energy". Throws Error on an unknown or repeated one, and on none.
std::vector<Objective> parse_objectives(const std::string& text);

// A network's rewrite and an engine, or why there is no such design.
struct Candidate {
  std::shared_ptr<const network::Graph> graph;
  engine::EngineConfig engine;
  mapping::Partition partition;
  std::string failure;
};

class DesignProblem : public Problem {
 public:
  // All references outlive the problem. area_budget 0: none. `open` says which genes the search may change; the others
  // have their default alone. `stopped` is asked before each candidate.
  DesignProblem(const network::Graph& graph, const engine::EngineConfig& base, const Space& space, CostOracle& costs,
                const AccuracyOracle& quality, std::vector<Objective> objectives, SquareMillimetres area_budget,
                const std::function<bool(const std::string& gene)>& open, std::function<void()> check_stop);

  const std::vector<Gene>& genes() const override { return genes_; }
  std::vector<Evaluation> evaluate(const std::vector<Genotype>& genotypes) override;

  Candidate candidate(const Genotype& genotype);

 private:
  std::shared_ptr<const network::Graph> rewritten(const network::Moves& moves);
  Evaluation judge(const Candidate& candidate, const Cost& cost) const;

  const network::Graph& graph_;
  const engine::EngineConfig& base_;
  const Space& space_;
  CostOracle& costs_;
  const AccuracyOracle& quality_;
  std::vector<Objective> objectives_;
  SquareMillimetres area_budget_;
  std::vector<Gene> genes_;
  std::function<void()> check_stop_;
  std::map<std::string, std::shared_ptr<const network::Graph>> graphs_;  // by moves
};

}  // namespace lanewise::nas
