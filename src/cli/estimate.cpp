// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "study/answer.hpp"

namespace lanewise::cli {
namespace {

struct Estimate {
  std::vector<std::string> models;
  std::string estimator;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;

  void run() const {
    const engine::LoadedEngine loaded = engine.load();
    const estimator::Estimator regressor = estimator::Estimator::load(estimator);
    std::vector<report::NetworkAnswer> answers;
    for (const network::Graph& graph : import.import(models)) {
      answers.push_back(study::estimate_network(graph, loaded.config, regressor));
    }
    output.emit([&] { return report::to_json(answers); }, [&] { return report::to_csv(answers); },
                [&] { return report::to_text(answers); });
  }
};

}  // namespace

void add_estimate(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("estimate", "Predict what simulate would say, with a trained estimator");
  const auto options = std::make_shared<Estimate>();
  verb->add_option("MODEL", options->models, "ONNX files")->required();
  verb->add_option("--estimator", options->estimator, "Model file from train or codesign")
      ->type_name("FILE")
      ->required();
  options->engine.add(*verb);
  options->import.add(*verb);
  options->output.add(*verb, true);
  verb->footer(
      "Example:\n  lanewise estimate models/resnet50.onnx --hw hwconfigs/ne-1024.yaml --estimator ne.lwm --json");
  verb->callback([options] { options->run(); });
}

}  // namespace lanewise::cli
