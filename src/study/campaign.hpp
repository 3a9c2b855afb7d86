// SPDX-License-Identifier: Apache-2.0
// What to measure so that an estimator can learn: passes of networks and of their variants, on engines of a family.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "network/graph.hpp"
#include "record/store.hpp"
#include "study/engine_sampling.hpp"
#include "study/progress.hpp"
#include "study/worker_pool.hpp"

namespace lanewise::study {

struct CampaignOptions {
  std::int64_t rows = 20000;  // distinct (engine, pass)
  int engines = 120;
  std::uint64_t seed = 1;
  double outside_share = 0.05;  // of the engines: about a fifth of those that unseen_engine holds out
  int variants = 6;             // of each network: scaled, aligned, fused
  double base_share = 0;        // of the rows, at least, on the base engine
  // Keys that half of the engines stay with, all else as in the base engine. Empty: all of the family's.
  std::vector<std::string> focus;
  // Channel multiples that variants are aligned to. Empty: 1 and the family's values of engine.parallelism_factor.
  std::vector<std::int64_t> multiples;
};

struct Job {
  std::size_t engine = 0;  // of Campaign::engines
  std::string subgraph_key;
  double weight = 0;  // occurrences in the networks as given, on this engine
};

struct Campaign {
  std::vector<SampledEngine> engines;
  std::vector<Job> jobs;              // distinct, engine by engine
  std::int64_t refused_engines = 0;   // combinations that no engine can have
  std::int64_t refused_networks = 0;  // (network, engine) that cannot run
};

// The network itself first, then `count` variants: random depth multipliers a stage, channel multiples, fusions.
std::vector<network::Graph> network_variants(const network::Graph& graph, int count,
                                             const std::vector<std::int64_t>& multiples, std::uint64_t seed);

// The same arguments give the same campaign. Fewer jobs than asked for where the networks have no more distinct passes.
Campaign plan_campaign(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                       const engine::Family& family, const CampaignOptions& options, const Progress& progress = {});

struct CampaignOutcome {
  std::int64_t measured = 0;  // now
  std::int64_t stored = 0;    // already there
  std::int64_t failed = 0;    // of those measured now, kept as rows with their failure
};
// Measures what the store does not hold yet. Each row is committed as it comes.
CampaignOutcome run_campaign(const Campaign& campaign, record::Store& store, WorkerPool& pool,
                             const Progress& progress = {});

}  // namespace lanewise::study
