// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/engine/hwconfig_text.hpp"
#include "core/engine/numeric_parameter.hpp"
#include "sim/simulate.hpp"
#include "study/calibration/fit_keys.hpp"
#include "study/calibration/repeatability.hpp"
#include "study/calibration/roofline_fit.hpp"

namespace lanewise::study {
namespace {

Residuals simulate_rows(const MeasuredRows& rows, const std::vector<bool>& use,
                        const std::vector<engine::EngineConfig>& engines) {
  Residuals residuals;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    if (!use[i]) continue;
    const MeasuredRow& row = rows.rows[i];
    const engine::EngineConfig& engine = engines[row.engine_set];
    try {
      const record::Measurement m = sim::simulate(row.subgraph.subgraph, engine);
      const Cycles cycles = row.subgraph.counted(m.latency, m.timestamps.load_enabled, engine.launch_cycles());
      const auto counted = static_cast<double>(cycles.count());
      residuals.push_back(std::log(std::max(counted, 1.0) / static_cast<double>(row.cycles)));
    } catch (const Error& error) {
      throw Error(fmt::format("{}:{}: {}", rows.path, row.subgraph.line, error.what()));
    }
  }
  return residuals;
}

std::vector<std::int64_t> cycles_of(const MeasuredRows& rows, const std::vector<bool>& use) {
  std::vector<std::int64_t> cycles;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    if (use[i]) cycles.push_back(rows.rows[i].cycles);
  }
  return cycles;
}

std::vector<bool> all_of(const MeasuredRows& rows) { return std::vector<bool>(rows.rows.size(), true); }

std::vector<bool> inverted(std::vector<bool> flags) {
  flags.flip();
  return flags;
}

// What a description says of these is a data sheet's peak, or a guess; what is reached may be a quarter of it.
constexpr const char* kBandwidthKey = "dram.bandwidth";
constexpr const char* kWidthKey = "post_processing.width";
constexpr const char* kThroughputKeys[] = {kBandwidthKey, kWidthKey};
constexpr double kThroughputSpread = 1.5;  // of their prior, in log units
constexpr const char* kLaunchKey = "command.launch_time";

// The keys that were asked for, and those of them that can be fitted because no column sets them in every row.
struct Keys {
  std::vector<std::string> asked;
  std::vector<SearchKey> searched;
};
Keys keys_for(const CalibrationSettings& settings, const engine::EngineConfig& described, const MeasuredRows& rows) {
  Keys keys;
  keys.asked = parse_fit_keys(settings.keys, described.dma.kind, rows.any_from_command());
  // The simulator follows another width of a unit; an estimator may not have learnt it.
  if (settings.keys.empty()) keys.asked.emplace_back(kWidthKey);
  std::vector<std::string> free;
  for (const std::string& key : keys.asked) {
    if (!rows.all_set(key)) free.push_back(key);
  }
  keys.searched = search_keys(described, free);
  for (SearchKey& key : keys.searched) {
    for (const char* throughput : kThroughputKeys) {
      if (key.key == throughput) key.spread = kThroughputSpread;
    }
  }
  return keys;
}

struct Outcome {
  SearchOutcome found;
  std::vector<KeyIdentifiability> identifiability;
  FitErrors fitted, left_out;
  RooflineFit roofline;
  FitError roofline_fitted, roofline_left_out;
  std::int64_t evaluations = 0;
};

Residuals described_residuals(const engine::EngineConfig& described, const MeasuredRows& rows,
                              const std::vector<bool>& use) {
  return simulated_residuals(described, rows, use, {}, {});
}

Outcome fit_with_hold_out(const engine::EngineConfig& described, const MeasuredRows& rows,
                          const std::vector<SearchKey>& keys, const CalibrationSettings& settings,
                          const Progress& progress) {
  const std::vector<bool> out = left_out_by_shape(rows.rows, settings.hold_out, settings.seed);
  const std::vector<bool> in = inverted(out);
  Outcome outcome;
  outcome.found = fit_values(described, rows, in, keys, &outcome.identifiability, progress);
  outcome.evaluations = outcome.found.evaluations;
  const std::vector<std::int64_t> cycles_in = cycles_of(rows, in), cycles_out = cycles_of(rows, out);
  outcome.fitted = {fit_error(outcome.found.before, cycles_in), fit_error(outcome.found.after, cycles_in)};
  outcome.left_out = {fit_error(described_residuals(described, rows, out), cycles_out),
                      fit_error(simulated_residuals(described, rows, out, keys, outcome.found.values), cycles_out)};
  outcome.roofline = fit_roofline(described, rows, in);
  outcome.roofline_fitted = fit_error(roofline_residuals(outcome.roofline, described, rows, in), cycles_in);
  outcome.roofline_left_out = fit_error(roofline_residuals(outcome.roofline, described, rows, out), cycles_out);
  return outcome;
}

