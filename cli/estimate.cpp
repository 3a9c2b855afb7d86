// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/estimate.hpp"
#include "cli/estimate_options.hpp"
#include "cli/network_argument.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "cli/workload.hpp"
#include "report/answer.hpp"

namespace lanewise::cli {
namespace {

struct Estimate {
  NetworkArgument networks;
  EstimatorOption estimator;
  FallbackOptions fallback;
  double level = 0.9;
  bool with_sets = false;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;

  std::vector<study::NetworkAnswer> answers() const {
    fallback.check();
    const NetworksOnEngine subject = load(networks, import, engine);
    const engine::LoadedEngine& loaded = subject.engine;
    const std::vector<std::string> warnings = warnings_of_scale(loaded.config);
    const std::string model = estimator.path(engine.path(), loaded.config.family);
    const estimator::Estimator regressor = estimator::Estimator::load(model);
    const EstimateRun run(level, fallback, model, study::make_simulator());
    std::vector<study::NetworkAnswer> out;
    for (const network::Graph& graph : subject.graphs) {
      out.push_back(study::estimate_network(graph, loaded.config, regressor, run.options));
      out.back().warnings = warnings;
      out.back().sizes = import.sizes();
    }
    return out;
  }

  void run_workload(const std::string& path) const {
    if (!fallback.fallback.empty())
      throw Error("--fallback: a workload is estimated as a whole; simulate simulates it");
    const WorkloadArguments workload(path, engine, import);
    const estimator::Estimator regressor =
        estimator::Estimator::load(estimator.path(workload.hwconfig(), workload.family()));
    const auto source = study::make_estimated(regressor);
    workload.run(*source, with_sets, "", output);
  }

  void run() const {
    output.check();
    if (const auto workload = workload_among(networks.models)) return run_workload(*workload);
    if (with_sets) throw Error("--sets is for a workload");
    const std::vector<study::NetworkAnswer> all = answers();
    if (!all.empty()) warn(all.front().warnings);
    output.emit([&] { return report::to_json(all); }, [&] { return report::to_csv(all); },
                [&] { return report::to_text(all); });
  }
};

}  // namespace

void add_estimate(CLI::App& app) {
  const auto [verb, options] =
      add_command<Estimate>(app, "estimate", "Predict what simulate would say, with a trained estimator");
  options->networks.add(*verb, true, true);
  options->estimator.add(*verb, "Model file from train or codesign (default: the engine family's)");
  options->engine.add_optional(*verb);
  options->engine.scale_with.add(*verb);
  add_level(*verb, options->level, "Probability with which intervals hold the simulated latency");
  options->fallback.add(*verb);
  verb->add_flag("--sets", options->with_sets,
                 "Of a workload: also which sets of its networks the engine can run side by side");
  options->import.add(*verb);
  options->output.add(*verb, true);
  verb->footer(
      "Examples:\n  lanewise estimate models/resnet50.onnx --hw hwconfigs/ne-1024.yaml --level 0.95\n"
      "  lanewise estimate models/resnet50.onnx --hw hwconfigs/ne-1024.yaml --set \"dram.bandwidth=0.8 GB/s\" \\\n"
      "    --estimator ne.lwm --fallback simulate --store more.sqlite --json");
}

}  // namespace lanewise::cli
