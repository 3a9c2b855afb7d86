// SPDX-License-Identifier: Apache-2.0
// What to measure so that an estimator can learn: subgraphs of networks and of their variants, on engines of a family.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/network/graph.hpp"
#include "core/record/store.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/campaign/engine_sampling.hpp"
#include "study/campaign/shape_ranges.hpp"
#include "study/campaign/shard.hpp"

namespace lanewise::study {

struct CampaignOptions {
  std::int64_t rows = 20000;  // distinct (engine, subgraph)
  int engines = 120;
  std::uint64_t seed = 1;
  EngineSampling sampling = EngineSampling::kLatinHypercube;
  double outside_share = 0.05;  // of the engines: about a fifth of those that unseen_engine holds out
  int variants = 6;             // of each network: scaled, aligned, fused
  double base_share = 0;        // of the rows, at least, on the base engine
  // Of an engine's rows; what is left are subgraphs of variants.
  double network_share = 0.5;   // as complete networks where their subgraphs find room
  double boundary_share = 0.1;  // where cost jumps (boundary_points.hpp)
  double shape_share = 0;       // of `shapes`, each family as often as the others
  std::vector<ShapeRanges> shapes;
  // Keys that half of the engines stay with, all else as in the base engine. Empty: all of the family's.
  std::vector<std::string> focus;
  // Channel multiples that variants are aligned to. Empty: 1 and the family's values of engine.parallelism_factor.
  std::vector<std::int64_t> multiples;
  // The share of the campaign that is planned. The campaign that it is of does not depend on it.
  Shard shard;
};

struct Job {
  std::size_t engine = 0;  // of Campaign::engines
  std::string subgraph_key;
  double weight = 0;                                // occurrences in the networks as given, on this engine
  std::vector<record::NetworkMembership> networks;  // those networks
};

struct Campaign {
  std::vector<SampledEngine> engines;  // of the whole campaign, whatever the shard
  std::vector<Job> jobs;               // distinct; by engine, then by key; of the shard
  std::int64_t refused_engines = 0;    // combinations that no engine can have
  std::int64_t refused_networks = 0;   // (network, engine) that cannot run
  std::int64_t complete_networks = 0;  // (network, engine) with all subgraphs among the jobs
};

// The network itself first, then `count` variants: random depth multipliers a stage, channel multiples, fusions.
std::vector<network::Graph> network_variants(const network::Graph& graph, int count,
                                             const std::vector<std::int64_t>& multiples, std::uint64_t seed);

// The same arguments give the same campaign, whatever `threads`: so many engines are planned at once. Rows are shared
// out evenly over the engines; one that networks, variants and shapes have fewer distinct subgraphs for gives what it
// has, so that no engine's plan depends on another's and a shard plans its own engines only. Throws Error for two
// networks of one name, and for shares beyond 1 together.
Campaign plan_campaign(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                       const engine::Family& family, const CampaignOptions& options, const Progress& progress = {},
                       int threads = 1);

struct CampaignOutcome {
  std::int64_t measured = 0;  // now
  std::int64_t stored = 0;    // already there
  std::int64_t failed = 0;    // of those measured now, kept as rows with their failure
};
// Measures what the store does not hold yet; rows that it holds learn of further networks. Rows are committed as they
// come, those that came together at once.
CampaignOutcome run_campaign(const Campaign& campaign, record::Store& store, sim::WorkerPool& pool,
                             const Progress& progress = {});

}  // namespace lanewise::study
