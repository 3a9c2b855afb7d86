// SPDX-License-Identifier: Apache-2.0
#include "study/curation/curated_costs.hpp"

#include <algorithm>
#include <tuple>

#include "core/base/error.hpp"
#include "core/mapping/bounds.hpp"
#include "core/mapping/partition.hpp"

namespace lanewise::study {
namespace {

// Bounds the memory that partitions take while they wait for their costs.
constexpr std::size_t kBatch = 256;

bool before(const PricedPart& a, const PricedPart& b) {
  return std::tie(a.result, a.parameters) < std::tie(b.result, b.parameters);
}

double fill_of(const std::vector<mapping::Subgraph>& subgraphs, const engine::EngineConfig& engine) {
  double full = 0, macs = 0;
  for (const mapping::Subgraph& subgraph : subgraphs) {
    if (!subgraph.shape.uses_array()) continue;
    const mapping::Bounds bounds = mapping::bounds(subgraph, engine);
    full += bounds.fill_cycles;
    macs += bounds.mac_cycles;
  }
  return macs > 0 ? full / macs : 1;
}

LocalSize size_of(const std::vector<PricedPart>& parts) {
  LocalSize size;
  for (const PricedPart& part : parts) {
    size.cycles += part.result->measurement.latency.count();
    size.macs += part.result->measurement.macs;
    size.parameters += part.parameters;
  }
  return size;
}

bool same_parts(const PricedNetwork& a, const PricedNetwork& b) {
  return a.parts.size() == b.parts.size() &&
         std::equal(a.parts.begin(), a.parts.end(), b.parts.begin(), [](const PricedPart& x, const PricedPart& y) {
           return x.result == y.result && x.parameters == y.parameters;
         });
}

}  // namespace

LocalSize whole_size(const PricedNetwork& network) { return size_of(network.parts); }

std::vector<LocalSize> local_sizes(const std::vector<const PricedNetwork*>& networks) {
  std::vector<PricedPart> common;
  bool first = true;
  for (const PricedNetwork* network : networks) {
    if (network == nullptr || !network->failure.empty()) continue;
    if (first) {
      common = network->parts;
      first = false;
      continue;
    }
    std::vector<PricedPart> both;
    std::set_intersection(common.begin(), common.end(), network->parts.begin(), network->parts.end(),
                          std::back_inserter(both), before);
    common = std::move(both);
  }
  const LocalSize shared = size_of(common);
  std::vector<LocalSize> sizes;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    sizes.emplace_back();
    if (networks[i] == nullptr || !networks[i]->failure.empty()) continue;
    const LocalSize all = size_of(networks[i]->parts);
    sizes.back() = {all.cycles - shared.cycles, all.macs - shared.macs, all.parameters - shared.parameters, i};
    for (std::size_t before_it = 0; before_it < i; ++before_it) {
      const PricedNetwork* const other = networks[before_it];
      if (other == nullptr || !other->failure.empty() || !same_parts(*other, *networks[i])) continue;
      sizes.back().twin = before_it;
      break;
    }
  }
  return sizes;
}

CuratedCosts::CuratedCosts(const nas::Space& space, MeasurementSource& costs)
    : space_(space), costs_(costs), engine_(space.engine(space.defaults())) {}

std::vector<const PricedNetwork*> CuratedCosts::price(const std::vector<nas::Genotype>& genotypes,
                                                      const Progress& progress) {
  struct New {
    PricedNetwork* network = nullptr;
    mapping::Partition partition;
  };
  std::vector<New> fresh;
  std::vector<const PricedNetwork*> out;
  const auto measure = [&](std::size_t done) {
    std::vector<SubgraphQuery> queries;
    for (const New& made : fresh) {
      for (const mapping::Subgraph& subgraph : made.partition.subgraphs) queries.push_back({&subgraph, &engine_});
    }
    const Progress within{{}, progress.stopped};
    const std::vector<const record::SubgraphResult*> results = costs_.look_up(queries, within);
    std::size_t next = 0;
    for (New& made : fresh) {
      for (const mapping::Subgraph& subgraph : made.partition.subgraphs) {
        const record::SubgraphResult* const result = results[next++];
        seen_.insert(result);
        if (!result->failure.empty() && made.network->failure.empty()) made.network->failure = result->failure;
        made.network->parts.push_back({result, subgraph.parameters});
      }
      if (!made.network->failure.empty()) made.network->parts.clear();
      std::sort(made.network->parts.begin(), made.network->parts.end(), before);
    }
    fresh.clear();
    progress("pricing", static_cast<std::int64_t>(done), static_cast<std::int64_t>(genotypes.size()));
  };
  for (std::size_t i = 0; i < genotypes.size(); ++i) {
    const auto [place, added] = known_.try_emplace(space_.graph_key(genotypes[i], engine_));
    out.push_back(&place->second);
    if (!added) continue;
    try {
      const network::Graph graph = space_.graph(genotypes[i], engine_);
      fresh.push_back({&place->second, mapping::partition_with_memory(graph, engine_)});
    } catch (const Error& error) {
      place->second.failure = error.what();
    }
    if (fresh.size() >= kBatch) measure(i + 1);
  }
  measure(genotypes.size());
  return out;
}

double CuratedCosts::fill(const nas::Genotype& genotype) {
  const auto [place, added] = fills_.try_emplace(space_.graph_key(genotype, engine_), 0.0);
  if (!added) return place->second;
  try {
    place->second = fill_of(mapping::partition(space_.graph(genotype, engine_), engine_), engine_);
  } catch (const Error&) {
    place->second = 0;  // what cannot run has no fill
  }
  return place->second;
}

}  // namespace lanewise::study
