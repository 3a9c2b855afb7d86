// SPDX-License-Identifier: Apache-2.0

#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/version.hpp"
#include "report/describe.hpp"
#include "report/memory.hpp"

namespace lanewise::cli {
namespace {

struct NetworkShow {
  std::string model;
  ImportSettings import;
  OutputOptions output;
  std::string exported;

  void run() const {
    const network::Graph graph = import.import(model);
    if (!exported.empty()) export_to(graph);
    output.emit([&] { return report::network_json(graph); }, [&] { return report::network_csv(graph); },
                [&] { return report::network_text(graph); });
  }
};

struct NetworkMemory {
  std::string model;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;

  void run() const {
    const engine::LoadedEngine loaded = engine.load();
    const network::Graph graph = import.import(model);
    const study::MemoryAnswer answer{graph.name(), loaded.config.name, version(), engine::identity_of(loaded.config),
                                     mapping::partition_with_memory(graph, loaded.config)};
    output.emit([&] { return report::to_json(answer); }, [&] { return report::to_csv(answer); },
                [&] { return report::to_text(answer); });
  }
};

void add_show(CLI::App& group) {
  const auto [verb, options] =
      add_command<NetworkShow>(group, "show", "Print operators, shapes, MACs, parameters and recognised blocks");
  verb->add_option("MODEL", options->model, "Network, a file or a name of models/")->required();
  options->import.add(*verb);
  options->output.add(*verb, true);
  verb->footer(
      "Networks are ONNX files of operator sets 1 to 23.\n\nExample:\n  lanewise network show models/mobilenet_v2.onnx "
      "--json");
}

void add_memory(CLI::App& group) {
  const auto [verb, options] = add_command<NetworkMemory>(
      group, "memory", "Print which tensors stay on chip between subgraphs, where, and why not");
  verb->add_option("MODEL", options->model, "Network, a file or a name of models/")->required();
  options->engine.add(*verb);
  options->import.add(*verb);
  options->output.add(*verb, true);
  verb->footer("Example:\n  lanewise network memory models/mobilenet_v2.onnx --hw hwconfigs/ne-256.yaml");
}

}  // namespace

void add_network(CLI::App& app) {
  CLI::App* group = app.add_subcommand("network", "Look at networks");
  group->require_subcommand(1);
  group->footer("Example:\n  lanewise network show models/mobilenet_v2.onnx");
  add_show(*group);
  add_memory(*group);
}

}  // namespace lanewise::cli
