// SPDX-License-Identifier: Apache-2.0
#include "cli/train_until.hpp"

#include <vector>

#include "cli/console/terminal.hpp"
#include "core/base/error.hpp"
#include "study/training/train_until.hpp"

namespace lanewise::cli {
namespace {

// Options that mean something with --until only.
constexpr const char* kOwn[] = {"--split", "--strategy",      "--first-rows", "--batch-rows",
                                "--most",  "--hold-out-rows", "--jobs",       "--with"};

template <class T>
T named(const std::string& name, std::initializer_list<T> values) {
  for (const T value : values) {
    if (name == to_string(value)) return value;
  }
  throw InternalError("'" + name + "' passed the command line");
}

}  // namespace

void TrainUntil::add(CLI::App& verb) {
  verb_ = &verb;
  verb.add_option("--until", target_,
                  "Measure where the model is least sure until this holds on a frozen hold-out: within5>=SHARE, "
                  "within10>=SHARE or mape<=PERCENT")
      ->type_name("TARGET");
  campaign_.add(verb);
  verb.add_option("--split", split_, "What the hold-out is of: unseen_shape, unseen_engine or random")
      ->type_name("SPLIT")
      ->check(CLI::IsMember({"unseen_shape", "unseen_engine", "random"}))
      ->capture_default_str();
  verb.add_option("--strategy", strategy_, "How points are chosen: active or random")
      ->type_name("STRATEGY")
      ->check(CLI::IsMember({"active", "random"}))
      ->capture_default_str();
  const auto count = [&](const char* name, std::int64_t& value, const char* help) {
    return verb.add_option(name, value, help)->type_name("N")->check(CLI::PositiveNumber);
  };
  count("--first-rows", settings_.first_rows, "Rows drawn at random to begin with")->capture_default_str();
  count("--batch-rows", settings_.batch_rows, "Rows that are measured before training again")->capture_default_str();
  count("--hold-out-rows", settings_.hold_out_rows, "Rows of the frozen hold-out, at most")->capture_default_str();
  count("--most", settings_.most_rows, "Rows to measure besides the hold-out, at most (default: all of the campaign)");
  add_jobs(verb, jobs_);
  external_.add(verb);
}

bool TrainUntil::require(bool adapting) const {
  if (verb_->count("--until") > 0) {
    if (adapting) throw CLI::ExcludesError("--until", "--adapt");
    campaign_.require();
    external_.require();
    return true;
  }
  if (adapting ? campaign_.given_beside_engine() : campaign_.given()) {
    throw CLI::RequiredError("--until, or --adapt with --hw and --set, where there is something to measure,");
  }
  for (const char* name : kOwn) {
    if (verb_->count(name) > 0) throw CLI::RequiresError(name, "--until");
  }
  return false;
}

study::LearningReport TrainUntil::run(const std::string& store, const std::string& model,
                                      const estimator::TrainOptions& training) const {
  study::LearningSettings settings = settings_;
  settings.target = study::parse_accuracy_target(target_);
  settings.split =
      named(split_, {estimator::Split::kUnseenShape, estimator::Split::kUnseenEngine, estimator::Split::kRandom});
  settings.strategy = named(strategy_, {study::LearningStrategy::kActive, study::LearningStrategy::kRandom});
  settings.seed = training.seed;
  if (external_.require()) {
    // Each row is dear: other sizes than those of a simulator's, where none are given.
    const study::LearningSettings dear = study::settings_of_dear_rows();
    settings.random_share = dear.random_share;
    if (verb_->count("--first-rows") == 0) settings.first_rows = dear.first_rows;
    if (verb_->count("--batch-rows") == 0) settings.batch_rows = dear.batch_rows;
    if (verb_->count("--hold-out-rows") == 0) settings.hold_out_rows = dear.hold_out_rows;
  }
  const CampaignArguments::Plan what = campaign_.load(training.seed);
  Terminal terminal;
  const Progress progress = terminal.progress();
  const int workers = jobs_ > 0 ? jobs_ : sim::default_workers();
  const study::Campaign plan =
      study::plan_campaign(what.graphs, what.base, what.family, what.options, progress, workers);
  record::Store rows(store);
  if (external_.require()) {
    const std::unique_ptr<study::ExternalTruth> truth = external_.truth(store, jobs_);
    study::LearningReport report = study::train_until(plan, settings, training, rows, store, *truth, model, progress);
    report.external = external_.report(*truth);
    return report;
  }
  sim::WorkerPool pool(sim::default_worker_path(), workers);
  study::SimulatedTruth truth(pool);
  return study::train_until(plan, settings, training, rows, store, truth, model, progress);
}

}  // namespace lanewise::cli
