// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <optional>

#include "cli/console/quiet.hpp"
#include "cli/network_argument.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "estimator/default_estimator.hpp"
#include "report/explain.hpp"
#include "study/evaluation/explain.hpp"

namespace lanewise::cli {
namespace {

struct Explain {
  NetworkArgument networks;
  std::string layer;
  EstimatorOption estimator;
  double level = 0.9;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;

  // A default that cannot be read leaves the layer without a prediction, one that was asked for is an error.
  std::optional<estimator::Estimator> load_estimator(const std::string& family) const {
    if (!estimator.file.empty()) return estimator::Estimator::load(estimator.file);
    const std::optional<std::string> file = estimator::find_default_estimator(engine.path(), family);
    if (!file) return std::nullopt;
    try {
      return estimator::Estimator::load(*file);
    } catch (const Error& error) {
      if (!quiet()) std::fprintf(stderr, "lanewise: note: no prediction: %s\n", printable(error.what()).c_str());
      return std::nullopt;
    }
  }

  void run() const {
    const NetworksOnEngine subject = load(networks, import, engine);
    const engine::LoadedEngine& loaded = subject.engine;
    const std::optional<estimator::Estimator> regressor = load_estimator(loaded.config.family);
    const auto explanations =
        study::explain(subject.graphs.front(), loaded.config, layer, regressor ? &*regressor : nullptr, level);
    output.emit([&] { return report::to_json(explanations); }, nullptr, [&] { return report::to_text(explanations); });
  }
};

}  // namespace

void add_explain(CLI::App& app) {
  const auto [verb, options] =
      add_command<Explain>(app, "explain", "One layer, hop by hop: operator, subgraph, tile plan, units, prediction");
  options->networks.add(*verb, false);
  verb->add_option("--layer", options->layer, "Name of an operator, or a part that only it has")
      ->type_name("NAME")
      ->required();
  options->engine.add(*verb);
  options->engine.scale_with.add(*verb);
  options->estimator.add(*verb, "Model file: also predict, and why (default: the engine family's, where there is one)");
  verb->add_option("--level", options->level, "Probability with which the prediction's interval holds")
      ->type_name("P")
      ->check(CLI::Range(0.01, 0.999))
      ->capture_default_str();
  options->import.add(*verb);
  options->output.add(*verb, false);
  verb->footer(
      "Example:\n  lanewise explain models/mobilenet_v2.onnx --layer features.2/conv/conv.1/conv.1.0/Conv \\\n"
      "    --hw hwconfigs/ne-256.yaml --estimator ne.lwm");
}

}  // namespace lanewise::cli
