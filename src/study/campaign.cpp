// SPDX-License-Identifier: Apache-2.0
#include "study/campaign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/random.hpp"
#include "base/version.hpp"
#include "mapping/partition.hpp"
#include "study/worker_protocol.hpp"

namespace lanewise::study {
namespace {

std::vector<std::int64_t> channel_multiples(const CampaignOptions& options, const engine::Family& family,
                                            const engine::EngineConfig& base) {
  if (!options.multiples.empty()) return options.multiples;
  std::set<std::int64_t> multiples = {1, base.array.parallelism_factor};
  for (const engine::FamilyRange& range : family.ranges) {
    if (range.key != "engine.parallelism_factor") continue;
    for (const std::string& value : range.values) multiples.insert(std::stoll(value));
  }
  return {multiples.begin(), multiples.end()};
}

// The passes that one engine may be measured with.
class Passes {
 public:
  // Adds the passes of a network; `counted`: its occurrences weigh. False when the engine cannot run it.
  bool add(const network::Graph& graph, const engine::EngineConfig& engine, bool counted) {
    std::vector<mapping::Subgraph> subgraphs;
    try {
      subgraphs = mapping::partition(graph, engine);
    } catch (const Error&) {
      return false;
    }
    for (const mapping::Subgraph& subgraph : subgraphs) {
      const std::string key = mapping::subgraph_key(subgraph);
      const auto [place, fresh] = weights_.emplace(key, 0.0);
      if (counted) place->second += 1;
      if (fresh) (counted ? given_ : varied_).push_back(key);
    }
    return true;
  }

  std::size_t varied() const { return varied_.size(); }

  // `quota` keys, half of them from the networks as given while both last.
  std::vector<Job> draw(std::size_t quota, std::size_t engine, Random& random) {
    random.shuffle(given_);
    random.shuffle(varied_);
    const std::size_t total = std::min(quota, given_.size() + varied_.size());
    std::size_t from_given = std::min(given_.size(), total / 2);
    const std::size_t from_varied = std::min(varied_.size(), total - from_given);
    from_given = total - from_varied;
    std::vector<Job> jobs;
    for (std::size_t i = 0; i < from_given; ++i) jobs.push_back({engine, given_[i], weights_.at(given_[i])});
    for (std::size_t i = 0; i < from_varied; ++i) jobs.push_back({engine, varied_[i], 0});
    return jobs;
  }

 private:
  std::map<std::string, double> weights_;
  std::vector<std::string> given_, varied_;  // keys in the order found
};

}  // namespace

Campaign plan_campaign(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                       const engine::Family& family, const CampaignOptions& options, const Progress& progress) {
  if (options.rows < 1) throw Error(fmt::format("{} rows cannot be measured: give 1 or more", options.rows));
  EngineSample sample =
      sample_engines(base, family, options.engines, options.outside_share, options.focus, options.seed);
  Campaign campaign;
  campaign.engines = std::move(sample.engines);
  campaign.refused_engines = sample.refused;

  const std::vector<std::int64_t> multiples = channel_multiples(options, family, base);
  std::vector<network::Graph> variants;
  for (const network::Graph& graph : graphs) {
    std::vector<network::Graph> more = network_variants(graph, options.variants, multiples, options.seed);
    std::move(more.begin() + 1, more.end(), std::back_inserter(variants));
  }

  const auto engines = static_cast<std::int64_t>(campaign.engines.size());
  for (std::int64_t e = 0; e < engines; ++e) {
    progress("planning", e, engines);
    const engine::EngineConfig& engine = campaign.engines[static_cast<std::size_t>(e)].config;
    Random random(options.seed ^ stable_hash(campaign.engines[static_cast<std::size_t>(e)].hash));
    // What earlier engines had too few passes for falls to the later ones.
    const std::int64_t left = options.rows - static_cast<std::int64_t>(campaign.jobs.size());
    const std::int64_t share = e == 0 ? std::llround(options.base_share * static_cast<double>(options.rows)) : 0;
    const auto quota = static_cast<std::size_t>(std::max(share, ceil_div(left, engines - e)));
    Passes passes;
    for (const network::Graph& graph : graphs) {
      if (!passes.add(graph, engine, true)) ++campaign.refused_networks;
    }
    std::vector<std::size_t> order(variants.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    random.shuffle(order);
    // Variants enough to draw half the quota from; more would only cost time.
    for (std::size_t i = 0; i < order.size() && passes.varied() < quota; ++i) {
      if (!passes.add(variants[order[i]], engine, false)) ++campaign.refused_networks;
    }
    std::vector<Job> jobs = passes.draw(quota, static_cast<std::size_t>(e), random);
    std::move(jobs.begin(), jobs.end(), std::back_inserter(campaign.jobs));
  }
  return campaign;
}

CampaignOutcome run_campaign(const Campaign& campaign, record::Store& store, WorkerPool& pool,
                             const Progress& progress) {
  CampaignOutcome outcome;
  std::vector<WorkerJob> jobs;
  std::vector<const Job*> origin;
  for (const Job& job : campaign.jobs) {
    const SampledEngine& engine = campaign.engines[job.engine];
    if (store.contains(engine.hash, job.subgraph_key)) {
      ++outcome.stored;
      continue;
    }
    jobs.push_back({&engine.config, engine.hash, job.subgraph_key});
    origin.push_back(&job);
  }
  std::map<std::size_t, std::vector<std::pair<std::string, std::string>>> values;
  const auto total = static_cast<std::int64_t>(campaign.jobs.size());
  progress("measuring", outcome.stored, total);
  pool.run(
      jobs,
      [&](std::size_t index, PassResult result) {
        const Job& job = *origin[index];
        const SampledEngine& engine = campaign.engines[job.engine];
        auto& text = values[job.engine];
        if (text.empty()) {
          text = engine_values(engine.config);
          text.emplace_back(kOutsideRangesKey, engine.outside_ranges ? "true" : "false");
        }
        record::Row row;
        row.engine_hash = engine.hash;
        row.subgraph_key = job.subgraph_key;
        row.tool_version = version();
        row.engine_values = text;
        row.weight = job.weight;
        row.failure = result.failure;
        row.measurement = std::move(result.measurement);
        store.insert(row);
        ++outcome.measured;
        if (!row.failure.empty()) ++outcome.failed;
        progress("measuring", outcome.stored + outcome.measured, total);
      },
      progress.stopped);
  return outcome;
}

}  // namespace lanewise::study