// Cross-validation: the rows of a fold are judged by values fitted to the other folds; the values returned are fitted
// to all rows.
Outcome fit_with_folds(const engine::EngineConfig& described, const MeasuredRows& rows,
                       const std::vector<SearchKey>& keys, const CalibrationSettings& settings,
                       const Progress& progress) {
  const std::vector<std::size_t> fold_of =
      folds_by_shape(rows.rows, static_cast<std::size_t>(settings.folds), settings.seed);
  const std::size_t folds = *std::max_element(fold_of.begin(), fold_of.end()) + 1;
  if (folds < 2) throw Error(rows.path + ": all rows have one shape: must be two shapes or more to leave one out");
  Outcome outcome;
  Residuals left_out, left_out_by_roofline;
  std::vector<std::int64_t> left_out_cycles;
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::vector<bool> out;
    out.reserve(fold_of.size());
    for (const std::size_t own : fold_of) out.push_back(own == fold);
    const SearchOutcome found = fit_values(described, rows, inverted(out), keys, nullptr, progress);
    outcome.evaluations += found.evaluations;
    const Residuals residuals = simulated_residuals(described, rows, out, keys, found.values);
    left_out.insert(left_out.end(), residuals.begin(), residuals.end());
    const std::vector<std::int64_t> cycles = cycles_of(rows, out);
    left_out_cycles.insert(left_out_cycles.end(), cycles.begin(), cycles.end());
    const Residuals by_roofline =
        roofline_residuals(fit_roofline(described, rows, inverted(out)), described, rows, out);
    left_out_by_roofline.insert(left_out_by_roofline.end(), by_roofline.begin(), by_roofline.end());
  }
  outcome.found = fit_values(described, rows, all_of(rows), keys, &outcome.identifiability, progress);
  outcome.evaluations += outcome.found.evaluations;
  const std::vector<std::int64_t> cycles = cycles_of(rows, all_of(rows));
  outcome.fitted = {fit_error(outcome.found.before, cycles), fit_error(outcome.found.after, cycles)};
  outcome.left_out = {outcome.fitted.before, fit_error(left_out, left_out_cycles)};
  outcome.roofline = fit_roofline(described, rows, all_of(rows));
  outcome.roofline_fitted = fit_error(roofline_residuals(outcome.roofline, described, rows, all_of(rows)), cycles);
  outcome.roofline_left_out = fit_error(left_out_by_roofline, left_out_cycles);
  return outcome;
}

// The description with the bandwidth and the launch of a roofline that was fitted to the rows.
std::vector<double> as_the_roofline(const engine::EngineConfig& described, const MeasuredRows& rows,
                                    const std::vector<bool>& use, const std::vector<SearchKey>& keys) {
  const RooflineFit roofline = fit_roofline(described, rows, use);
  std::vector<double> values;
  for (const SearchKey& key : keys) {
    double value = key.start;
    if (key.key == kBandwidthKey) value = roofline.bytes_per_cycle * described.array.clock.count();
    if (key.key == kLaunchKey) value = std::round(roofline.launch_cycles) / described.array.clock.count();
    values.push_back(std::clamp(value, key.low, key.high));
  }
  return values;
}

FittedKey describe(const engine::EngineConfig& described, const std::string& name, const Keys& keys,
                   const Outcome& outcome) {
  FittedKey key;
  key.key = name;
  key.described = key.fitted = engine::value_text(described, name);
  for (std::size_t k = 0; k < keys.searched.size(); ++k) {
    if (keys.searched[k].key != name) continue;
    key.identifiability = outcome.identifiability[k];
    if (outcome.found.values[k] != keys.searched[k].start) {
      key.fitted = engine::numeric_text(name, outcome.found.values[k]);
    }
  }
  return key;
}

}  // namespace

engine::EngineConfig with_values(const engine::EngineConfig& described, const std::vector<SearchKey>& keys,
                                 const std::vector<double>& values) {
  std::vector<engine::Override> changes;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    if (values[k] != keys[k].start) changes.push_back({keys[k].key, engine::numeric_text(keys[k].key, values[k])});
  }
  return changes.empty() ? described : engine::with_overrides(described, changes);
}

