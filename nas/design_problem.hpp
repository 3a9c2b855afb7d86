// SPDX-License-Identifier: Apache-2.0
// The search for designs, each of which is a network and an engine, as a Problem.
#pragma once

#include <cstdint>
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
#include "nas/space/space.hpp"

namespace lanewise::nas {

// What a search may minimise.
enum class Objective { kLatency, kEnergy, kArea, kParameters, kDram, kPeakMemory };
const char* to_string(Objective objective);  // "latency", "energy", "area", "parameters", "dram", "peak_memory"
// Reads "latency,energy". Throws Error for an unknown or repeated objective, and for an empty list.
std::vector<Objective> parse_objectives(const std::string& text);

// A rewritten network on an engine with its partition, or the reason why there is no such design.
struct Candidate {
  std::shared_ptr<const network::Graph> graph;
  engine::EngineConfig engine;
  mapping::Partition partition;
  std::string failure;
};

// The violation of a design that cannot be: further from feasible than any that misses a budget by less than this many
// times over.
constexpr double kImpossible = 1e6;

class DesignProblem : public Problem {
 public:
  // All references must outlive the problem. An area_budget of 0 is none. `open` says which genes the search may
  // change; the others keep their default. `check_stop` is called before each candidate and may throw to end the
  // search.
  DesignProblem(const Space& space, CostOracle& costs, const AccuracyOracle& quality, std::vector<Objective> objectives,
                SquareMillimetres area_budget, const std::function<bool(const std::string& gene)>& open,
                std::function<void()> check_stop);

  const std::vector<Gene>& genes() const override { return genes_; }
  std::vector<Evaluation> evaluate(const std::vector<Genotype>& genotypes) override;

  Candidate candidate(const Genotype& genotype);
  // How many of the designs evaluated so far cannot be: no such engine, or one that cannot run the network.
  std::int64_t cannot_run() const { return cannot_run_; }

 private:
  std::shared_ptr<const network::Graph> network(const Genotype& genotype, const engine::EngineConfig& engine);
  Evaluation judge(const Candidate& candidate, const Cost& cost) const;

  const Space& space_;
  CostOracle& costs_;
  const AccuracyOracle& quality_;
  std::vector<Objective> objectives_;
  SquareMillimetres area_budget_;
  std::vector<Gene> genes_;
  std::function<void()> check_stop_;
  std::int64_t cannot_run_ = 0;
  std::map<std::string, std::shared_ptr<const network::Graph>> graphs_;  // by Space::graph_key
};

}  // namespace lanewise::nas
