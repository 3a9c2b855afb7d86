// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "study/answer.hpp"

namespace lanewise::cli {
namespace {

struct Simulate {
  std::vector<std::string> models;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;

  void run() const {
    const engine::LoadedEngine loaded = engine.load();
    const report::RtlStanding rtl = study::rtl_standing(engine.hw, loaded.config);
    const auto simulator = study::make_simulator();
    std::vector<report::NetworkAnswer> answers;
    for (const network::Graph& graph : import.import(models)) {
      answers.push_back(study::answer_one(graph, loaded.config, *simulator));
      answers.back().rtl = rtl;
    }
    output.emit([&] { return report::to_json(answers); }, [&] { return report::to_csv(answers); },
                [&] { return report::to_text(answers); });
  }
};

}  // namespace

void add_simulate(CLI::App& app) {
  CLI::App* verb = app.add_subcommand("simulate", "Run networks on the SystemC engine, pass by pass");
  const auto options = std::make_shared<Simulate>();
  verb->add_option("MODEL", options->models, "ONNX files")->required();
  options->engine.add(*verb);
  options->import.add(*verb);
  options->output.add(*verb, true);
  verb->footer(
      "Example:\n  lanewise simulate models/mobilenet_v2.onnx --hw hwconfigs/ne-256.yaml --set dram.bandwidth=\"6.4 "
      "GB/s\"");
  verb->callback([options] { options->run(); });
}

}  // namespace lanewise::cli