Residuals simulated_residuals(const engine::EngineConfig& described, const MeasuredRows& rows,
                              const std::vector<bool>& use, const std::vector<SearchKey>& keys,
                              const std::vector<double>& values) {
  return simulate_rows(rows, use, rows.engines(with_values(described, keys, values)));
}

SearchOutcome fit_values(const engine::EngineConfig& described, const MeasuredRows& rows, const std::vector<bool>& use,
                         const std::vector<SearchKey>& keys, std::vector<KeyIdentifiability>* identifiability,
                         const Progress& progress) {
  simulated_residuals(described, rows, use, {}, {});  // a row that the engine cannot run is an error, not a bad value
  std::int64_t simulated = 0;
  const ResidualModel model = [&](const std::vector<double>& values) -> std::optional<Residuals> {
    progress("fitting", ++simulated, 0);
    try {
      return simulated_residuals(described, rows, use, keys, values);
    } catch (const Error&) {
      return std::nullopt;
    }
  };
  SearchSettings settings;
  settings.single_factors = {1.0 / 16, 0.25, 0.5, 2, 4};
  settings.points = {as_the_roofline(described, rows, use, keys)};
  settings.weights = repeatability_weights(rows, use);
  SearchOutcome found = search_parameters(keys, model, settings);
  const std::vector<KeyIdentifiability> judged = assess(keys, model, found, settings);
  // Where the rows say nothing, the description's value stays.
  for (std::size_t k = 0; k < keys.size(); ++k) {
    if (judged[k].kind == Identifiability::kUnknown) found.values[k] = keys[k].start;
  }
  found.after = simulated_residuals(described, rows, use, keys, found.values);
  if (identifiability != nullptr) *identifiability = judged;
  return found;
}

FitError fit_error(const Residuals& residuals, const std::vector<std::int64_t>& cycles) {
  FitError error;
  error.rows = static_cast<std::int64_t>(residuals.size());
  std::vector<double> percents;
  percents.reserve(residuals.size());
  for (const double residual : residuals) percents.push_back(100 * std::abs(std::expm1(residual)));
  std::sort(percents.begin(), percents.end());
  const std::size_t n = percents.size();
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  error.mape_percent = mean_error_percent(residuals);
  error.median_percent = n == 0 ? unknown : (percents[(n - 1) / 2] + percents[n / 2]) / 2;
  error.worst_percent = n == 0 ? unknown : percents.back();
  double measured = 0, off = 0;
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    measured += static_cast<double>(cycles[i]);
    off += static_cast<double>(cycles[i]) * std::expm1(residuals[i]);
  }
  if (measured > 0) error.total_error_percent = 100 * off / measured;
  return error;
}

Calibration calibrate_engine(const std::string& rows_path, const CalibrationSettings& settings,
                             const Progress& progress) {
  const engine::EngineConfig described = engine::load_engine(settings.hw, settings.overrides).config;
  const MeasuredRows rows =
      read_measured_rows(rows_path, settings.engine_name.empty() ? described.name : settings.engine_name,
                         {settings.cycles_column, described.array.clock});
  const Keys keys = keys_for(settings, described, rows);
  const Outcome outcome = settings.folds > 0 ? fit_with_folds(described, rows, keys.searched, settings, progress)
                                             : fit_with_hold_out(described, rows, keys.searched, settings, progress);
  Calibration fit;
  fit.engine = described.name;
  fit.identity = engine::identity_of(described);
  fit.rows_file = rows.file;
  fit.rows_hash = rows.fingerprint;
  fit.tool_version = version();
  fit.of_other_engines = rows.of_other_engines;
  fit.ignored_columns = rows.ignored_columns;
  fit.log = rows.log;
  for (const std::string& key : keys.asked) fit.keys.push_back(describe(described, key, keys, outcome));
  fit.fitted = outcome.fitted;
  fit.left_out = outcome.left_out;
  fit.repeats = repeatability(rows);
  fit.roofline = outcome.roofline;
  fit.roofline_fitted = outcome.roofline_fitted;
  fit.roofline_left_out = outcome.roofline_left_out;
  fit.left_out_by = settings.folds > 0 ? "folds" : "hold_out";
  fit.hold_out_share = settings.folds > 0 ? 0 : settings.hold_out;
  fit.folds = settings.folds;
  fit.evaluations = outcome.evaluations;
  return fit;
}

}  // namespace lanewise::study
