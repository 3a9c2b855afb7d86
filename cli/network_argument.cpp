// SPDX-License-Identifier: Apache-2.0
#include "cli/network_argument.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "cli/file_kind.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/network/compression_file.hpp"
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

nas::SpaceDescription load_description(const std::string& space, const ImportSettings& import) {
  nas::SpaceDescription description = nas::load_space(find_data("spaces", space));
  if (description.blocks == nullptr) return description;
  if (!import.dims.empty() || !import.inputs.empty() || !import.layer_precision.empty() || !import.custom.empty()) {
    throw Error(
        "--dim, --input, --layer-precision and --custom are for networks of files: the space says its own sizes");
  }
  if (import.compresses()) {
    throw Error(
        "--compression, --prune and --cluster are for networks of files, and for one network of a space where "
        "--encoding "
        "may stand");
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

namespace {

void require_one(const NetworkArgument& argument) {
  if (argument.models.empty() && argument.files_only()) throw CLI::RequiredError("MODEL");
  if (!argument.files_only() && argument.models.size() > 1) {
    throw Error("--space takes one MODEL, or none where it has networks of its own");
  }
}

// What is left to a network without a file: what needs its numbers or its precisions anew does not.
network::Graph compress(const network::Graph& graph, const ImportSettings& import) {
  const network::Compression how = import.compressed();
  if (how.counted) throw Error("--compression counted: a space's own networks have no weights to count");
  if (!import.compression.empty()) {
    const std::vector<network::LayerPrecision> precisions = network::read_compression(import.compression).precisions;
    if (!precisions.empty()) {
      throw Error(precisions.front().origin + ": 'precision' is for networks of files: the space says its own");
    }
  }
  return network::with_compression(graph, how);
}

// A network of a space, and the engine that its encoding asks for.
NetworksOnEngine of_space(const NetworkArgument& argument, const ImportSettings& import, const EngineOptions& options) {
  // A space's own networks are compressed as they are made; moves start from a network that is.
  const bool own = argument.models.empty() && import.compresses();
  DesignOfSpace design = load_design(argument, own ? import.uncompressed() : import, options, false);
  const nas::NetworkSpace& networks = design.space->network();
  if (!design.with_engine && !networks.engine_keys().empty()) {
    throw Error(fmt::format("space '{}': its networks follow {} of an engine: give --hw FILE", design.description.name,
                            fmt::join(networks.engine_keys(), ", ")));
  }
  NetworksOnEngine out;
  if (design.with_engine) {
    std::vector<engine::Override> overrides = options.overrides();
    for (engine::Override& change : design.space->engine_overrides(design.genotype)) {
      change.origin = "--encoding";
      overrides.push_back(std::move(change));
    }
    out.engine = engine::load_engine(options.path(), overrides);
  }
  network::Graph graph = design.space->graph(design.genotype, out.engine.config);
  out.graphs.push_back(own ? compress(graph, import) : std::move(graph));
  return out;
}

}  // namespace

DesignOfSpace load_design(const NetworkArgument& argument, const ImportSettings& import, const EngineOptions& engine,
                          bool engine_genes) {
  DesignOfSpace out;
  out.description = load_description(argument.space, import);
  if (!argument.models.empty()) {
    out.model = std::make_unique<network::Graph>(import.import(argument.models.front()));
  }
  auto networks = nas::make_network_space(out.description, out.model.get());
  out.with_engine = !engine.hw.empty();
  engine::Family family;
  const bool changes = argument.encoding.find(nas::kEngineMark) != std::string::npos;
  if (changes && !out.with_engine) {
    throw Error(fmt::format("encoding '{}': changes the engine: give --hw FILE", argument.encoding));
  }
  nas::SpaceDescription offered = out.description;
  if (out.with_engine) {
    out.engine = engine.load();
    family = engine::load_family(engine.path());
  }
  if (!out.with_engine || !(engine_genes || changes)) {
    offered.engine = {};
    offered.engine.vary = nas::EngineSettings::Vary::kNone;
  }
  out.space = std::make_unique<nas::Space>(offered, std::move(networks), out.engine.config, family);
  out.genotype = argument.encoding.empty() ? out.space->defaults() : out.space->decode(argument.encoding);
  return out;
}

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
