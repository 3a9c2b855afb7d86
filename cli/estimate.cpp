// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/record/store.hpp"
#include "report/answer.hpp"
#include "study/evaluation/estimate.hpp"

namespace lanewise::cli {
namespace {

struct Estimate {
  std::vector<std::string> models;
  EstimatorOption estimator;
  std::string fallback, store;
  std::optional<double> width;
  double level = 0.9;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;

  std::vector<study::NetworkAnswer> answers() const {
    if (fallback.empty() && (width || !store.empty())) {
      throw Error(std::string(width ? "--fallback-width" : "--store") + " is for --fallback simulate");
    }
    const engine::LoadedEngine loaded = engine.load();
    const std::vector<std::string> warnings = warn_of_scale(loaded.config);
    const std::string model = estimator.path(engine.path(), loaded.config.family);
    const estimator::Estimator regressor = estimator::Estimator::load(model);
    study::EstimateOptions options;
    options.level = level;
    options.fallback_width_percent = width;
    const auto simulator = study::make_simulator();
    std::optional<record::Store> rows;
    if (!fallback.empty()) {
      options.fallback = simulator.get();
      rows.emplace(store.empty() ? model + ".fallback.sqlite" : store);
      options.store = &*rows;
    }
    std::vector<study::NetworkAnswer> out;
    for (const network::Graph& graph : import.import(models)) {
      out.push_back(study::estimate_network(graph, loaded.config, regressor, options));
      out.back().warnings = warnings;
    }
    return out;
  }

  void run() const {
    const std::vector<study::NetworkAnswer> all = answers();
    output.emit([&] { return report::to_json(all); }, [&] { return report::to_csv(all); },
                [&] { return report::to_text(all); });
  }
};

}  // namespace

void add_estimate(CLI::App& app) {
  const auto [verb, options] =
      add_command<Estimate>(app, "estimate", "Predict what simulate would say, with a trained estimator");
  verb->add_option("MODEL", options->models, "Networks, files or names of models/")->required();
  options->estimator.add(*verb, "Model file from train or codesign (default: the engine family's)");
  options->engine.add(*verb);
  options->engine.scale_with.add(*verb);
  verb->add_option("--level", options->level, "Probability with which intervals hold the simulated latency")
      ->type_name("P")
      ->check(CLI::Range(0.01, 0.999))
      ->capture_default_str();
  verb->add_option(
          "--fallback", options->fallback,
          "Who answers for subgraphs beyond what the estimator was trained on: simulate (default: nobody else)")
      ->check(CLI::IsMember({"simulate"}));
  verb->add_option("--fallback-width", options->width,
                   "Also for subgraphs whose interval is wider, in percent of the prediction")
      ->type_name("PERCENT")
      ->check(CLI::PositiveNumber);
  verb->add_option("--store", options->store,
                   "Store that keeps what was simulated (default: MODEL.lwm.fallback.sqlite)")
      ->type_name("STORE");
  options->import.add(*verb);
  options->output.add(*verb, true);
  verb->footer(
      "Examples:\n  lanewise estimate models/resnet50.onnx --hw hwconfigs/ne-1024.yaml --level 0.95\n"
      "  lanewise estimate models/resnet50.onnx --hw hwconfigs/ne-1024.yaml --set \"dram.bandwidth=0.8 GB/s\" \\\n"
      "    --estimator ne.lwm --fallback simulate --store more.sqlite --json");
}

}  // namespace lanewise::cli
