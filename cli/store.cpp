// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/record/merge.hpp"
#include "report/store.hpp"
#include "study/dataset/dataset.hpp"
#include "study/dataset/store_summary.hpp"

namespace lanewise::cli {
namespace {

struct Merge {
  std::string out;
  std::vector<std::string> inputs;
  OutputOptions output;

  void run() const {
    const record::MergeOutcome outcome = record::merge_stores(out, inputs);
    output.emit([&] { return report::to_json(outcome, out); }, nullptr, [&] { return report::to_text(outcome, out); },
                {out});
  }
};

struct Show {
  std::string store;
  OutputOptions output;

  void run() const {
    const study::StoreSummary summary = study::summarize_store(store);
    output.emit([&] { return report::to_json(summary); }, nullptr, [&] { return report::to_text(summary); });
  }
};

struct Export {
  std::string store, folder;
  bool texts = false, features = false;
  OutputOptions output;

  void run() const {
    study::DatasetOptions options;
    options.form = texts ? record::CsvForm::kTexts : record::CsvForm::kNumbers;
    options.features = features;
    std::vector<std::string> made;
    for (const std::string& file : study::dataset_files(options)) made.push_back(folder + "/" + file);
    const auto card = [&](const study::StoreSummary& summary) { return report::dataset_card(summary, options); };
    const study::StoreSummary summary = study::export_dataset(store, folder, card, options);
    output.emit([&] { return report::to_json(summary); }, nullptr, [&] { return report::to_text(summary); }, made);
  }
};

void add_merge(CLI::App& app) {
  const auto [verb, options] =
      add_command<Merge>(app, "merge", "Join stores, those of a campaign's shards say, into one");
  verb->add_option("OUT", options->out, "Store to write; one that is there already is joined in")->required();
  verb->add_option("IN", options->inputs, "Stores to join")->required();
  options->output.add(*verb, false, false);
  verb->footer("Example:\n  lanewise store merge ne.sqlite shards/1.sqlite shards/2.sqlite");
}

void add_store_show(CLI::App& app) {
  const auto [verb, options] =
      add_command<Show>(app, "show", "What a store holds: rows, engines, networks, failures, splits");
  verb->add_option("STORE", options->store, "Store of measurements")->required();
  options->output.add(*verb, false);
  verb->footer("Example:\n  lanewise store show ne.sqlite");
}

void add_export(CLI::App& app) {
  const auto [verb, options] =
      add_command<Export>(app, "export", "Write a store as a dataset: CSV, SQLite, splits, dictionary, card");
  verb->add_option("STORE", options->store, "Store of measurements")->required();
  verb->add_option("--out", options->folder, "Folder to write; must not exist yet, or be empty")
      ->type_name("FOLDER")
      ->required();
  verb->add_flag("--features", options->features,
                 "Also write features.csv: what the estimator's regressor sees of each row, labels and splits");
  verb->add_flag("--text-columns", options->texts,
                 "Write values of engines as --set takes them (32 KiB), and constant columns into the rows");
  options->output.add(*verb, false, false);
  verb->footer(
      "Examples:\n  lanewise store export ne.sqlite --out ne-dataset\n"
      "  lanewise store export ne.sqlite --out ne-dataset --features");
}

}  // namespace

void add_store(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("store", "Join, look into and export stores of measurements");
  verb->require_subcommand(1);
  verb->footer("Example:\n  lanewise store show ne.sqlite\n`lanewise store VERB --help` explains each.");
  add_merge(*verb);
  add_store_show(*verb);
  add_export(*verb);
}

}  // namespace lanewise::cli
