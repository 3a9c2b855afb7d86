// SPDX-License-Identifier: Apache-2.0
// Options that several verbs share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "estimator/estimator.hpp"

namespace lanewise::cli {

// --hw FILE, --set KEY=VALUE …
struct EngineOptions {
  std::string hw;
  std::vector<std::string> sets;
  void add(CLI::App& verb);
  void add_sets(CLI::App& verb);  // --set alone
  std::vector<engine::Override> overrides() const;
  engine::LoadedEngine load() const;
};

// --estimator FILE, or the default of the engine's family.
struct EstimatorOption {
  std::string file;
  void add(CLI::App& verb, const std::string& help);
  // Throws Error where there is none.
  std::string path(const std::string& hwconfig_path, const std::string& family) const;
};

// --batch N, --precision P, --layer-precision FILE
struct ImportSettings {
  std::int64_t batch = 1;
  std::string precision;
  std::string layer_precision;
  void add(CLI::App& verb);
  network::Graph import(const std::string& path) const;
  std::vector<network::Graph> import(const std::vector<std::string>& paths) const;
};

// --json, --csv, --out FILE: what is printed, and where.
struct OutputOptions {
  bool json = false, csv = false;
  std::string out;
  void add(CLI::App& verb, bool with_csv, bool with_out = true);
  // Calls the one of the three that was asked for and writes its text, whole: to --out, or to standard output. Throws
  // Error when it cannot be written. `as_csv` may be empty where --csv is not offered.
  void emit(const std::function<std::string()>& as_json, const std::function<std::string()>& as_csv,
            const std::function<std::string()>& as_text) const;
};

// --trees N, --depth N, --interval-folds N.
void add_training_options(CLI::App& verb, estimator::TrainOptions& training);

// --jobs N, default: one a core.
void add_jobs(CLI::App& verb, int& jobs);

}  // namespace lanewise::cli
