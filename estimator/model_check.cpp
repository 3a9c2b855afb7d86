// SPDX-License-Identifier: Apache-2.0
#include "estimator/model_check.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "core/base/error.hpp"

namespace lanewise::estimator {
namespace {

constexpr double kNoLimit = 1e300;
constexpr double kRounding = 1e-9;
constexpr double kAll = 100 + kRounding;  // %

void require(const std::string& what, double value, double low, double high) {
  if (value >= low - kRounding && value <= high) return;
  const std::string rule =
      high == kNoLimit ? fmt::format("at least {}", low) : fmt::format("from {} to {:.0f}", low, high);
  throw Error(fmt::format("its card says {} = {}: must be {}", what, value, rule));
}

void require_count(const std::string& what, std::int64_t value, std::int64_t low = 0) {
  require(what, as_double(value), as_double(low), kNoLimit);
}

void require_accuracy(const std::string& what, const Accuracy& a) {
  require_count(what + " rows", a.rows);
  require(what + " mape_percent", a.mape_percent, 0, kNoLimit);
  require(what + " rmspe_percent", a.rmspe_percent, 0, kNoLimit);
  require(what + " within_5_percent", a.within_5_percent, 0, kAll);
  require(what + " within_10_percent", a.within_10_percent, 0, kAll);
  require(what + " spearman", a.spearman, -1, 1 + kRounding);
}

void require_coverage(const std::string& what, const std::vector<Coverage>& rows) {
  for (const Coverage& row : rows) {
    require(what + " level", row.level, 0, 1);
    require_count(what + " count", row.count);
    require(what + " covered_percent", row.covered_percent, 0, kAll);
    require(what + " median_width_percent", row.median_width_percent, 0, kNoLimit);
  }
}

void require_errors(const std::string& what, const NetworkErrors& errors) {
  require(what + " within_5_percent", errors.within_5_percent, 0, kAll);
  require(what + " within_10_percent", errors.within_10_percent, 0, kAll);
  require(what + " median_percent", errors.median_percent, 0, kNoLimit);
  require(what + " worst_percent", errors.worst_percent, 0, kNoLimit);
}

void require_networks(const std::string& what, const NetworkAccuracy& accuracy) {
  require_count(what + " engines", accuracy.engines);
  require_errors(what + " latency", accuracy.latency);
  require_errors(what + " energy", accuracy.energy);
  require_errors(what + " peak_sram", accuracy.peak_sram);
  require_coverage(what + " intervals", accuracy.intervals);
}

void require_report(const std::string& split, const SplitReport& report) {
  const std::pair<const char*, const Accuracy*> tables[] = {{"latency", &report.latency},
                                                            {"bound", &report.bound},
                                                            {"reference", &report.analytical_model},
                                                            {"without_bound", &report.without_bound},
                                                            {"outside_ranges", &report.outside_ranges},
                                                            {"weighted", &report.weighted},
                                                            {"energy", &report.energy},
                                                            {"dram_bytes", &report.dram_bytes},
                                                            {"peak_sram", &report.peak_sram}};
  for (const auto& [name, accuracy] : tables) require_accuracy(split + " " + name, *accuracy);
  for (const auto& [family, accuracy] : report.by_family) require_accuracy(split + " " + family, accuracy);
  require_count(split + " training_rows", report.training_rows);
  require_count(split + " training_engines", report.training_engines);
  require_count(split + " engines", report.engines);
  require_coverage(split + " passes", report.intervals.subgraphs);
  require_coverage(split + " passes_outside", report.intervals.subgraphs_outside);
  require_coverage(split + " networks", report.intervals.networks);
  require_coverage(split + " networks_outside", report.intervals.networks_outside);
}

void require_range(const std::string& what, const std::pair<double, double>& range) {
  if (range.first <= range.second) return;
  throw Error(fmt::format("its card says that {} goes from {} to {}: must not end before it begins", what, range.first,
                          range.second));
}

}  // namespace

void require_possible_training(std::int64_t rows, std::int64_t engines, const TrainOptions& options) {
  require_count("training_rows", rows, 1);
  require_count("training_engines", engines, 1);
  require("trees", options.trees, 1, 100000);
  require("depth", options.depth, 1, 16);
  require("learning_rate", options.learning_rate, 0, 1);
  require("folds", options.folds, 0, kAll);
}

void require_possible_ranges(const Ranges& ranges) {
  for (const auto& [key, range] : ranges.engine) require_range(key, range);
  for (const auto& [family, features] : ranges.subgraphs) {
    for (const auto& [feature, range] : features) require_range(family + " " + feature, range);
  }
}

void require_possible_reports(const std::map<std::string, SplitReport>& reports, const NetworkReport& networks) {
  for (const auto& [split, report] : reports) require_report(split, report);
  require_networks("held_out", networks.held_out);
  require_networks("left_out", networks.left_out);
  for (const NetworkFamily& family : networks.families) {
    require_networks(family.name + " held_out", family.held_out);
    require_networks(family.name + " left_out", family.left_out);
  }
}

void require_possible_intervals(const Intervals& intervals) {
  require("interval folds", intervals.folds, 0, kAll);
  require("hardest", intervals.hardest, 0, kNoLimit);
  require("correlation", intervals.correlation, 0, 1 + kRounding);
  require_count("complete_networks", intervals.complete_networks);
  require_count("drawn_networks", intervals.drawn_networks);
}

}  // namespace lanewise::estimator
