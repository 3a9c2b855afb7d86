// SPDX-License-Identifier: Apache-2.0
#include "nas/design_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/base/error.hpp"
#include "core/mapping/partition.hpp"

namespace lanewise::nas {
namespace {

constexpr Objective kObjectives[] = {Objective::kLatency,    Objective::kEnergy, Objective::kArea,
                                     Objective::kParameters, Objective::kDram,   Objective::kPeakMemory};
constexpr double kWorst = std::numeric_limits<double>::max();
// Rewritten networks kept: one is some hundred kilobytes.
constexpr std::size_t kGraphsKept = 512;

}  // namespace

const char* to_string(Objective objective) {
  switch (objective) {
    case Objective::kLatency:
      return "latency";
    case Objective::kEnergy:
      return "energy";
    case Objective::kArea:
      return "area";
    case Objective::kParameters:
      return "parameters";
    case Objective::kDram:
      return "dram";
    case Objective::kPeakMemory:
      return "peak_memory";
  }
  throw InternalError("an objective without a name");
}

std::vector<Objective> parse_objectives(const std::string& text) {
  std::vector<std::string> known;
  for (const Objective objective : kObjectives) known.emplace_back(to_string(objective));
  std::vector<Objective> out;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t comma = text.find(',', begin);
    const std::string name = text.substr(begin, comma == std::string::npos ? comma : comma - begin);
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) {
      throw Error(fmt::format("objective '{}' is unknown; known are {}", name, fmt::join(known, ", ")));
    }
    const Objective objective = kObjectives[found - known.begin()];
    if (std::find(out.begin(), out.end(), objective) != out.end()) {
      throw Error(fmt::format("objective '{}' stands twice in '{}'", name, text));
    }
    out.push_back(objective);
    if (comma == std::string::npos) return out;
    begin = comma + 1;
  }
}

DesignProblem::DesignProblem(const Space& space, CostOracle& costs, const AccuracyOracle& quality,
                             std::vector<Objective> objectives, SquareMillimetres area_budget,
                             const std::function<bool(const std::string& gene)>& open, std::function<void()> check_stop)
    : space_(space),
      costs_(costs),
      quality_(quality),
      objectives_(std::move(objectives)),
      area_budget_(area_budget),
      genes_(space.genes()),
      check_stop_(std::move(check_stop)) {
  for (Gene& gene : genes_) {
    if (!open(gene.name)) gene.values.resize(1);
  }
}

std::shared_ptr<const network::Graph> DesignProblem::network(const Genotype& genotype,
                                                             const engine::EngineConfig& engine) {
  const std::string key = space_.graph_key(genotype, engine);
  const auto found = graphs_.find(key);
  if (found != graphs_.end()) return found->second;
  if (graphs_.size() >= kGraphsKept) graphs_.clear();
  return graphs_[key] = std::make_shared<const network::Graph>(space_.graph(genotype, engine));
}

Candidate DesignProblem::candidate(const Genotype& genotype) {
  Candidate out;
  try {
    out.engine = space_.engine(genotype);
    out.graph = network(genotype, out.engine);
    out.partition = mapping::partition_with_memory(*out.graph, out.engine);
  } catch (const Error& error) {
    out.failure = error.what();
  }
  return out;
}

Evaluation DesignProblem::judge(const Candidate& candidate, const Cost& cost) const {
  Evaluation evaluation;
  const SquareMillimetres area = candidate.engine.total_area();
  const NetworkFacts facts{network::macs(*candidate.graph), network::parameters(*candidate.graph)};
  for (const Objective objective : objectives_) {
    switch (objective) {
      case Objective::kLatency:
        evaluation.objectives.push_back(cost.latency_ms);
        break;
      case Objective::kEnergy:
        evaluation.objectives.push_back(cost.energy_uj);
        break;
      case Objective::kArea:
        evaluation.objectives.push_back(area.count());
        break;
      case Objective::kParameters:
        evaluation.objectives.push_back(static_cast<double>(facts.parameters));
        break;
      case Objective::kDram:
        evaluation.objectives.push_back(static_cast<double>(cost.dram.count()));
        break;
      case Objective::kPeakMemory:
        evaluation.objectives.push_back(static_cast<double>(cost.peak_sram.count()));
        break;
    }
  }
  evaluation.violation = quality_.shortfall(facts);
  if (area_budget_.count() > 0) evaluation.violation += std::max(0.0, area.count() / area_budget_.count() - 1);
  return evaluation;
}

std::vector<Evaluation> DesignProblem::evaluate(const std::vector<Genotype>& genotypes) {
  std::vector<Candidate> candidates;
  candidates.reserve(genotypes.size());
  for (const Genotype& genotype : genotypes) {
    check_stop_();
    candidates.push_back(candidate(genotype));
  }
  std::vector<CostQuery> queries;
  for (const Candidate& c : candidates) {
    if (c.failure.empty()) queries.push_back({&c.engine, &c.partition.subgraphs});
  }
  const std::vector<Cost> costs = costs_.price(queries);
  std::vector<Evaluation> out;
  std::size_t next = 0;
  for (const Candidate& c : candidates) {
    const Cost* const cost = c.failure.empty() ? &costs[next++] : nullptr;
    if (cost != nullptr && cost->failure.empty()) {
      out.push_back(judge(c, *cost));
    } else {
      out.push_back({std::vector<double>(objectives_.size(), kWorst), kImpossible});
      ++cannot_run_;
    }
  }
  return out;
}

}  // namespace lanewise::nas
