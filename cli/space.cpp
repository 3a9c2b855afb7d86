// SPDX-License-Identifier: Apache-2.0
#include "report/space.hpp"
#include "cli/console/terminal.hpp"
#include "cli/network_argument.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "report/space_prices.hpp"
#include "sim/pool/worker_pool.hpp"

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

struct SpacePrices {
  NetworkArgument networks;
  EngineOptions engine;
  ImportSettings import;
  EstimatorOption estimator;
  std::string by = "estimate";
  int jobs = 1;
  study::SpacePriceOptions options;
  OutputOptions output;

  void run() const {
    output.check();
    const nas::SpaceDescription description = load_description(networks.space, import);
    if (description.blocks == nullptr) {
      throw Error("space '" + description.name +
                  "': has no networks of its own (network.stages), only moves on others");
    }
    const auto space = nas::make_network_space(description, nullptr);
    const engine::LoadedEngine loaded = engine.load();
    const int workers = jobs > 0 ? jobs : sim::default_workers();
    std::optional<estimator::Estimator> regressor;
    if (by == "estimate") {
      regressor = estimator::Estimator::load(estimator.path(engine.path(), loaded.config.family));
    } else if (!estimator.file.empty()) {
      throw Error("--estimator is for --by estimate");
    }
    const auto source = regressor      ? study::make_estimated(*regressor)
                        : workers == 1 ? study::make_simulator()
                                       : study::make_simulator(sim::default_worker_path(), workers);
    study::SpacePrices prices;
    {
      Terminal terminal;
      prices = study::price_space(*space, loaded.config, *source, options, terminal.progress());
    }
    const report::SpacePricesView view{description.name, loaded.config.name, by, &prices};
    output.emit([&] { return report::to_json(view); }, [&] { return report::to_csv(view); },
                [&] { return report::to_text(view); });
  }
};

void add_space_prices(CLI::App& group) {
  const auto [verb, options] =
      add_command<SpacePrices>(group, "prices", "Print what networks drawn from a search space cost on an engine");
  verb->add_option("SPACE", options->networks.space,
                   "Search space with networks of its own, a file or a name of spaces/")
      ->required();
  options->engine.add(*verb);
  verb->add_option("--networks", options->options.networks, "Networks to draw, each once")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}))
      ->capture_default_str();
  verb->add_option("--most-macs", options->options.most_macs, "Most multiply-accumulates of a network, 0: any number")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--most-parameters", options->options.most_parameters, "Most parameters of a network, 0: any number")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--seed", options->options.seed, "Seed of the draws")->type_name("S")->capture_default_str();
  verb->add_option("--by", options->by, "Who answers: estimate or simulate")
      ->check(CLI::IsMember({"estimate", "simulate"}))
      ->capture_default_str();
  options->estimator.add(*verb, "Model file, for --by estimate (default: the engine family's)");
  add_jobs(*verb, options->jobs);
  options->import.add(*verb);
  options->output.add(*verb, true);
  verb->footer(
      "Example:\n  lanewise space prices fm28 --hw ne-256 --most-macs 14000000 --most-parameters 400000 --csv --out "
      "prices.csv");
}

}  // namespace

void add_space(CLI::App& app) {
  CLI::App* group = app.add_subcommand("space", "Look at search spaces");
  group->require_subcommand(1);
  group->footer("Example:\n  lanewise space show joint --hw ne-256");
  add_space_show(*group);
  add_space_prices(*group);
}

}  // namespace lanewise::cli
