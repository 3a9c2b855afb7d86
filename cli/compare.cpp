// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "report/compare.hpp"
#include "study/evaluation/compare.hpp"

namespace lanewise::cli {
namespace {

// Whether A or B is an engine: by its suffix, or by where a bare name is found.
bool is_engine(const std::string& path) {
  const auto ends = [&](const std::string& end) {
    return path.size() >= end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0;
  };
  if (ends(".yaml") || ends(".yml")) return true;
  return !look_for_data("models", path) && look_for_data("hwconfigs", path);
}

struct Compare {
  std::string a, b, hw, model;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;

  study::Comparison comparison() const {
    if (is_engine(a) != is_engine(b)) throw Error("compare takes two networks or two engines, not one of each");
    const auto simulator = study::make_simulator();
    if (is_engine(a)) {
      if (model.empty()) throw Error("comparing two engines needs --model FILE");
      if (!hw.empty()) throw Error("--hw is for comparing two networks");
      const network::Graph graph = import.import(model);
      const engine::LoadedEngine left = engine::load_engine(find_engine(a), engine.overrides());
      const engine::LoadedEngine right = engine::load_engine(find_engine(b), engine.overrides());
      return study::compare({&graph, &left.config}, {&graph, &right.config}, *simulator);
    }
    if (hw.empty()) throw Error("comparing two networks needs --hw FILE");
    if (!model.empty()) throw Error("--model is for comparing two engines");
    const engine::LoadedEngine loaded = engine::load_engine(find_engine(hw), engine.overrides());
    const network::Graph left = import.import(a), right = import.import(b);
    return study::compare({&left, &loaded.config}, {&right, &loaded.config}, *simulator);
  }

  void run() const {
    const study::Comparison result = comparison();
    output.emit([&] { return report::to_json(result); }, [&] { return report::to_csv(result); },
                [&] { return report::to_text(result); });
  }
};

}  // namespace

void add_compare(CLI::App& app) {
  const auto [verb, options] =
      add_command<Compare>(app, "compare", "Two networks or two engines, subgraph by subgraph: what changed and why");
  verb->add_option("A", options->a, "Network or engine configuration, a file or a name of models/ or hwconfigs/")
      ->required();
  verb->add_option("B", options->b, "The same kind")->required();
  verb->add_option("--hw", options->hw, "Engine to compare two networks on")->type_name("FILE");
  verb->add_option("--model", options->model, "Network to compare two engines with")->type_name("FILE");
  options->engine.add_sets(*verb);
  options->import.add(*verb);
  options->output.add(*verb, true);
  verb->footer(
      "Examples:\n  lanewise compare hwconfigs/ne-256.yaml hwconfigs/ne-512.yaml --model models/mobilenet_v2.onnx\n"
      "  lanewise compare models/resnet18.onnx models/resnet50.onnx --hw hwconfigs/ne-256.yaml");
}

}  // namespace lanewise::cli
