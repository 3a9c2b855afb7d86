// SPDX-License-Identifier: Apache-2.0

#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "report/model_card.hpp"
#include "study/training/model_card.hpp"

namespace lanewise::cli {
namespace {

struct EstimatorShow {
  std::string file;
  OutputOptions output;

  void run() const {
    const study::ModelCard card = study::model_card(file);
    output.emit([&] { return report::to_json(card); }, nullptr, [&] { return report::to_text(card); });
  }
};

}  // namespace

void add_estimator(CLI::App& app) {
  CLI::App* group = app.add_subcommand("estimator", "Look at model files");
  group->require_subcommand(1);
  group->footer("Example:\n  lanewise estimator show trained/ne.lwm");
  const auto [verb, options] = add_command<EstimatorShow>(
      *group, "show", "Print a model's card: what it was trained on, and how far to trust it");
  verb->add_option("FILE", options->file, "Model file")->required();
  options->output.add(*verb, false);
  verb->footer("Example:\n  lanewise estimator show trained/ne.lwm --json");
}

}  // namespace lanewise::cli
