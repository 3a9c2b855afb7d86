// SPDX-License-Identifier: Apache-2.0
#include "study/training/accuracy.hpp"

#include <fmt/format.h>

#include <set>

#include "core/base/error.hpp"
#include "core/record/file.hpp"
#include "study/dataset/training_set.hpp"

namespace lanewise::study {
namespace {

report::AccuracyRow row_of(const estimator::Accuracy& a) {
  return {a.rows, a.mape_percent, a.rmspe_percent, a.within_5_percent, a.within_10_percent, a.spearman};
}

void add_coverage(const estimator::IntervalReport& report, report::SplitAccuracy& split) {
  const auto add = [&](const char* what, bool outside, const std::vector<estimator::Coverage>& rows) {
    for (const estimator::Coverage& row : rows) {
      split.coverage.push_back({what, outside, row.level, row.count, row.covered_percent, row.median_width_percent});
    }
  };
  add("passes", false, report.passes);
  add("passes", true, report.passes_outside);
  add("networks", false, report.networks);
  add("networks", true, report.networks_outside);
  split.complete_networks = report.complete_networks;
}

// In the order in which they are read: from the easiest question to the hardest.
std::vector<report::SplitAccuracy> splits_of(const std::map<std::string, estimator::SplitReport>& reports) {
  std::vector<report::SplitAccuracy> out;
  for (const estimator::Split split :
       {estimator::Split::kRandom, estimator::Split::kUnseenEngine, estimator::Split::kUnseenShape}) {
    const auto found = reports.find(estimator::to_string(split));
    if (found == reports.end()) continue;
    const estimator::SplitReport& r = found->second;
    report::SplitAccuracy s;
    s.name = found->first;
    s.latency = row_of(r.latency);
    s.bound = row_of(r.bound);
    s.reference = row_of(r.reference);
    s.without_bound = row_of(r.without_bound);
    s.outside_ranges = row_of(r.outside_ranges);
    s.weighted = row_of(r.weighted);
    s.energy = row_of(r.energy);
    s.dram_bytes = row_of(r.dram_bytes);
    s.peak_sram_bytes = row_of(r.peak_sram);
    for (const auto& [family, accuracy] : r.by_family) s.by_family.emplace_back(family, row_of(accuracy));
    add_coverage(r.intervals, s);
    s.training_rows = r.training_rows;
    s.training_engines = r.training_engines;
    s.engines = r.engines;
    out.push_back(std::move(s));
  }
  return out;
}

}  // namespace

report::AccuracyReport accuracy_report(const estimator::Estimator& model, const std::string& name) {
  if (model.reports().empty()) throw Error(fmt::format("{}: the model carries no held-out accuracy", name));
  return {model.training_rows(), model.training_engines(), model.family(), splits_of(model.reports())};
}

report::AccuracyReport evaluate_file(const std::string& path, const estimator::TrainOptions& options) {
  const std::string magic = "SQLite format 3";
  if (record::read_file(path).compare(0, magic.size(), magic) != 0) {
    return accuracy_report(estimator::Estimator::load(path), path);
  }
  const TrainingSet set = load_training_set(path);
  return {static_cast<std::int64_t>(set.samples.size()), static_cast<std::int64_t>(set.engines.size()),
          set.engines.front().family, splits_of(estimator::evaluate_splits(set.samples, options))};
}

}  // namespace lanewise::study
