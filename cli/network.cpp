// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include "cli/file_kind.hpp"
#include "cli/network_argument.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/output_file.hpp"
#include "core/base/version.hpp"
#include "core/network/compression_file.hpp"
#include "core/network/onnx_export.hpp"
#include "report/describe.hpp"
#include "report/memory.hpp"

namespace lanewise::cli {
namespace {

struct NetworkShow {
  NetworkArgument networks;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;
  std::string exported;     // path of a file; "" where it was not given
  std::string compression;  // path of a file; "" where it was not given

  void run() const {
    const network::Graph graph = std::move(load_networks(networks, import, engine).front());
    std::vector<std::string> made;
    if (!exported.empty()) {
      const network::ExportedWeights weights = export_to(graph);
      made.push_back(
          fmt::format("{} (weights: {} kept, {} without numbers as inputs)", exported, weights.kept, weights.stripped));
    }
    if (!compression.empty()) {
      write_file(compression, network::compression_text(graph, compression));
      made.push_back(compression);
    }
    output.emit([&] { return report::network_json(graph); }, [&] { return report::network_csv(graph); },
                [&] { return report::network_text(graph); }, made);
  }

  // Numbers of weights come from the file that was given, if one was.
  network::ExportedWeights export_to(const network::Graph& graph) const {
    network::OnnxExport options;
    if (!networks.models.empty()) {
      options.weights_from = find_network(networks.models.front());
      options.read_as = import.options();
    }
    return network::export_onnx(graph, exported, options);
  }
};

struct NetworkMemory {
  NetworkArgument networks;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;

  void run() const {
    const NetworksOnEngine subject = load(networks, import, engine);
    const engine::LoadedEngine& loaded = subject.engine;
    const network::Graph& graph = subject.graphs.front();
    const study::MemoryAnswer answer{graph.name(), loaded.config.name, version(), engine::identity_of(loaded.config),
                                     mapping::partition_with_memory(graph, loaded.config)};
    output.emit([&] { return report::to_json(answer); }, [&] { return report::to_csv(answer); },
                [&] { return report::to_text(answer); });
  }
};

void add_network_show(CLI::App& group) {
  const auto [verb, options] =
      add_command<NetworkShow>(group, "show", "Print operators, shapes, MACs, parameters and recognised blocks");
  options->networks.add(*verb, false);
  verb->add_option("--hw", options->engine.hw, "Engine that channels of a space follow, a file or a name of hwconfigs/")
      ->type_name("FILE");
  options->import.add(*verb);
  verb->add_option("--export", options->exported,
                   "Write the network as an ONNX file of operator set 17; weights of MODEL keep their numbers")
      ->type_name("FILE");
  verb->add_option("--compression-out", options->compression,
                   "Write the forms of all layers' weights as a file for --compression")
      ->type_name("FILE");
  options->output.add(*verb, true);
  verb->footer(
      "Networks are ONNX files of operator sets 1 to 23.\n\nExample:\n  lanewise network show models/mobilenet_v2.onnx "
      "--json\n  lanewise network show models/mobilenet_v2.onnx --space fusion-only --encoding fuse.ibn3=fused_ibn "
      "--export fused.onnx\n  lanewise network show --space fm28 --encoding "
      "B-r-1.5-s12/i5e1c24r2/f3e3c12r1/f5e1c40r1/i3e4c24r1/h128\n  lanewise network show mobilenet_v2 --prune 2:4 "
      "--cluster 16 --compression-out forms.yaml");
}

void add_memory(CLI::App& group) {
  const auto [verb, options] = add_command<NetworkMemory>(
      group, "memory", "Print which tensors stay on chip between subgraphs, where, and why not");
  options->networks.add(*verb, false);
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
  add_network_show(*group);
  add_memory(*group);
}

}  // namespace lanewise::cli
