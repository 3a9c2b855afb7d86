// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/cost_oracle.hpp"

#include <algorithm>
#include <utility>

namespace lanewise::study {
namespace {

class SubgraphCosts : public nas::CostOracle {
 public:
  explicit SubgraphCosts(MeasurementSource& source) : source_(source) {}
  record::Source source() const override { return source_.source(); }

  std::vector<nas::Cost> price(const std::vector<nas::CostQuery>& queries) override {
    std::size_t count = 0;
    for (const nas::CostQuery& query : queries) count += query.subgraphs->size();
    std::vector<SubgraphQuery> subgraphs;
    subgraphs.reserve(count);
    for (const nas::CostQuery& query : queries) {
      for (const mapping::Subgraph& subgraph : *query.subgraphs) subgraphs.push_back({&subgraph, query.engine});
    }
    const std::vector<const record::SubgraphResult*> results = source_.look_up(subgraphs);
    std::vector<nas::Cost> costs;
    costs.reserve(queries.size());
    std::size_t next = 0;
    for (const nas::CostQuery& query : queries) {
      nas::Cost cost;
      for (std::size_t i = 0; i < query.subgraphs->size(); ++i, ++next) {
        const record::SubgraphResult& result = *results[next];
        if (!result.failure.empty()) {
          if (cost.failure.empty()) cost.failure = result.failure;
          continue;
        }
        cost.latency += result.measurement.latency;
        cost.energy_uj += result.measurement.energy.count() / 1e6;
        cost.dram += result.measurement.dram_bytes();
        cost.peak_sram = std::max(cost.peak_sram, result.measurement.peak_sram);
      }
      if (!cost.failure.empty()) {
        nas::Cost refused;
        refused.failure = std::move(cost.failure);
        costs.push_back(std::move(refused));
        continue;
      }
      cost.latency_ms = query.engine->seconds(cost.latency).count() * 1e3;
      costs.push_back(cost);
    }
    return costs;
  }

 private:
  MeasurementSource& source_;
};

}  // namespace

std::unique_ptr<nas::CostOracle> make_cost_oracle(MeasurementSource& source) {
  return std::make_unique<SubgraphCosts>(source);
}

}  // namespace lanewise::study
