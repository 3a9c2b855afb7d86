// SPDX-License-Identifier: Apache-2.0
#include "cli/network_argument.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "cli/file_kind.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/network/precisions.hpp"
#include "nas/space/gene_text.hpp"
#include "nas/space/space.hpp"

namespace lanewise::cli {

void NetworkArgument::add(CLI::App& verb, bool takes_several, bool or_workload) {
  several = takes_several;
  std::string help = takes_several ? "Networks, files or names of models/" : "Network, a file or a name of models/";
  if (or_workload) help += ", or one workload, a file or a name of workloads/";
  CLI::Option* const model = verb.add_option("MODEL", models, help);
  if (!takes_several) model->expected(0, 1);
  CLI::Option* const file = verb.add_option("--space", space,
                                            "Search space, a file or a name of spaces/: a network of it in place of "
                                            "MODEL, or moves on MODEL")
                                ->type_name("FILE");
  verb.add_option("--encoding", encoding, "Which network of the space (default: that of first values)")
      ->type_name("TEXT")
      ->needs(file);
}

namespace {

// The space with what --batch and --precision change of its own networks.
nas::SpaceDescription load_description(const NetworkArgument& argument, const ImportSettings& import) {
  nas::SpaceDescription description = nas::load_space(find_data("spaces", argument.space));
  if (description.blocks == nullptr) return description;
  if (!import.dims.empty() || !import.inputs.empty() || !import.layer_precision.empty() || !import.custom.empty()) {
    throw Error(
        "--dim, --input, --layer-precision and --custom are for networks of files: the space says its own sizes");
  }
  nas::BlockChanges changes;
  changes.batch = import.batch;
  if (!import.precision.empty()) {
    const network::PrecisionPair pair = network::parse_precisions(import.precision);
    changes.activations = pair.activations;
    changes.weights = pair.weights;
  }
  description.blocks = std::make_shared<const nas::BlockSettings>(nas::with_changes(*description.blocks, changes));
  return description;
}

void require_one(const NetworkArgument& argument) {
  if (argument.models.empty() && argument.files_only()) throw CLI::RequiredError("MODEL");
  if (!argument.files_only() && argument.models.size() > 1) {
    throw Error("--space takes one MODEL, or none where it has networks of its own");
  }
}

// A network of a space, and the engine that its encoding asks for.
NetworksOnEngine of_space(const NetworkArgument& argument, const ImportSettings& import, const EngineOptions& options) {
  const nas::SpaceDescription description = load_description(argument, import);
  std::optional<network::Graph> model;
  if (!argument.models.empty()) model = import.import(argument.models.front());
  std::unique_ptr<nas::NetworkSpace> networks = nas::make_network_space(description, model ? &*model : nullptr);
  NetworksOnEngine out;
  const bool with_engine = !options.hw.empty();
  if (with_engine) out.engine = options.load();
  nas::Genotype genotype(networks->genes().size(), 0);
  if (argument.encoding.find(nas::kEngineMark) == std::string::npos) {
    if (!argument.encoding.empty()) genotype = networks->decode(argument.encoding);
    if (!with_engine && !networks->engine_keys().empty()) {
      throw Error(fmt::format("space '{}': its networks follow {} of an engine: give --hw FILE", description.name,
                              fmt::join(networks->engine_keys(), ", ")));
    }
    out.graphs.push_back(networks->build(genotype, out.engine.config));
    return out;
  }
  if (!with_engine) {
    throw Error(fmt::format("encoding '{}': changes the engine: give --hw FILE", argument.encoding));
  }
  const std::string path = options.path();
  const nas::Space space(description, std::move(networks), out.engine.config, engine::load_family(path));
  genotype = space.decode(argument.encoding);
  std::vector<engine::Override> overrides = options.overrides();
  for (engine::Override& change : space.engine_overrides(genotype)) {
    change.origin = "--encoding";
    overrides.push_back(std::move(change));
  }
  out.engine = engine::load_engine(path, overrides);
  out.graphs.push_back(space.graph(genotype, out.engine.config));
  return out;
}

}  // namespace

NetworksOnEngine load(const NetworkArgument& argument, const ImportSettings& import, const EngineOptions& engine) {
  require_one(argument);
  if (!argument.files_only()) return of_space(argument, import, engine);
  NetworksOnEngine out;
  out.engine = engine.load();
  out.graphs = import.import(argument.models);
  return out;
}

std::vector<network::Graph> load_networks(const NetworkArgument& argument, const ImportSettings& import,
                                          const EngineOptions& engine) {
  require_one(argument);
  if (!argument.files_only()) return of_space(argument, import, engine).graphs;
  return import.import(argument.models);
}

}  // namespace lanewise::cli
