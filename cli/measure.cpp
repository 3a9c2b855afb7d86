// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdint>

#include "cli/campaign_arguments.hpp"
#include "cli/console/terminal.hpp"
#include "cli/external_options.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/record/export_csv.hpp"
#include "core/record/store.hpp"
#include "report/campaign.hpp"
#include "study/campaign/campaign.hpp"
#include "study/campaign/shard.hpp"

namespace lanewise::cli {
namespace {

// Some subgraphs got no answer from the program of --with: the same command asks again.
constexpr int kUnanswered = 3;

struct Measure {
  CampaignArguments campaign;
  ExternalOptions external;
  std::string store, csv_file, rows_file, shard;
  CLI::Option* csv_option = nullptr;
  bool texts = false;  // in the rows
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
    study::CampaignOutcome outcome;
    std::optional<study::ExternalReport> program;
    if (external.require()) {
      const std::unique_ptr<study::ExternalTruth> truth = external.truth(store, jobs);
      outcome = study::run_campaign(plan, rows, *truth, progress);
      program = external.report(*truth);
    } else {
      sim::WorkerPool pool(sim::default_worker_path(), workers);
      outcome = study::run_campaign(plan, rows, pool, progress);
    }
    for (const std::string& file : row_files()) {
      progress("writing rows", 0, 0);
      rows.export_csv(file, form());
    }
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
            shard,
            program};
  }

  record::CsvForm form() const { return texts ? record::CsvForm::kTexts : record::CsvForm::kNumbers; }

  // Where every row of the store goes as CSV. `--csv FILE` is what --rows-csv was called before.
  std::vector<std::string> row_files() const {
    std::vector<std::string> files;
    for (const std::string& file : {csv_file, rows_file}) {
      if (!file.empty()) files.push_back(file);
    }
    return files;
  }

  void run() {
    campaign.require();
    external.require();
    if (texts && row_files().empty()) throw CLI::RequiresError("--text-columns", "--rows-csv");
    for (const std::string& file : row_files()) expect_writable(file);
    output.csv = !csv_option->empty() && csv_file.empty();
    if (output.csv && output.json) throw CLI::ExcludesError("--csv", "--json");
    const study::CampaignReport report = measure();
    std::vector<std::string> made = {store};
    for (const std::string& file : row_files()) {
      made.push_back(file);
      const std::string constants = record::constants_path(file, form());
      if (!constants.empty()) made.push_back(constants);
    }
    output.emit([&] { return report::to_json(report); }, [&] { return report::to_csv(report); },
                [&] { return report::to_text(report); }, made);
    // A batch system must not take such a share of a campaign for whole.
    if (report.external && report.external->unanswered > 0) throw CLI::RuntimeError(kUnanswered);
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
  const auto [verb, options] = add_command<Measure>(app, "measure",
                                                    "Measure subgraphs of networks on engines of a family, for "
                                                    "training: simulate them, or ask a program of your own");
  options->campaign.add(*verb);
  verb->add_option("--seed", options->seed, "Seed of every random choice")->type_name("S")->capture_default_str();
  verb->add_option("--out", options->store, "Store of measurements; made, or gone on with")
      ->type_name("STORE")
      ->required();
  verb->add_option("--rows-csv", options->rows_file, "Also write every row of the store as CSV")->type_name("FILE");
  verb->add_flag("--text-columns", options->texts,
                 "Write values of engines in these rows as --set takes them (32 KiB), and constant columns with them");
  options->csv_option =
      verb->add_option("--csv", options->csv_file, "Print the answer as CSV; with FILE the same as --rows-csv FILE")
          ->type_name("[FILE]")
          ->expected(0, 1)
          ->allow_extra_args(false);
  verb->add_option("--shard", options->shard,
                   "Measure only the I-th of N disjoint shares of the campaign; `store merge` joins them")
      ->type_name("I/N")
      ->check(check_shard);
  add_jobs(*verb, options->jobs);
  options->external.add(*verb);
  options->output.add(*verb, false, false);
  verb->footer(
      "With --campaign, --rows, --engines, --seed and --sampling go before what the file says.\n"
      "Examples:\n  lanewise measure --campaign campaigns/quick-ne.yaml --out ne.sqlite\n"
      "  lanewise measure models/*.onnx --hw hwconfigs/ne-256.yaml --rows 20000 --engines 60 --out ne.sqlite\n"
      "  lanewise measure --campaign own.yaml --with './run_rtl {json}' --allow-commands --jobs 8 --out rtl.sqlite");
}

}  // namespace lanewise::cli
