// SPDX-License-Identifier: Apache-2.0
#include "study/campaign/campaign.hpp"

#include "core/base/version.hpp"
#include "core/record/engine_values.hpp"

namespace lanewise::study {

CampaignOutcome run_campaign(const Campaign& campaign, record::Store& store, Truth& truth, const Progress& progress) {
  CampaignOutcome outcome;
  const auto total = static_cast<std::int64_t>(campaign.jobs.size());
  std::vector<sim::WorkerJob> jobs;
  std::vector<const Job*> origin;
  {
    record::Store::Group group(store);
    store.claim(truth.source());
    if (!campaign.record.values.empty()) store.add_campaign(campaign.record);
    for (const Job& job : campaign.jobs) {
      const SampledEngine& engine = campaign.engines[job.engine];
      if (store.contains(engine.hash, job.subgraph_key)) {
        store.add_networks(engine.hash, job.subgraph_key, job.networks);
        ++outcome.stored;
        continue;
      }
      jobs.push_back({&engine.config, engine.hash, job.subgraph_key});
      origin.push_back(&job);
    }
    group.commit();
  }
  progress("measuring", outcome.stored, total);
  record::Row row;
  row.tool_version = version();
  const SampledEngine* last = nullptr;
  truth.run(
      jobs,
      [&](std::vector<sim::WorkerAnswer>& answers) {
        record::Store::Group group(store);
        for (sim::WorkerAnswer& answer : answers) {
          const Job& job = *origin[answer.job];
          const SampledEngine& engine = campaign.engines[job.engine];
          if (last != &engine) {
            row.engine_hash = engine.hash;
            row.engine_values = record::engine_values(engine.config);
            row.engine_values.emplace_back(record::kOutsideRangesKey, engine.outside_ranges ? "true" : "false");
            last = &engine;
          }
          row.subgraph_key = job.subgraph_key;
          row.weight = job.weight;
          row.networks = job.networks;
          row.failure = std::move(answer.result.failure);
          row.measurement = std::move(answer.result.measurement);
          store.insert(row);
          if (!row.failure.empty()) ++outcome.failed;
        }
        group.commit();
        outcome.measured += static_cast<std::int64_t>(answers.size());
        progress("measuring", outcome.stored + outcome.measured, total);
      },
      progress.stopped);
  outcome.unanswered = static_cast<std::int64_t>(jobs.size()) - outcome.measured;
  return outcome;
}

CampaignOutcome run_campaign(const Campaign& campaign, record::Store& store, sim::WorkerPool& pool,
                             const Progress& progress) {
  SimulatedTruth truth(pool);
  return run_campaign(campaign, store, truth, progress);
}

}  // namespace lanewise::study
