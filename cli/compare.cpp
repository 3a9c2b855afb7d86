// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "cli/estimate_options.hpp"
#include "cli/options.hpp"
#include "cli/page_option.hpp"
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
  std::vector<std::string> sets_a, sets_b;
  std::string by = "simulate";
  EstimatorOption estimator;
  double level = 0.9;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;
  PageOption page;

  // What is set for both sides, then for this one.
  engine::LoadedEngine load(const std::string& path, const std::vector<std::string>& sets) const {
    std::vector<engine::Override> overrides = engine.overrides();
    for (const std::string& text : sets) overrides.push_back(engine::parse_override(text));
    return engine::load_engine(path, overrides);
  }

  study::Comparison compare(const study::Side& left, const study::Side& right, const std::string& left_path,
                            const std::string& right_path) const {
    if (!estimates()) return study::compare(left, right, *study::make_simulator());
    const auto path_of = [&](const std::string& path, const study::Side& side) {
      return estimator.path(path, side.engine->family);
    };
    const std::string model_a = path_of(left_path, left), model_b = path_of(right_path, right);
    const estimator::Estimator of_a = estimator::Estimator::load(model_a);
    study::EstimateOptions options;
    options.level = level;
    if (model_a == model_b) return study::compare(left, of_a, right, of_a, options);
    return study::compare(left, of_a, right, estimator::Estimator::load(model_b), options);
  }

  // --estimator asks for an estimate by itself.
  bool estimates() const { return by == "estimate" || !estimator.file.empty(); }

  study::Comparison comparison() const {
    if (is_engine(a) != is_engine(b)) throw Error("compare takes two networks or two engines, not one of each");
    if (is_engine(a)) {
      if (model.empty()) throw Error("comparing two engines needs --model FILE");
      if (!hw.empty()) throw Error("--hw is for comparing two networks");
      const network::Graph graph = import.import(model);
      const std::string path_a = find_engine(a), path_b = find_engine(b);
      const engine::LoadedEngine left = load(path_a, sets_a), right = load(path_b, sets_b);
      return compare({&graph, &left.config}, {&graph, &right.config}, path_a, path_b);
    }
    if (hw.empty()) throw Error("comparing two networks needs --hw FILE");
    if (!model.empty()) throw Error("--model is for comparing two engines");
    const std::string path = find_engine(hw);
    const engine::LoadedEngine on_a = load(path, sets_a), on_b = load(path, sets_b);
    const network::Graph left = import.import(a), right = import.import(b);
    return compare({&left, &on_a.config}, {&right, &on_b.config}, path, path);
  }

  void run() const {
    output.check();
    page.check(output);
    study::Comparison result = comparison();
    result.a.sizes = result.b.sizes = import.sizes();
    const auto side = [](const study::NetworkAnswer& answer) {
      return answer.network + " on " + answer.identity.title(answer.engine);
    };
    std::vector<std::string> made;
    page.write(
        "compare", side(result.a) + " against " + side(result.b), [&] { return report::to_json(result); }, made);
    output.emit([&] { return report::to_json(result); }, [&] { return report::to_csv(result); },
                [&] { return report::to_text(result); }, made);
  }
};

}  // namespace

void add_compare(CLI::App& app) {
  const auto [verb, options] =
      add_command<Compare>(app, "compare", "Two networks or two engines, subgraph by subgraph: what changed and why");
  verb->add_option("A", options->a, "Network or engine configuration, a file or a name of models/ or hwconfigs/")
      ->required();
  verb->add_option("B", options->b, "The same kind, a file or a name of models/ or hwconfigs/")->required();
  verb->add_option("--hw", options->hw, "Engine to compare two networks on, a file or a name of hwconfigs/")
      ->type_name("FILE");
  verb->add_option("--model", options->model, "Network to compare two engines with, a file or a name of models/")
      ->type_name("FILE");
  options->engine.add_sets(*verb);
  const auto sets_of = [verb = verb](const char* name, std::vector<std::string>& sets, const char* help) {
    verb->add_option(name, sets, help)->type_name("KEY=VALUE")->allow_extra_args(false);
  };
  sets_of("--set-a", options->sets_a, "The same for the engine of A alone (may be given again)");
  sets_of("--set-b", options->sets_b, "The same for the engine of B alone (may be given again)");
  verb->add_option("--by", options->by, "Who answers: simulate or estimate")
      ->check(CLI::IsMember({"simulate", "estimate"}))
      ->capture_default_str();
  options->estimator.add(*verb, "Model file: estimate with it (default with --by estimate: each engine family's)");
  add_level(*verb, options->level, "Probability with which intervals of estimates hold the simulated latency");
  options->import.add(*verb);
  options->output.add(*verb, true);
  options->page.add(*verb);
  verb->footer(
      "Examples:\n  lanewise compare hwconfigs/ne-256.yaml hwconfigs/ne-512.yaml --model models/mobilenet_v2.onnx\n"
      "  lanewise compare models/resnet18.onnx models/resnet50.onnx --hw hwconfigs/ne-256.yaml\n"
      "  lanewise compare ne-256 ne-256 --model mobilenet_v2 --set-b engine.weight_load_kernels_per_cycle=8 --by "
      "estimate");
}

}  // namespace lanewise::cli
