// SPDX-License-Identifier: Apache-2.0
// What the searches behind one of the article's results ended in, read from the folders of their jobs:
// FOLDER/ENGINE/SEARCH/SEED/result.json, as benchmarks/article/jobs.sh lays them out.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "benchmarks/seed_runs.hpp"

namespace lanewise::article {

using Json = nlohmann::ordered_json;

// A simulated design. `predicted_ms` is what the search took it for.
struct Model {
  std::string encoding, bound_by;
  double predicted_ms = 0, simulated_ms = 0;
  double macs = 0, parameters = 0, parameter_bytes = 0, peak_activation_bytes = 0, macs_per_pixel = 0;
  std::vector<std::string> fused;
  bool keeps_limits = true;  // by simulation and by prediction
  Json saved;                // cycles that twice as much of each resource would save
  double cycles = 0;
  double error_percent() const { return 100 * (predicted_ms / simulated_ms - 1); }
};

struct Run {
  std::uint64_t seed = 0;
  Model baseline;
  std::vector<Model> finalists;  // those that were simulated
  std::int64_t evaluations = 0;
  Json limits, algorithm;
};

inline double change_percent(double before, double after) { return 100 * (after / before - 1); }

inline Model model_of(const Json& design) {
  Model model;
  const Json& simulated = design.at("simulated");
  model.encoding = design.at("encoding");
  model.predicted_ms = design.at("predicted").at("latency_ms");
  model.simulated_ms = simulated.at("latency_ms");
  model.cycles = simulated.at("latency_cycles");
  model.bound_by = simulated.at("bound_by");
  model.saved = simulated.at("saved_if_doubled_cycles");
  model.macs = simulated.at("macs");
  model.parameters = simulated.at("parameters");
  model.parameter_bytes = simulated.at("parameter_bytes");
  model.peak_activation_bytes = simulated.at("peak_activation_bytes");
  model.macs_per_pixel = simulated.at("macs_per_pixel");
  for (const Json& block : design.at("fused_blocks")) model.fused.push_back(block);
  model.keeps_limits = design.at("missed_limits").empty();
  return model;
}

inline Json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path.string() + ": cannot be read");
  return Json::parse(file);
}

// The runs of a search on an engine, by seed.
inline std::vector<Run> runs_of(const std::filesystem::path& folder, const std::string& engine,
                                const std::string& search) {
  std::vector<Run> runs;
  for (const auto& entry : std::filesystem::directory_iterator(folder / engine / search)) {
    if (!entry.is_directory()) continue;
    const Json result = read_json(entry.path() / "result.json");
    Run run;
    run.seed = result.at("seed");
    run.baseline = model_of(result.at("baseline"));
    run.evaluations = result.at("evaluations");
    run.limits = result.at("limits");
    run.algorithm = result.at("algorithm");
    for (const Json& design : result.at("finalists")) {
      if (!design.at("simulated").is_null()) run.finalists.push_back(model_of(design));
    }
    if (run.finalists.empty()) throw std::runtime_error(entry.path().string() + ": holds no simulated finalist");
    runs.push_back(std::move(run));
  }
  std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.seed < b.seed; });
  return runs;
}

// The engines of a folder, as the jobs name them, in the order of their names.
inline std::vector<std::string> engines_of(const std::filesystem::path& folder) {
  std::vector<std::string> engines;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_directory()) engines.push_back(entry.path().filename().string());
  }
  std::sort(engines.begin(), engines.end());
  return engines;
}

struct Spread {
  double median = 0, least = 0, most = 0;
};
inline Spread spread_of(const std::vector<double>& values) {
  return {quantile(values, 0.5), quantile(values, 0), quantile(values, 1)};
}
inline Json to_json(const Spread& spread) {
  return {{"median", spread.median}, {"least", spread.least}, {"most", spread.most}};
}

// Of runs the one whose value is the median, the lower one of two in the middle: the headline, fixed beforehand.
template <class Value>
const Run& median_run(const std::vector<Run>& runs, const Value& value) {
  std::vector<const Run*> order;
  for (const Run& run : runs) order.push_back(&run);
  std::stable_sort(order.begin(), order.end(), [&](const Run* a, const Run* b) { return value(*a) < value(*b); });
  return *order.at((order.size() - 1) / 2);
}

// "dram 24 %, depthwise_lanes 12 %": what twice as much of a resource would save of the latency, the largest three.
inline std::string bounds_text(const Model& model) {
  std::vector<std::pair<double, std::string>> shares;
  for (const auto& [name, cycles] : model.saved.items()) {
    shares.emplace_back(100 * cycles.get<double>() / model.cycles, name);
  }
  std::sort(shares.rbegin(), shares.rend());
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, shares.size()); ++i) {
    text += (text.empty() ? "" : ", ") + shares[i].second + " " + std::to_string(std::lround(shares[i].first)) + " %";
  }
  return text;
}
inline Json bounds_json(const Model& model) {
  Json shares = Json::object();
  for (const auto& [name, cycles] : model.saved.items()) {
    shares[name] = 100 * cycles.get<double>() / model.cycles;
  }
  return shares;
}

// A model with what it changes against the baseline of its run.
inline Json to_json(const Model& model, const Model& baseline) {
  return {
      {"encoding", model.encoding},
      {"predicted_ms", model.predicted_ms},
      {"simulated_ms", model.simulated_ms},
      {"error_percent", model.error_percent()},
      {"latency_change_percent", change_percent(baseline.simulated_ms, model.simulated_ms)},
      {"macs", model.macs},
      {"macs_change_percent", change_percent(baseline.macs, model.macs)},
      {"parameters", model.parameters},
      {"parameters_change_percent", change_percent(baseline.parameters, model.parameters)},
      {"peak_activation_bytes", model.peak_activation_bytes},
      {"peak_activation_change_percent", change_percent(baseline.peak_activation_bytes, model.peak_activation_bytes)},
      {"macs_per_pixel_change_percent", change_percent(baseline.macs_per_pixel, model.macs_per_pixel)},
      {"fused_blocks", model.fused},
      {"keeps_limits", model.keeps_limits},
      {"saved_if_doubled_percent", bounds_json(model)}};
}

}  // namespace lanewise::article
