// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "cli/console/quiet.hpp"
#include "cli/custom_file.hpp"
#include "cli/file_kind.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/printable.hpp"
#include "core/engine/scaling_rules.hpp"
#include "core/network/compression_file.hpp"
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

void EngineOptions::add_optional(CLI::App& verb) {
  verb.add_option("--hw", hw, "Engine configuration, a file or a name of hwconfigs/; a workload may name its own")
      ->type_name("FILE");
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

std::string EngineOptions::path() const {
  if (hw.empty()) throw CLI::RequiredError("--hw");
  return find_engine(hw);
}

engine::LoadedEngine EngineOptions::load() const { return engine::load_engine(path(), overrides()); }

std::vector<std::string> warnings_of_scale(const engine::EngineConfig& config) {
  std::vector<std::string> warnings;
  for (engine::ScalingWarning& warning : engine::scaling_warnings(config))
    warnings.push_back(std::move(warning.message));
  return warnings;
}

void warn(const std::vector<std::string>& warnings) {
  if (quiet()) return;
  for (const std::string& warning : warnings) {
    std::fprintf(stderr, "lanewise: warning: %s\n", printable(warning).c_str());
  }
}

std::string find_engine(const std::string& name) { return find_engine_file("--hw", name); }

void EstimatorOption::add(CLI::App& verb, const std::string& help) {
  verb.add_option("--estimator", file, help)->type_name("FILE");
}

std::string EstimatorOption::path(const std::string& hwconfig_path, const std::string& family) const {
  if (file.empty()) return estimator::default_estimator(hwconfig_path, family);
  expect_estimator("--estimator", file);
  return file;
}

void ImportSettings::add(CLI::App& verb) {
  verb.add_option("--batch", batch, "First dimension of the network's inputs (default 1 where the file fixes none)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  verb.add_option("--dim", dims,
                  "Size of the network's inputs by its name in the file, or by input and axis: image.2=320 (may be "
                  "given again)")
      ->type_name("NAME=N")
      ->allow_extra_args(false);
  verb.add_option("--input", inputs,
                  "Value of an input that the network's course depends on: a number, true or false, or 1,2,3 (may be "
                  "given again)")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  verb.add_option("--precision", precision,
                  "Precision of a float network: int2, int4, int6, int8, int16, fp16 or fp32 (default int8), or "
                  "weights=P,activations=P")
      ->type_name("P");
  verb.add_option("--layer-precision", layer_precision,
                  "File of single layers' precisions, one line per layer: NAME P, or NAME weights=P,activations=P")
      ->type_name("FILE");
  verb.add_option("--compression", compression,
                  "Which layers' weights are pruned or clustered: a file, or 'counted' from the network's own weights "
                  "(docs/sparse.md)")
      ->type_name("FILE");
  verb.add_option("--prune", prune,
                  "As if layers were pruned: N:M, such as 2:4, or the share that is left, such as 0.5")
      ->type_name("N:M");
  verb.add_option("--cluster", clusters, "As if the weights of layers had so many different values")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{2}, network::kLargestPalette));
  verb.add_option("--custom", custom, "File that says how operators are timed that are not known (docs/operators.md)")
      ->type_name("FILE");
}

namespace {

// NAME=TEXT, where the name may hold `=` and the text none.
std::pair<std::string, std::string> split_setting(const char* option, const char* form, const std::string& text) {
  const std::size_t at = text.rfind('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    throw Error(fmt::format("{} {}: must be {}", option, text, form));
  }
  return {text.substr(0, at), text.substr(at + 1)};
}

std::int64_t parse_size(const std::string& option, const std::string& text, std::int64_t least) {
  std::int64_t size = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), size);
  constexpr std::int64_t kLargest = std::int64_t{1} << 31;
  if (failure != std::errc() || end != text.data() + text.size() || size < least || size > kLargest) {
    throw Error(fmt::format("{}: '{}' must be a whole number between {} and {}", option, text, least, kLargest));
  }
  return size;
}

}  // namespace

study::NetworkSizes ImportSettings::sizes() const {
  study::NetworkSizes sizes;
  sizes.batch = batch;
  for (const std::string& text : dims) {
    const auto [name, value] = split_setting("--dim", "NAME=N", text);
    for (const auto& [known, size] : sizes.dims) {
      if (known == name) throw Error(fmt::format("--dim {}: the dimension is set twice", text));
    }
    sizes.dims.emplace_back(name, parse_size("--dim " + text, value, 0));
  }
  return sizes;
}

ImportSettings ImportSettings::with_size(const std::string& name, const std::string& value) const {
  ImportSettings more = *this;
  if (name == "batch") {
    more.batch = parse_size("--vary batch", value, 1);
  } else {
    more.dims.push_back(name.substr(std::string("dim.").size()) + "=" + value);
  }
  return more;
}

network::ImportOptions ImportSettings::options() const {
  network::ImportOptions options;
  const study::NetworkSizes given = sizes();
  options.batch = given.batch;
  options.dims = given.dims;
  for (const std::string& text : inputs) {
    options.inputs.push_back(split_setting("--input", "NAME=VALUE", text));
    for (std::size_t i = 0; i + 1 < options.inputs.size(); ++i) {
      if (options.inputs[i].first != options.inputs.back().first) continue;
      throw Error(fmt::format("--input {}: the input is given twice", text));
    }
  }
  if (!custom.empty()) options.custom = read_custom_operators(custom);
  if (!precision.empty()) {
    const network::PrecisionPair pair = network::parse_precisions(precision);
    options.precision = pair.activations;
    options.weight_precision = pair.weights ? *pair.weights : Precision::kInt8;
  }
  if (!layer_precision.empty()) options.layers = network::read_layer_precisions(layer_precision);
  options.compression = compressed();
  if (!compression.empty() && !options.compression.counted) {
    for (network::LayerPrecision& layer : network::read_compression(compression).precisions) {
      options.layers.push_back(std::move(layer));
    }
  }
  return options;
}

ImportSettings ImportSettings::uncompressed() const {
  ImportSettings plain = *this;
  plain.compression.clear();
  plain.prune.clear();
  plain.clusters.reset();
  return plain;
}

network::Compression ImportSettings::compressed() const {
  network::Compression how;
  how.counted = compression == "counted";
  if (!compression.empty() && !how.counted) {
    how.layers = network::read_compression(compression).forms;
  }
  if (!prune.empty()) {
    try {
      how.prune = network::parse_prune(prune);
    } catch (const Error& error) {
      throw Error(fmt::format("--prune: {}", error.what()));
    }
  }
  how.clusters = clusters;
  return how;
}

network::Graph ImportSettings::import(const std::string& name) const {
  return network::import_network(find_network(name), options());
}

std::vector<network::Graph> ImportSettings::import(const std::vector<std::string>& names) const {
  std::vector<network::Graph> graphs;
  graphs.reserve(names.size());
  for (const std::string& name : names) graphs.push_back(import(name));
  return graphs;
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
