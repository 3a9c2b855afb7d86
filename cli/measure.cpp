// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdint>

#include "cli/campaign_arguments.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/record/store.hpp"
#include "report/campaign.hpp"
#include "study/campaign/campaign.hpp"
#include "study/campaign/shard.hpp"

namespace lanewise::cli {
namespace {

struct Measure {
  CampaignArguments campaign;
  std::string store, csv, shard;
  std::uint64_t seed = study::CampaignOptions().seed;
  int jobs = 0;
  OutputOptions output;

  study::CampaignReport measure() const {
    CampaignArguments::Plan what = campaign.load(seed);
    if (!shard.empty()) what.options.shard = study::parse_shard(shard);
    Terminal terminal;
    const Progress progress = terminal.progress();
    const int workers = jobs > 0 ? jobs : sim::default_workers();
    const study::Campaign plan =
        study::plan_campaign(what.graphs, what.base, what.family, what.options, progress, workers);
    record::Store rows(store);
    sim::WorkerPool pool(sim::default_worker_path(), workers);
    const study::CampaignOutcome outcome = study::run_campaign(plan, rows, pool, progress);
    if (!csv.empty()) rows.export_csv(csv);
    return {store,
            what.family.name,
            rows.rows(),
            static_cast<std::int64_t>(plan.jobs.size()),
            static_cast<std::int64_t>(plan.engines.size()),
            outcome.measured,
            outcome.stored,
            outcome.failed,
            plan.refused_engines,
            plan.refused_networks,
            plan.complete_networks,
            shard};
  }

  void run() const {
    campaign.require();
    const study::CampaignReport report = measure();
    output.emit([&] { return report::to_json(report); }, nullptr, [&] { return report::to_text(report); });
  }
};

// "" when it is one.
std::string check_shard(const std::string& text) {
  try {
    study::parse_shard(text);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

void add_measure(CLI::App& app) {
  const auto [verb, options] =
      add_command<Measure>(app, "measure", "Simulate subgraphs of networks on engines of a family, for training");
  options->campaign.add(*verb);
  verb->add_option("--seed", options->seed, "Seed of every random choice")->type_name("S")->capture_default_str();
  verb->add_option("--out", options->store, "Store of measurements; made, or gone on with")
      ->type_name("STORE")
      ->required();
  verb->add_option("--csv", options->csv, "Also export every row of the store as CSV")->type_name("FILE");
  verb->add_option("--shard", options->shard,
                   "Measure only the I-th of N disjoint shares of the campaign; `store merge` joins them")
      ->type_name("I/N")
      ->check(check_shard);
  add_jobs(*verb, options->jobs);
  options->output.add(*verb, false, false);
  verb->footer(
      "With --campaign, --rows, --engines, --seed and --sampling go before what the file says.\n"
      "Examples:\n  lanewise measure --campaign campaigns/quick-ne.yaml --out ne.sqlite\n"
      "  lanewise measure models/*.onnx --hw hwconfigs/ne-256.yaml --rows 20000 --engines 60 --out ne.sqlite");
}

}  // namespace lanewise::cli
