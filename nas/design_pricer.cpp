// SPDX-License-Identifier: Apache-2.0
#include "nas/design_pricer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

// Networks kept: one is some hundred kilobytes.
constexpr std::size_t kGraphsKept = 512;
constexpr Metric kFree[] = {Metric::kArea, Metric::kParameters, Metric::kParameterBytes, Metric::kPeakActivationBytes,
                            Metric::kMacs};

double number(std::int64_t value) { return static_cast<double>(value); }

}  // namespace

bool is_free(Metric metric) { return std::find(std::begin(kFree), std::end(kFree), metric) != std::end(kFree); }

struct DesignPricer::State {
  const Space& space;
  CostOracle& costs;
  std::array<bool, kMetricCount> wanted{};
  std::function<void()> check_stop;
  std::int64_t cannot_run = 0;
  std::map<std::string, std::shared_ptr<const network::Graph>> graphs;  // by Space::graph_key

  bool wants(Metric metric) const { return wanted[static_cast<std::size_t>(metric)]; }

  std::shared_ptr<const network::Graph> network(const Genotype& genotype, const engine::EngineConfig& engine) {
    const std::string key = space.graph_key(genotype, engine);
    const auto found = graphs.find(key);
    if (found != graphs.end()) return found->second;
    if (graphs.size() >= kGraphsKept) graphs.clear();
    return graphs[key] = std::make_shared<const network::Graph>(space.graph(genotype, engine));
  }

  void add_free(const network::Graph& graph, const engine::EngineConfig& engine, Metrics& metrics) const {
    if (wants(Metric::kArea)) metrics[Metric::kArea] = engine.total_area().count();
    if (wants(Metric::kParameters)) metrics[Metric::kParameters] = number(network::parameters(graph));
    if (wants(Metric::kParameterBytes)) {
      metrics[Metric::kParameterBytes] = number(network::parameter_bytes(graph).count());
    }
    if (wants(Metric::kPeakActivationBytes)) {
      metrics[Metric::kPeakActivationBytes] = number(network::peak_activation_bytes(graph).count());
    }
    if (wants(Metric::kMacs)) metrics[Metric::kMacs] = number(network::macs(graph));
  }

  void add_cost(const Cost& cost, Metrics& metrics) const {
    const auto set = [&](Metric metric, double value) {
      if (wants(metric)) metrics[metric] = value;
    };
    set(Metric::kLatency, cost.latency_ms);
    set(Metric::kEnergy, cost.energy_uj);
    set(Metric::kEnergyDelayProduct, cost.energy_uj * cost.latency_ms);
    set(Metric::kAveragePower, cost.latency_ms > 0 ? cost.energy_uj / cost.latency_ms : 0);  // uJ a ms is mW
    set(Metric::kPeakSramBytes, number(cost.peak_sram.count()));
    set(Metric::kDramBytes, number(cost.dram.count()));
  }
};

DesignPricer::DesignPricer(const Space& space, CostOracle& costs, const std::vector<Metric>& wanted,
                           std::function<void()> check_stop)
    : state_(new State{space, costs, {}, std::move(check_stop), 0, {}}) {
  for (const Metric metric : wanted) state_->wanted[static_cast<std::size_t>(metric)] = true;
  if (wanted.empty()) state_->wanted.fill(true);
  if (!state_->check_stop) state_->check_stop = [] {};
}
DesignPricer::~DesignPricer() = default;
DesignPricer::DesignPricer(DesignPricer&&) noexcept = default;

std::int64_t DesignPricer::cannot_run() const { return state_->cannot_run; }

Candidate DesignPricer::network_of(const Genotype& genotype) {
  Candidate out;
  try {
    out.engine = state_->space.engine(genotype);
    out.graph = state_->network(genotype, out.engine);
  } catch (const Error& error) {
    out.failure = error.what();
  }
  return out;
}

Candidate DesignPricer::candidate(const Genotype& genotype) {
  Candidate out = network_of(genotype);
  if (!out.failure.empty()) return out;
  try {
    out.partition = mapping::partition_with_memory(*out.graph, out.engine);
  } catch (const Error& error) {
    out.failure = error.what();
  }
  return out;
}

std::vector<PricedDesign> DesignPricer::price(const std::vector<Genotype>& genotypes) {
  std::vector<Candidate> candidates;
  candidates.reserve(genotypes.size());
  std::vector<CostQuery> queries;
  for (const Genotype& genotype : genotypes) {
    state_->check_stop();
    candidates.push_back(candidate(genotype));
    const Candidate& c = candidates.back();
    if (c.failure.empty()) queries.push_back({&c.engine, &c.partition.subgraphs});
  }
  const std::vector<Cost> costs = state_->costs.price(queries);
  std::vector<PricedDesign> out(genotypes.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < genotypes.size(); ++i) {
    out[i].failure = candidates[i].failure;
    if (out[i].failure.empty()) {
      const Cost& cost = costs[next++];
      out[i].failure = cost.failure;
      if (cost.failure.empty()) {
        state_->add_cost(cost, out[i].metrics);
        state_->add_free(*candidates[i].graph, candidates[i].engine, out[i].metrics);
      }
    }
    if (!out[i].failure.empty()) ++state_->cannot_run;
  }
  return out;
}

std::vector<PricedDesign> DesignPricer::free_metrics(const std::vector<Genotype>& genotypes) {
  std::vector<PricedDesign> out(genotypes.size());
  for (std::size_t i = 0; i < genotypes.size(); ++i) {
    try {
      const engine::EngineConfig engine = state_->space.engine(genotypes[i]);
      state_->add_free(*state_->network(genotypes[i], engine), engine, out[i].metrics);
    } catch (const Error& error) {
      out[i].failure = error.what();
    }
  }
  return out;
}

}  // namespace lanewise::nas
