// SPDX-License-Identifier: Apache-2.0
// The networks that a verb is about: files, or a network of a search space by its encoding.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "nas/space/space.hpp"
#include "nas/space/space_description.hpp"

namespace lanewise::cli {

// MODEL …, or --space FILE --encoding TEXT in its place, or together with it where the space is one of moves.
struct NetworkArgument {
  std::vector<std::string> models;  // as given
  std::string space, encoding;      // as given; "" where they were not
  bool several = false;             // whether the verb takes more than one network
  // With `or_workload` its help says that a workload may stand in the networks' place.
  void add(CLI::App& verb, bool takes_several, bool or_workload = false);
  // Whether the networks are those of files alone.
  bool files_only() const { return space.empty(); }
};

// The space of a file or of that name in spaces/, with what --batch and --precision change of its own networks. Throws
// Error as nas::load_space, and for options of `import` that only networks of files take.
nas::SpaceDescription load_description(const std::string& space, const ImportSettings& import);

// What the verb is about: the networks, and the engine with what the encoding changes of it.
struct NetworksOnEngine {
  std::vector<network::Graph> graphs;
  engine::LoadedEngine engine;
};
// Throws CLI::RequiredError where neither MODEL nor --space was given, and Error as importing networks, loading engines
// and spaces, and decoding do.
NetworksOnEngine load(const NetworkArgument& argument, const ImportSettings& import, const EngineOptions& engine);
// The networks alone; `engine.hw` may be empty. Throws Error, too, where the network follows the engine and none is
// given.
std::vector<network::Graph> load_networks(const NetworkArgument& argument, const ImportSettings& import,
                                          const EngineOptions& engine);

// A space with one of its designs.
struct DesignOfSpace {
  nas::SpaceDescription description;
  std::unique_ptr<network::Graph> model;  // what the space moves; null where it has networks of its own
  bool with_engine = false;
  engine::LoadedEngine engine;        // the base, where there is one
  std::unique_ptr<nas::Space> space;  // without engine genes the network's alone
  nas::Genotype genotype;             // canonical
};
// `argument.space` is given. The genes of the engine are there where `engine_genes` asks for them or the encoding has
// some. Throws Error as load does.
DesignOfSpace load_design(const NetworkArgument& argument, const ImportSettings& import, const EngineOptions& engine,
                          bool engine_genes);

}  // namespace lanewise::cli
