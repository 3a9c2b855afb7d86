// SPDX-License-Identifier: Apache-2.0
// What to measure so that an estimator can learn: subgraphs of networks and of their variants, on engines of a family.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/network/graph.hpp"
#include "core/record/campaign_record.hpp"
#include "core/record/store.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/campaign/engine_sampling.hpp"
#include "study/campaign/shape_ranges.hpp"
#include "study/campaign/shard.hpp"
#include "study/campaign/truth.hpp"
#include "study/campaign/weight_forms.hpp"

namespace lanewise::study {

// Every row is planned in memory, and every engine held there.
inline constexpr std::int64_t kMostCampaignRows = 1000000000;
inline constexpr int kMostCampaignEngines = 100000;

struct CampaignOptions {
  std::string name;           // of the campaign file; "" where there is none
  std::int64_t rows = 20000;  // distinct pairs of engine and subgraph
  int engines = 120;
  std::uint64_t seed = 1;
  EngineSampling sampling = EngineSampling::kLatinHypercube;
  bool members = true;          // false: engines are points of the ranges alone, without those that were described
  double outside_share = 0.05;  // of the engines; about a fifth of those that the split unseen_engine holds out
  int variants = 6;             // of each network: scaled, aligned or fused
  // Of the rows, at least, that are on the base engine. Above 0 that engine is measured without `members`, too.
  double base_share = 0;
  // Shares of the rows of one engine. What is left over goes to subgraphs of variants.
  double network_share = 0.5;   // subgraphs of whole networks, where all of one network fit
  double boundary_share = 0.1;  // boundary shapes (boundary_shapes.hpp)
  double shape_share = 0;       // synthetic subgraphs drawn from `shapes`, each family equally often
  std::vector<ShapeRanges> shapes;
  // Rows with pruned and clustered weights, of engines that make something of them. They come before the shares above,
  // which are of the other rows.
  FormOptions forms;
  // Keys in which half of the engines differ from the base engine, all else being equal. Empty: all of the family's.
  std::vector<std::string> focus;
  // Channel multiples that variants are aligned to. Empty: 1 and the family's values of engine.parallelism_factor.
  std::vector<std::int64_t> multiples;
  // The part of the campaign that is planned here. The whole campaign does not depend on it.
  Shard shard;
};

struct Job {
  std::size_t engine = 0;  // of Campaign::engines
  std::string subgraph_key;
  double weight = 0;                                // occurrences in the given networks on this engine
  std::vector<record::NetworkMembership> networks;  // those networks
};

struct Campaign {
  record::CampaignRecord record;       // plan, ranges and seed of the whole campaign, for the store
  std::vector<SampledEngine> engines;  // of the whole campaign, whatever the shard is
  std::vector<Job> jobs;               // of the shard; distinct, ordered by engine and then by key
  std::int64_t refused_engines = 0;    // combinations of values that no engine can have
  std::int64_t refused_networks = 0;   // pairs of network and engine that cannot run
  std::int64_t complete_networks = 0;  // pairs of network and engine with all subgraphs among the jobs
};

// What is kept of a campaign: every option that decides what is measured, networks by name and hash, the engine that
// others are drawn around, and the family's ranges.
record::CampaignRecord record_of(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                                 const engine::Family& family, const CampaignOptions& options);

// The network itself, followed by `count` variants with random depth multipliers per stage, channel multiples and
// fusions.
std::vector<network::Graph> network_variants(const network::Graph& graph, int count,
                                             const std::vector<std::int64_t>& multiples, std::uint64_t seed);

// Plans a campaign. `threads` engines are planned at a time; the same arguments give the same campaign whatever their
// number. Rows are shared out evenly over the engines. An engine for which networks, variants and shapes have fewer
// distinct subgraphs gets fewer rows, so that no engine's plan depends on another's and a shard plans its own engines
// only. Throws Error for two networks of one name, and for shares that add up to more than 1.
Campaign plan_campaign(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                       const engine::Family& family, const CampaignOptions& options, const Progress& progress = {},
                       int threads = 1);

struct CampaignOutcome {
  std::int64_t measured = 0;  // by this run
  std::int64_t stored = 0;    // before this run
  std::int64_t failed = 0;    // of those measured by this run; kept as rows with the reason
  // That got no answer, and are no rows: another run asks about them again. None by the simulator.
  std::int64_t unanswered = 0;
};
// Measures by `truth` what the store does not hold yet, and adds the names of further networks to rows that it holds.
// The store keeps the campaign's record, where it has one. Rows are committed as they arrive; rows that arrive together
// are committed together. Throws Error where the store holds rows of another source.
CampaignOutcome run_campaign(const Campaign& campaign, record::Store& store, Truth& truth,
                             const Progress& progress = {});
// The same by the simulator.
CampaignOutcome run_campaign(const Campaign& campaign, record::Store& store, sim::WorkerPool& pool,
                             const Progress& progress = {});

}  // namespace lanewise::study
