// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "report/describe.hpp"

namespace lanewise::cli {
namespace {

struct EngineShow {
  EngineOptions engine;
  OutputOptions output;

  void run() const {
    const engine::LoadedEngine loaded = engine.load();
    output.emit([&] { return report::engine_json(loaded); }, [&] { return report::engine_csv(loaded); },
                [&] { return report::engine_text(loaded); });
  }
};

}  // namespace

void add_engine(CLI::App& app) {
  CLI::App* group = app.add_subcommand("engine", "Look at engine configurations");
  group->require_subcommand(1);
  group->footer("Example:\n  lanewise engine show hwconfigs/ne-256.yaml");
  CLI::App* verb = group->add_subcommand("show", "Print the effective configuration and where each value comes from");
  const auto options = std::make_shared<EngineShow>();
  verb->add_option("FILE", options->engine.hw, "Engine configuration (hwconfigs/*.yaml)")->required();
  options->engine.add_sets(*verb);
  options->output.add(*verb, true);
  verb->footer("Example:\n  lanewise engine show hwconfigs/ne-256.yaml --set engine.clock=\"1.2 GHz\" --json");
  verb->callback([options] { options->run(); });
}

}  // namespace lanewise::cli
