// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "cli/console/terminal.hpp"
#include "cli/file_kind.hpp"
#include "cli/options.hpp"
#include "cli/train_until.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "report/accuracy.hpp"
#include "report/adaptation.hpp"
#include "study/calibration/adapt.hpp"
#include "study/dataset/sample_set.hpp"
#include "study/training/accuracy.hpp"

namespace lanewise::cli {
namespace {

struct Train {
  std::string store, given, model, rows;
  estimator::TrainOptions training;
  study::AdaptSettings adapting;
  TrainUntil until;
  OutputOptions output;

  void run() const {
    const bool measures = until.require(!rows.empty());
    expect_writable(model);
    measures ? run_until() : run_once();
  }

  void run_once() const {
    if (store.empty() == given.empty()) throw Error("train needs either STORE or --estimator MODEL.lwm");
    if (!given.empty() && rows.empty()) throw Error("--estimator is for --adapt ROWS.csv");
    if (!rows.empty() && until.engine().hw.empty()) throw Error("--adapt ROWS.csv needs --hw FILE");
    if (!rows.empty()) expect_table("--adapt", rows);
    if (!given.empty()) expect_estimator("--estimator", given);
    if (!store.empty()) expect_store("STORE", store);
    estimator::Estimator trained = given.empty() ? train() : estimator::Estimator::load(given);
    rows.empty() ? finish(trained) : finish_adapted(trained);
  }

  estimator::Estimator train() const {
    Terminal terminal;
    estimator::TrainOptions reporting = training;
    reporting.progress = terminal.progress();
    const study::SampleSet set = study::load_sample_set(store, reporting.progress);
    return study::train_and_report(set, reporting);
  }

  void finish(const estimator::Estimator& trained) const {
    trained.save(model);
    const estimator::AccuracyReport report = study::accuracy_report(trained, model);
    output.emit([&] { return report::to_json(report); }, [&] { return report::to_csv(report); },
                [&] { return report::to_text(report); }, {model});
  }

  void run_until() const {
    const study::LearningReport report = until.run(store, model, training);
    output.emit([&] { return report::to_json(report); }, [&] { return report::to_csv(report); },
                [&] { return report::to_text(report); }, {store, model});
  }

  void finish_adapted(estimator::Estimator& trained) const {
    study::AdaptSettings settings = adapting;
    settings.seed = training.seed;
    settings.hw = until.engine().path();
    settings.overrides = until.engine().overrides();
    const study::AdaptationReport report = [&] {
      Terminal terminal;
      return study::adapt(trained, rows, settings, terminal.progress());
    }();
    trained.save(model);
    output.emit([&] { return report::to_json(report); }, [&] { return report::to_csv(report); },
                [&] { return report::to_text(report); }, {model});
  }
};

void add_adapting_options(CLI::App& verb, Train& options) {
  CLI::Option* rows =
      verb.add_option("--adapt", options.rows, "Adapt to measured rows, 10 to 50 of them, as validate reads them")
          ->type_name("ROWS.csv");
  verb.add_option("--fit", options.adapting.keys,
                  "Keys that get effective values (default: overheads, latencies and bandwidths of its kind)")
      ->type_name("KEY[,KEY…]")
      ->needs(rows);
  verb.add_option("--engine", options.adapting.engine_name,
                  "Adapt to the rows that the column `engine` gives this name (default: the description's)")
      ->type_name("NAME")
      ->needs(rows);
  verb.add_option("--cycles", options.adapting.cycles_column,
                  "Column of a layer's measured cycles (default cycles, else cycles_latest)")
      ->type_name("COLUMN")
      ->needs(rows);
  verb.add_option("--folds", options.adapting.folds, "Folds of the adaptation's cross-validation")
      ->type_name("N")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str()
      ->needs(rows);
}

}  // namespace

void add_train(CLI::App& app) {
  const auto [verb, options] =
      add_command<Train>(app, "train",
                         "Train an estimator on a store of measurements and hold out three ways; measure "
                         "until it is accurate; adapt one to "
                         "measured hardware");
  verb->add_option("STORE", options->store, "Store of measurements; with --until made, or gone on with");
  verb->add_option("--estimator", options->given, "Instead of STORE: a trained model, to be adapted")
      ->type_name("MODEL.lwm");
  verb->add_option("--out", options->model, "Model file to write")->type_name("MODEL.lwm")->required();
  verb->add_option("--seed", options->training.seed,
                   "Seed of training, of every choice with --until, and of the folds with --adapt")
      ->type_name("S")
      ->capture_default_str();
  add_training_options(*verb, options->training);
  options->until.add(*verb);
  add_adapting_options(*verb, *options);
  options->output.add(*verb, true, false);
  verb->footer(
      "Examples:\n  lanewise train ne.sqlite --out ne.lwm\n"
      "  lanewise train ne.sqlite --until \"within10>=0.95\" --campaign campaigns/quick-ne.yaml --out ne.lwm\n"
      "  lanewise train --estimator ne.lwm --adapt my_chip.csv --hw hwconfigs/ne-256.yaml --out my_chip.lwm");
}

}  // namespace lanewise::cli
