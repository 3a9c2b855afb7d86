// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "report/describe.hpp"

namespace lanewise::cli {
namespace {

struct NetworkShow {
  std::string model;
  ImportSettings import;
  OutputOptions output;

  void run() const {
    const network::Graph graph = import.import(model);
    output.emit([&] { return report::network_json(graph); }, [&] { return report::network_csv(graph); },
                [&] { return report::network_text(graph); });
  }
};

}  // namespace

void add_network(CLI::App& app) {
  CLI::App* group = app.add_subcommand("network", "Look at networks");
  group->require_subcommand(1);
  group->footer("Example:\n  lanewise network show models/mobilenet_v2.onnx");
  CLI::App* verb = group->add_subcommand("show", "Print operators, shapes, MACs, parameters and recognised blocks");
  const auto options = std::make_shared<NetworkShow>();
  verb->add_option("MODEL", options->model, "ONNX file")->required();
  options->import.add(*verb);
  options->output.add(*verb, true);
  verb->footer("Example:\n  lanewise network show models/mobilenet_v2.onnx --json");
  verb->callback([options] { options->run(); });
}

}  // namespace lanewise::cli
