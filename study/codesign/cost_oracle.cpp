// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/cost_oracle.hpp"

#include <algorithm>
#include <utility>

#include "core/mapping/refusal.hpp"

namespace lanewise::study {
namespace {

class SubgraphCosts : public nas::CostOracle {
 public:
  explicit SubgraphCosts(MeasurementSource& source) : source_(source) {}
  record::Source source() const override { return source_.source(); }
  bool prices_subgraphs() const override { return true; }

  std::vector<nas::SubgraphCost> price_subgraphs(const std::vector<nas::SubgraphOnEngine>& queries,
                                                 const nas::WantedCosts& wanted) override {
    const estimator::Estimator* const estimator = source_.estimator();
    return estimator == nullptr ? measure(queries) : predict(*estimator, queries, wanted);
  }

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
  std::vector<nas::SubgraphCost> measure(const std::vector<nas::SubgraphOnEngine>& queries) {
    std::vector<SubgraphQuery> subgraphs;
    subgraphs.reserve(queries.size());
    for (const nas::SubgraphOnEngine& query : queries) subgraphs.push_back({query.subgraph, query.engine});
    std::vector<nas::SubgraphCost> costs;
    costs.reserve(queries.size());
    for (const record::SubgraphResult* result : source_.look_up(subgraphs)) {
      const record::Measurement& m = result->measurement;
      costs.push_back(result->failure.empty()
                          ? nas::SubgraphCost{false, m.latency, m.energy, m.dram_bytes(), m.peak_sram}
                          : nas::SubgraphCost{true, Cycles(0), Picojoules(0), Bytes(0), Bytes(0)});
    }
    return costs;
  }

  // Who asks keeps the answers: those of thousands of engines, of which most are met once, would only fill the source.
  static std::vector<nas::SubgraphCost> predict(const estimator::Estimator& estimator,
                                                const std::vector<nas::SubgraphOnEngine>& queries,
                                                const nas::WantedCosts& wanted) {
    std::vector<nas::SubgraphCost> costs(queries.size());
    std::vector<estimator::Estimator::Query> asked;
    std::vector<std::size_t> places;
    asked.reserve(queries.size());
    places.reserve(queries.size());
    for (std::size_t i = 0; i < queries.size(); ++i) {
      costs[i].refused = !mapping::refusal_of(*queries[i].subgraph, *queries[i].engine).empty();
      if (costs[i].refused) continue;
      asked.push_back({queries[i].subgraph, queries[i].engine, queries[i].form});
      places.push_back(i);
    }
    const std::vector<estimator::Prediction> predictions =
        estimator.predict(asked, {wanted.latency, wanted.energy, wanted.dram, wanted.peak_sram});
    for (std::size_t i = 0; i < places.size(); ++i) {
      const estimator::Prediction& p = predictions[i];
      costs[places[i]] = {false, p.latency, p.energy, p.dram, p.peak_sram};
    }
    return costs;
  }

  MeasurementSource& source_;
};

}  // namespace

std::unique_ptr<nas::CostOracle> make_cost_oracle(MeasurementSource& source) {
  return std::make_unique<SubgraphCosts>(source);
}

}  // namespace lanewise::study
