// SPDX-License-Identifier: Apache-2.0
#include "report/space.hpp"
#include "cli/network_argument.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"

namespace lanewise::cli {
namespace {

struct SpaceShow {
  NetworkArgument networks;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;

  void run() const {
    output.check();
    const DesignOfSpace design = load_design(networks, import, engine, true);
    const report::SpaceView view{design.description.name, design.model ? design.model->name() : "",
                                 design.with_engine ? design.engine.config.name : "", design.space.get(),
                                 design.genotype};
    output.emit([&] { return report::to_json(view); }, [&] { return report::to_csv(view); },
                [&] { return report::to_text(view); });
  }
};

void add_space_show(CLI::App& group) {
  const auto [verb, options] =
      add_command<SpaceShow>(group, "show", "Print the genes of a search space, their values, and what is left out");
  verb->add_option("SPACE", options->networks.space, "Search space, a file or a name of spaces/")->required();
  verb->add_option("MODEL", options->networks.models, "Network that the space moves, a file or a name of models/")
      ->expected(0, 1);
  verb->add_option("--encoding", options->networks.encoding, "Design to show (default: that of first values)")
      ->type_name("TEXT");
  verb->add_option("--hw", options->engine.hw,
                   "Engine whose keys are genes, a file or a name of hwconfigs/ (default: the network's genes alone)")
      ->type_name("FILE");
  options->import.add(*verb);
  options->output.add(*verb, true);
  verb->footer(
      "Example:\n  lanewise space show fm28 --encoding B-r-1.5-s12/i5e1c24r2/f3e3c12r1/f5e1c40r1/i3e4c24r1/h128\n"
      "  lanewise space show default mobilenet_v2 --hw ne-256");
}

}  // namespace

void add_space(CLI::App& app) {
  CLI::App* group = app.add_subcommand("space", "Look at search spaces");
  group->require_subcommand(1);
  group->footer("Example:\n  lanewise space show joint --hw ne-256");
  add_space_show(*group);
}

}  // namespace lanewise::cli
