// SPDX-License-Identifier: Apache-2.0
// Options that several verbs share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/console/output.hpp"
#include "core/engine/engine_config.hpp"
#include "core/engine/followers.hpp"
#include "core/network/graph.hpp"
#include "core/network/import.hpp"
#include "estimator/estimator.hpp"
#include "study/evaluation/network_sizes.hpp"

namespace lanewise::cli {

// --scale-with [KEY,…]: keys that follow those that --set or --vary change.
struct ScaleWithOption {
  CLI::Option* option = nullptr;  // where the verb has it
  std::string keys;               // as given, with commas between them; "": all that the family's file names
  void add(CLI::App& verb);
  // nullopt where the option was not given. Throws Error for a key that cannot follow, and for a malformed family file.
  std::optional<engine::Scaling> scaling(const std::string& hwconfig_path) const;
};

// --hw FILE and --set KEY=VALUE, which may be given several times; --plan-for GOAL and --effort N, which set the keys
// mapping.plan_for and mapping.effort.
struct EngineOptions {
  std::string hw;                 // as given: a path, or the bare name of a shipped engine
  std::vector<std::string> sets;  // as given
  std::string plan_for, effort;   // as given; "" where they were not
  ScaleWithOption scale_with;     // of verbs that call scale_with.add
  void add(CLI::App& verb);
  // The same for verbs that may be given a workload, whose file can name its engines: the verb asks for --hw itself.
  void add_optional(CLI::App& verb);
  // All but --hw, for verbs that name the engine in another way.
  void add_sets(CLI::App& verb);
  // Those that were given and, with --scale-with, the keys that follow them. Throws Error naming the first one that is
  // not KEY=VALUE, and as engine::followers_of.
  std::vector<engine::Override> overrides() const;
  // Path of the file that `hw` names. Throws Error, naming the folders that were searched, where there is none.
  std::string path() const;
  // Throws Error as path() and engine::load_engine do.
  engine::LoadedEngine load() const;
};

// Which rules of scale the engine breaks, one line each.
std::vector<std::string> warnings_of_scale(const engine::EngineConfig& config);
// Says them on standard error. Called with an answer at hand: an error is one line by itself.
void warn(const std::vector<std::string>& warnings);

// Path of the engine's file that `name`, a path or the bare name of a shipped engine, stands for. Throws Error, naming
// the folders that were searched, where there is none.
std::string find_engine(const std::string& name);

// --estimator FILE; where it is not given, the default estimator of the engine's family.
struct EstimatorOption {
  std::string file;  // "" where it was not given
  void add(CLI::App& verb, const std::string& help);
  // Throws Error where none is given and the family has no default.
  std::string path(const std::string& hwconfig_path, const std::string& family) const;
};

// How network files are read: --batch N, --dim NAME=N, --input NAME=VALUE, --precision P, --layer-precision FILE,
// --compression FILE, --prune N:M, --cluster N, --custom FILE.
struct ImportSettings {
  std::optional<std::int64_t> batch;
  std::vector<std::string> dims, inputs;  // as given
  std::string precision;                  // as given; "" where it was not
  std::string layer_precision;            // path of a file; "" where it was not given
  std::string compression;                // path of a file, or "counted"; "" where it was not given
  std::string prune;                      // as given; "" where it was not
  std::optional<std::int64_t> clusters;   // of --cluster
  std::string custom;                     // path of a file; "" where it was not given
  void add(CLI::App& verb);
  // What --batch and --dim set: "batch" and the names of --dim, with their values. Throws Error for a text that is no
  // NAME=N, or a name that is set twice.
  study::NetworkSizes sizes() const;
  // Whether --compression, --prune or --cluster was given.
  bool compresses() const { return !compression.empty() || !prune.empty() || clusters; }
  // The same settings without those three.
  ImportSettings uncompressed() const;
  // What the three say of layers' weights. Throws Error where one is malformed.
  network::Compression compressed() const;
  // The same settings with one size more: `name` is "batch" or "dim.NAME".
  ImportSettings with_size(const std::string& name, const std::string& value) const;
  // All of them together. Throws Error where one is malformed.
  network::ImportOptions options() const;
  // `name` is a path, or the bare name of a shipped network. Throws Error where nothing of that name is found, and as
  // network::import_network does.
  network::Graph import(const std::string& name) const;
  // One graph per name, in order.
  std::vector<network::Graph> import(const std::vector<std::string>& names) const;
};

// --trees N, --depth N, --interval-folds N.
void add_training_options(CLI::App& verb, estimator::TrainOptions& training);

// --jobs N. `jobs` keeps its value, which stands for one process per core, where the option is not given.
void add_jobs(CLI::App& verb, int& jobs);

}  // namespace lanewise::cli
