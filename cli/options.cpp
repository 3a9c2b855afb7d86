// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/printable.hpp"
#include "core/engine/scaling_rules.hpp"
#include "core/network/import.hpp"
#include "core/record/file.hpp"
#include "estimator/default_estimator.hpp"

namespace lanewise::cli {

void ScaleWithOption::add(CLI::App& verb) {
  option = verb.add_option("--scale-with", keys,
                           "Keys that change with those that are set or varied: KEY or KEY^EXPONENT; without a value "
                           "all that the family's file says (docs/hwconfig.md)")
               ->type_name("[KEY,…]")
               ->expected(0, 1)
               ->allow_extra_args(false);
}

std::optional<engine::Scaling> ScaleWithOption::scaling(const std::string& hwconfig_path) const {
  if (option == nullptr || option->empty()) return std::nullopt;
  engine::Scaling scaling;
  scaling.rules = engine::load_follow_rules(hwconfig_path, engine::load_engine(hwconfig_path).config.family);
  for (std::size_t begin = 0; !keys.empty() && begin <= keys.size();) {
    const std::size_t comma = std::min(keys.find(',', begin), keys.size());
    scaling.named.push_back(engine::parse_follower(keys.substr(begin, comma - begin)));
    begin = comma + 1;
  }
  return scaling;
}

void EngineOptions::add_sets(CLI::App& verb) {
  verb.add_option("--set", sets, "Override an engine parameter (may be given again)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  verb.add_option("--plan-for", plan_for, "What subgraphs are planned for: latency, energy or dram (default latency)")
      ->type_name("GOAL");
  verb.add_option("--effort", effort, "How many plans are tried, 0 to 4 (default 1); more takes longer")
      ->type_name("N");
}

void EngineOptions::add(CLI::App& verb) {
  verb.add_option("--hw", hw, "Engine configuration, a file or a name of hwconfigs/")->type_name("FILE")->required();
  add_sets(verb);
}

std::vector<engine::Override> EngineOptions::overrides() const {
  std::vector<engine::Override> out;
  out.reserve(sets.size());
  for (const std::string& text : sets) out.push_back(engine::parse_override(text));
  if (!plan_for.empty()) out.push_back({"mapping.plan_for", plan_for});
  if (!effort.empty()) out.push_back({"mapping.effort", effort});
  if (scale_with.option == nullptr || scale_with.option->empty()) return out;
  if (out.empty()) throw Error("--scale-with: no key is set or varied that others could follow");
  const std::string file = path();
  const auto scaling = scale_with.scaling(file);
  const std::vector<engine::Override> followers = engine::followers_of(engine::load_engine(file).config, out, *scaling);
  out.insert(out.end(), followers.begin(), followers.end());
  return out;
}

std::string EngineOptions::path() const { return find_engine(hw); }

engine::LoadedEngine EngineOptions::load() const { return engine::load_engine(path(), overrides()); }

std::vector<std::string> warnings_of_scale(const engine::EngineConfig& config) {
  std::vector<std::string> warnings;
  for (engine::ScalingWarning& warning : engine::scaling_warnings(config))
    warnings.push_back(std::move(warning.message));
  return warnings;
}

void warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    std::fprintf(stderr, "lanewise: warning: %s\n", printable(warning).c_str());
  }
}

std::string find_engine(const std::string& name) { return find_data("hwconfigs", name); }

void EstimatorOption::add(CLI::App& verb, const std::string& help) {
  verb.add_option("--estimator", file, help)->type_name("FILE");
}

std::string EstimatorOption::path(const std::string& hwconfig_path, const std::string& family) const {
  return file.empty() ? estimator::default_estimator(hwconfig_path, family) : file;
}

void ImportSettings::add(CLI::App& verb) {
  verb.add_option("--batch", batch, "Replaces a dynamic batch dimension")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb.add_option("--precision", precision,
                  "Precision of a float network: int2, int4, int6, int8, int16, fp16 or fp32 (default int8), or "
                  "weights=P,activations=P")
      ->type_name("P");
  verb.add_option("--layer-precision", layer_precision,
                  "File of single layers' precisions, one line per layer: NAME P, or NAME weights=P,activations=P")
      ->type_name("FILE");
}

network::Graph ImportSettings::import(const std::string& name) const {
  network::ImportOptions options;
  options.batch = batch;
  if (!precision.empty()) {
    const network::PrecisionPair pair = network::parse_precisions(precision);
    options.precision = pair.activations;
    options.weight_precision = pair.weights ? *pair.weights : Precision::kInt8;
  }
  if (!layer_precision.empty()) options.layers = network::read_layer_precisions(layer_precision);
  return network::import_network(find_data("models", name), options);
}

std::vector<network::Graph> ImportSettings::import(const std::vector<std::string>& names) const {
  std::vector<network::Graph> graphs;
  graphs.reserve(names.size());
  for (const std::string& name : names) graphs.push_back(import(name));
  return graphs;
}

void OutputOptions::add(CLI::App& verb, bool with_csv, bool with_out) {
  CLI::Option* json_flag = verb.add_flag("--json", json, "Print JSON");
  if (with_csv) verb.add_flag("--csv", csv, "Print CSV")->excludes(json_flag);
  if (with_out) verb.add_option("--out", out, "Write to a file instead of standard output")->type_name("FILE");
}

void OutputOptions::emit(const std::function<std::string()>& as_json, const std::function<std::string()>& as_csv,
                         const std::function<std::string()>& as_text) const {
  // What other programs read holds nothing but printable text by itself.
  const std::string text = json ? as_json() : csv ? as_csv() : printable_lines(as_text());
  if (!out.empty()) {
    record::write_file(out, text);
    return;
  }
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Error(std::string("cannot write to standard output: ") + std::strerror(errno));
  }
}

namespace {

void add_interval_folds(CLI::App& verb, estimator::TrainOptions& training) {
  verb.add_option("--interval-folds", training.folds,
                  "Folds of engines that intervals are calibrated on; 0: no intervals")
      ->type_name("N")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
}

}  // namespace

void add_training_options(CLI::App& verb, estimator::TrainOptions& training) {
  verb.add_option("--trees", training.trees, "Boosting rounds")
      ->type_name("N")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  verb.add_option("--depth", training.depth, "Depth of a tree")
      ->type_name("N")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  verb.add_option("--learning-rate", training.learning_rate, "Share of each tree's correction that is taken")
      ->type_name("RATE")
      ->check(CLI::Range(0.001, 1.0))
      ->capture_default_str();
  verb.add_flag(
      "--quick", training.quick,
      "Hold out engines only, not rows and shapes, and check intervals on whole networks only: half the time");
  add_interval_folds(verb, training);
}

void add_jobs(CLI::App& verb, int& jobs) {
  verb.add_option("--jobs", jobs, "Simulator processes (default: one per core); the result is the same")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
}

}  // namespace lanewise::cli
