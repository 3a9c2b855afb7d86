// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "base/error.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "record/store.hpp"
#include "report/campaign.hpp"
#include "study/campaign.hpp"
#include "study/campaign_file.hpp"
#include "study/shard.hpp"

namespace lanewise::cli {
namespace {

struct Measure {
  std::vector<std::string> models;
  EngineOptions engine;
  ImportSettings import;
  std::string file;  // the campaign's, "" where options say what to measure
  study::CampaignOptions campaign;
  std::string sampling;
  std::string store, csv, shard;
  int jobs = 0;
  OutputOptions output;
  // Whether an option was given, and so goes before what the file says.
  std::function<bool(const char*)> given;

  // What to measure, from a file or from options.
  struct Plan {
    engine::EngineConfig base;
    engine::Family family;
    std::vector<network::Graph> graphs;
    study::CampaignOptions options;
  };

  Plan from_options() const {
    Plan plan{engine.load().config, engine::load_family(engine.hw), import.import(models), campaign};
    if (!sampling.empty()) plan.options.sampling = study::parse_engine_sampling(sampling);
    return plan;
  }

  Plan from_file() const {
    const study::CampaignFile described = study::load_campaign_file(file);
    ImportSettings settings;
    settings.batch = described.batch;
    settings.precision = described.precision;
    Plan plan{engine::load_engine(described.hwconfig, described.overrides).config,
              study::with_ranges(engine::load_family(described.hwconfig), described.ranges),
              settings.import(described.networks), described.options};
    if (given("--rows")) plan.options.rows = campaign.rows;
    if (given("--engines")) plan.options.engines = campaign.engines;
    if (given("--seed")) plan.options.seed = campaign.seed;
    if (!sampling.empty()) plan.options.sampling = study::parse_engine_sampling(sampling);
    return plan;
  }

  report::CampaignReport measure() const {
    Plan what = file.empty() ? from_options() : from_file();
    if (!shard.empty()) what.options.shard = study::parse_shard(shard);
    Terminal terminal;
    const study::Progress progress = terminal.progress();
    const int workers = jobs > 0 ? jobs : study::default_workers();
    const study::Campaign plan =
        study::plan_campaign(what.graphs, what.base, what.family, what.options, progress, workers);
    record::Store rows(store);
    study::WorkerPool pool(study::default_worker_path(), workers);
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
  verb->add_option("MODEL", options->models, "ONNX files; where there is no --campaign");
  options->engine.add(*verb);
  verb->get_option("--hw")->required(false);
  CLI::Option* file =
      verb->add_option("--campaign", options->file, "What to measure, as a file (campaigns/*.yaml, docs/campaigns.md)")
          ->type_name("FILE");
  verb->add_option("--rows", options->campaign.rows, "Distinct (engine, pass) to measure")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--engines", options->campaign.engines, "Engines to measure on")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--sampling", options->sampling,
                   "How engines cover their ranges: latin_hypercube or sobol (default latin_hypercube)")
      ->type_name("PLAN")
      ->check(CLI::IsMember({"latin_hypercube", "sobol"}));
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
      "With --campaign, --rows, --engines, --seed and --sampling go before what the file says.\n"
      "Examples:\n  lanewise measure --campaign campaigns/quick-ne.yaml --out ne.sqlite\n"
      "  lanewise measure models/*.onnx --hw hwconfigs/ne-256.yaml --rows 20000 --engines 60 --out ne.sqlite");
  // The file says these; both at once would contradict each other.
  for (const char* other : {"MODEL", "--hw", "--set", "--batch", "--precision", "--layer-precision"}) {
    file->excludes(verb->get_option(other));
  }
  options->given = [verb](const char* name) { return verb->count(name) > 0; };
  verb->callback([options, verb] {
    if (options->file.empty()) {
      for (const char* needed : {"MODEL", "--hw"}) {
        if (verb->count(needed) == 0) throw CLI::RequiredError(std::string(needed) + ", or --campaign,");
      }
    }
    options->run();
  });
}

}  // namespace lanewise::cli
