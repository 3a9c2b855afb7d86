// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/error.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "record/store.hpp"
#include "report/campaign.hpp"
#include "study/campaign.hpp"
#include "study/shard.hpp"

namespace lanewise::cli {
namespace {

struct Measure {
  std::vector<std::string> models;
  EngineOptions engine;
  ImportSettings import;
  study::CampaignOptions campaign;
  std::string store, csv, shard;
  int jobs = 0;
  OutputOptions output;

  report::CampaignReport measure() const {
    const engine::LoadedEngine loaded = engine.load();
    const engine::Family family = engine::load_family(engine.hw);
    const std::vector<network::Graph> graphs = import.import(models);
    Terminal terminal;
    const study::Progress progress = terminal.progress();
    study::Campaign plan = study::plan_campaign(graphs, loaded.config, family, campaign, progress);
    if (!shard.empty()) study::keep_shard(plan, study::parse_shard(shard));
    record::Store rows(store);
    study::WorkerPool pool(study::default_worker_path(), jobs > 0 ? jobs : study::default_workers());
    const study::CampaignOutcome outcome = study::run_campaign(plan, rows, pool, progress);
    if (!csv.empty()) rows.export_csv(csv);
    return {store,
            family.name,
            rows.rows(),
            static_cast<std::int64_t>(plan.jobs.size()),
            static_cast<std::int64_t>(plan.engines.size()),
            outcome.measured,
            outcome.stored,
            outcome.failed,
            plan.refused_engines,
            plan.refused_networks,
            shard};
  }

  void run() const {
    const report::CampaignReport report = measure();
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
  CLI::App* verb = app.add_subcommand("measure", "Simulate passes of networks on engines of a family, for training");
  const auto options = std::make_shared<Measure>();
  verb->add_option("MODEL", options->models, "ONNX files")->required();
  options->engine.add(*verb);
  verb->add_option("--rows", options->campaign.rows, "Distinct (engine, pass) to measure")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--engines", options->campaign.engines, "Engines to measure on")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--seed", options->campaign.seed, "Seed of every random choice")
      ->type_name("S")
      ->capture_default_str();
  verb->add_option("--out", options->store, "Store of measurements; made, or gone on with")
      ->type_name("STORE")
      ->required();
  verb->add_option("--csv", options->csv, "Also export every row of the store as CSV")->type_name("FILE");
  verb->add_option("--shard", options->shard,
                   "Measure only the I-th of N disjoint shares of the campaign; `store merge` joins them")
      ->type_name("I/N")
      ->check(check_shard);
  add_jobs(*verb, options->jobs);
  options->import.add(*verb);
  options->output.add(*verb, false, false);
  verb->footer(
      "Example:\n  lanewise measure models/*.onnx --hw hwconfigs/ne-256.yaml --rows 20000 --engines 60 --out "
      "ne.sqlite");
  verb->callback([options] { options->run(); });
}

}  // namespace lanewise::cli
