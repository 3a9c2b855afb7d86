// SPDX-License-Identifier: Apache-2.0

#include "cli/console/terminal.hpp"
#include "cli/options.hpp"
#include "cli/page_option.hpp"
#include "cli/verbs.hpp"
#include "report/accuracy.hpp"
#include "study/training/accuracy.hpp"

namespace lanewise::cli {
namespace {

struct Evaluate {
  std::string file;
  estimator::TrainOptions training;
  OutputOptions output;
  PageOption page;

  void run() const {
    output.check();
    page.check(output);
    const estimator::AccuracyReport report = [&] {
      Terminal terminal;
      estimator::TrainOptions reporting = training;
      reporting.progress = terminal.progress();
      return study::evaluate_file(file, reporting);
    }();
    std::vector<std::string> made;
    page.write(
        "evaluate", "Accuracy of the estimator of the family " + report.family, [&] { return report::to_json(report); },
        made);
    output.emit([&] { return report::to_json(report); }, [&] { return report::to_csv(report); },
                [&] { return report::to_text(report); }, made);
  }
};

}  // namespace

void add_evaluate(CLI::App& app) {
  const auto [verb, options] = add_command<Evaluate>(
      app, "evaluate", "Accuracy on rows, engines and shapes held out, beside the analytical bound");
  verb->add_option("FILE", options->file, "Model file, or store of measurements (trains anew)")->required();
  verb->add_option("--seed", options->training.seed, "Seed of training, for a store")
      ->type_name("S")
      ->capture_default_str();
  add_training_options(*verb, options->training);
  options->output.add(*verb, true);
  options->page.add(*verb);
  verb->footer("Example:\n  lanewise evaluate ne.lwm --json");
}

}  // namespace lanewise::cli
