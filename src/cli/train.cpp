// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "base/error.hpp"
#include "cli/options.hpp"
#include "cli/train_until.hpp"
#include "cli/verbs.hpp"
#include "study/accuracy.hpp"
#include "study/training_set.hpp"

namespace lanewise::cli {
namespace {

struct Train {
  std::string store, model;
  estimator::TrainOptions training;
  TrainUntil until;
  OutputOptions output;

  void run() const {
    const study::TrainingSet set = study::load_training_set(store);
    const estimator::Estimator trained = study::train_and_report(set, training);
    trained.save(model);
    const report::AccuracyReport report = study::accuracy_report(trained, model);
    output.emit([&] { return report::to_json(report); }, [&] { return report::to_csv(report); },
                [&] { return report::to_text(report); });
  }

  void run_until() const {
    const report::LearningReport report = until.run(store, model, training);
    output.emit([&] { return report::to_json(report); }, [&] { return report::to_csv(report); },
                [&] { return report::to_text(report); });
  }
};

}  // namespace

void add_train(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "train", "Train an estimator on a store of measurements and hold out three ways; measure until it is accurate");
  const auto options = std::make_shared<Train>();
  verb->add_option("STORE", options->store, "Store of measurements; with --until made, or gone on with")->required();
  verb->add_option("--out", options->model, "Model file to write")->type_name("MODEL.lwm")->required();
  verb->add_option("--seed", options->training.seed, "Seed of training, and of every choice with --until")
      ->type_name("S")
      ->capture_default_str();
  add_training_options(*verb, options->training);
  options->until.add(*verb);
  options->output.add(*verb, true, false);
  verb->footer(
      "Examples:\n  lanewise train ne.sqlite --out ne.lwm\n"
      "  lanewise train ne.sqlite --until \"within10>=0.95\" --campaign campaigns/quick-ne.yaml --out ne.lwm");
  verb->callback([options] {
    if (options->until.require()) {
      options->run_until();
    } else {
      options->run();
    }
  });
}

}  // namespace lanewise::cli
