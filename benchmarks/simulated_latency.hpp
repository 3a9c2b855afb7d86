// SPDX-License-Identifier: Apache-2.0
// The simulated latency of every network of a table, built from its encoding by a space that describes it.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks/accuracy_table.hpp"
#include "core/mapping/partition.hpp"
#include "nas/space/space.hpp"
#include "study/codesign/cost_oracle.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise {

// Milliseconds per row, or nothing where an encoding is none of the space's. Throws Error where a network cannot run.
inline std::optional<std::vector<double>> simulated_latencies(const AccuracyTable& table, const std::string& space_path,
                                                              const std::string& engine_path) {
  constexpr std::size_t kChunk = 200;  // networks held at once
  const engine::EngineConfig engine = engine::load_engine(engine_path).config;
  const auto space = nas::make_network_space(nas::load_space(space_path), nullptr);
  const auto simulator = study::make_simulator();
  const auto costs = study::make_cost_oracle(*simulator);
  std::vector<double> latencies;
  for (std::size_t begin = 0; begin < table.rows.size(); begin += kChunk) {
    const std::size_t end = std::min(begin + kChunk, table.rows.size());
    std::vector<mapping::Partition> partitions;
    for (std::size_t i = begin; i < end; ++i) {
      nas::Genotype genotype;
      try {
        genotype = space->decode(table.rows[i].encoding);
      } catch (const Error&) {
        return {};
      }
      partitions.push_back(mapping::partition_with_memory(space->build(genotype, engine), engine));
    }
    std::vector<nas::CostQuery> queries;
    for (const mapping::Partition& partition : partitions) queries.push_back({&engine, &partition.subgraphs});
    for (const nas::Cost& cost : costs->price(queries)) {
      if (!cost.failure.empty()) throw Error(cost.failure);
      latencies.push_back(cost.latency_ms);
    }
  }
  return latencies;
}

}  // namespace lanewise
