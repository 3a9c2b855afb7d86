// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/adapt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/engine/numeric_parameter.hpp"
#include "study/calibration/calibration.hpp"
#include "study/calibration/correction.hpp"
#include "study/calibration/fit_keys.hpp"
#include "study/calibration/identifiability.hpp"

namespace lanewise::study {
namespace {

using estimator::Adaptation;

// A description is trusted more here than where the simulator fits: the estimator's own error is among the residuals.
// No tile plan changes with a value, so that one beginning is enough.
const SearchSettings kSearch{0.3, 0.01, {1}};
constexpr double kHelps = 0.98;  // what cross-validated errors must fall to for anything to be kept

std::vector<const MeasuredRow*> used_rows(const MeasuredRows& rows, const std::vector<bool>& use) {
  std::vector<const MeasuredRow*> out;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    if (use[i]) out.push_back(&rows.rows[i]);
  }
  return out;
}

// log(predicted / measured) on the engines of the rows' sets.
Residuals predict_rows(const estimator::Estimator& model, const std::vector<const MeasuredRow*>& rows,
                       const std::vector<engine::EngineConfig>& engines,
                       const std::vector<estimator::CorrectionTerm>& correction) {
  std::vector<estimator::Estimator::Query> queries;
  queries.reserve(rows.size());
  for (const MeasuredRow* row : rows) queries.push_back({&row->subgraph.subgraph, &engines[row->engine_set]});
  const std::vector<Cycles> predicted = model.predict_latencies(queries);
  Residuals residuals;
  residuals.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const engine::EngineConfig& engine = *queries[i].engine;
    const double factor = estimator::correction_factor(correction, *queries[i].subgraph, engine);
    const Cycles launch = engine.launch_cycles(), programmed = launch + engine.command.per_pass;
    const Cycles latency = estimator::corrected_latency(predicted[i], programmed, factor);
    const auto counted = static_cast<double>(rows[i]->subgraph.counted(latency, programmed, launch).count());
    residuals.push_back(std::log(std::max(counted, 1.0) / static_cast<double>(rows[i]->cycles)));
  }
  return residuals;
}

std::vector<std::pair<std::string, std::string>> changed_values(const std::vector<SearchKey>& keys,
                                                                const std::vector<double>& values) {
  std::vector<std::pair<std::string, std::string>> out;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    if (values[k] != keys[k].start) out.emplace_back(keys[k].key, engine::numeric_text(keys[k].key, values[k]));
  }
  return out;
}

std::vector<estimator::CorrectionTerm> correction_of(const std::vector<const MeasuredRow*>& rows,
                                                     const std::vector<engine::EngineConfig>& engines,
                                                     const Residuals& residuals) {
  std::vector<std::vector<double>> features;
  std::vector<double> wanted;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    features.push_back(estimator::correction_values(rows[i]->subgraph.subgraph, engines[rows[i]->engine_set]));
    wanted.push_back(-residuals[i]);
  }
  return fit_correction(features, wanted);
}

// Effective values and a correction on top of them, from the rows with `use`.
struct Found {
  Adaptation adaptation;
  std::vector<KeyIdentifiability> identifiability;
};
Found find(const estimator::Estimator& model, const engine::EngineConfig& described, const MeasuredRows& rows,
           const std::vector<bool>& use, const std::vector<SearchKey>& keys, const std::function<void()>& report) {
  const std::vector<const MeasuredRow*> used = used_rows(rows, use);
  const ResidualModel residuals = [&](const std::vector<double>& values) -> std::optional<Residuals> {
    report();
    try {
      return predict_rows(model, used, rows.engines(with_values(described, keys, values)), {});
    } catch (const Error&) {
      return std::nullopt;
    }
  };
  SearchOutcome found = search_parameters(keys, residuals, kSearch);
  Found out;
  out.identifiability = assess(keys, residuals, found, kSearch);
  // What the rows do not tell stays what the description says.
  for (std::size_t k = 0; k < keys.size(); ++k) {
    if (out.identifiability[k].kind == Identifiability::kUnknown) found.values[k] = keys[k].start;
  }
  out.adaptation.effective = changed_values(keys, found.values);
  const std::vector<engine::EngineConfig> engines = rows.engines(with_values(described, keys, found.values));
  out.adaptation.correction = correction_of(used, engines, predict_rows(model, used, engines, {}));
  return out;
}

// Each row judged by what the rows of other shapes say.
struct CrossValidation {
  Residuals none, effective, all;
};
CrossValidation cross_validate(const estimator::Estimator& model, const engine::EngineConfig& described,
                               const MeasuredRows& rows, const std::vector<bool>& use,
                               const std::vector<SearchKey>& keys, const AdaptSettings& settings,
                               const Progress& progress) {
  std::vector<MeasuredRow> used;
  for (std::size_t i = 0; i < use.size(); ++i) {
    if (use[i]) used.push_back(rows.rows[i]);
  }
  const std::vector<std::size_t> fold_of =
      folds_by_shape(used, static_cast<std::size_t>(settings.folds), settings.seed);
  const std::size_t folds = used.empty() ? 0 : *std::max_element(fold_of.begin(), fold_of.end()) + 1;
  if (folds < 2) throw Error(rows.path + ": all rows have one shape: must be two shapes or more to adapt to");
  CrossValidation out;
  const auto append = [](Residuals& to, const Residuals& more) { to.insert(to.end(), more.begin(), more.end()); };
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::vector<bool> in(use.size(), false), left(use.size(), false);
    std::size_t next = 0;
    for (std::size_t i = 0; i < use.size(); ++i) {
      if (use[i]) (fold_of[next++] == fold ? left : in)[i] = true;
    }
    const auto report = [&] {
      progress("adapting", static_cast<std::int64_t>(fold), static_cast<std::int64_t>(folds) + 1);
    };
    Adaptation found = find(model, described, rows, in, keys, report).adaptation;
    append(out.none, predicted_residuals(model, described, rows, left, {}));
    append(out.all, predicted_residuals(model, described, rows, left, found));
    found.correction.clear();
    append(out.effective, predicted_residuals(model, described, rows, left, found));
  }
  return out;
}

// Drops from `adaptation` what did not help rows that it was not found in; returns the residuals of what is kept.
Residuals keep_what_helps(const CrossValidation& crossed, Adaptation& adaptation) {
  const double none = mean_error_percent(crossed.none), effective = mean_error_percent(crossed.effective),
               all = mean_error_percent(crossed.all);
  if (all > kHelps * std::min(none, effective)) adaptation.correction.clear();
  if (!adaptation.correction.empty()) return crossed.all;
  if (effective <= kHelps * none) return crossed.effective;
  adaptation.effective.clear();
  return crossed.none;
}

double worst_percent(const Residuals& residuals) { return fit_error(residuals).worst_percent; }

void fill_in(AdaptationReport& report, const Adaptation& adaptation, const engine::EngineConfig& described,
             const std::vector<SearchKey>& keys, const std::vector<KeyIdentifiability>& identifiability) {
  for (std::size_t k = 0; k < keys.size(); ++k) {
    EffectiveValue value{keys[k].key, engine::value_text(described, keys[k].key), "", identifiability[k].kind};
    value.effective = value.described;
    for (const auto& [key, text] : adaptation.effective) {
      if (key == value.key) value.effective = text;
    }
    report.keys.push_back(value);
  }
  for (const estimator::CorrectionTerm& term : adaptation.correction) {
    report.correction.push_back({term.feature, term.coefficient});
  }
}

}  // namespace

Residuals predicted_residuals(const estimator::Estimator& model, const engine::EngineConfig& described,
                              const MeasuredRows& rows, const std::vector<bool>& use, const Adaptation& adaptation) {
  return predict_rows(model, used_rows(rows, use), rows.engines(estimator::effective_engine(adaptation, described)),
                      adaptation.correction);
}

Adaptation find_adaptation(const estimator::Estimator& model, const engine::EngineConfig& described,
                           const MeasuredRows& rows, const std::vector<bool>& use, const std::vector<std::string>& keys,
                           const AdaptSettings& settings, AdaptationReport* report, const Progress& progress) {
  const std::vector<SearchKey> searched = search_keys(described, keys);
  const CrossValidation crossed = cross_validate(model, described, rows, use, searched, settings, progress);
  // The last of the folds' searches and this one.
  const auto report_last = [&] { progress("adapting", settings.folds, settings.folds + 1); };
  Found found = find(model, described, rows, use, searched, report_last);
  Adaptation& adaptation = found.adaptation;
  const Residuals after = keep_what_helps(crossed, adaptation);
  adaptation.rows = std::count(use.begin(), use.end(), true);
  adaptation.before_mape_percent = mean_error_percent(crossed.none);
  adaptation.after_mape_percent = mean_error_percent(after);
  adaptation.before_worst_percent = worst_percent(crossed.none);
  adaptation.after_worst_percent = worst_percent(after);
  if (report != nullptr) {
    fill_in(*report, adaptation, described, searched, found.identifiability);
    report->before = fit_error(crossed.none);
    report->fitted = fit_error(predicted_residuals(model, described, rows, use, adaptation));
    report->cross_effective = fit_error(crossed.effective);
    report->cross_after = fit_error(after);
  }
  return adaptation;
}

AdaptationReport adapt(estimator::Estimator& model, const std::string& rows_path, const AdaptSettings& settings,
                       const Progress& progress) {
  const engine::EngineConfig described = engine::load_engine(settings.hw, settings.overrides).config;
  if (described.family != model.family()) {
    throw Error(fmt::format("{}: key 'family': '{}' is not that of the estimator: must be '{}'", settings.hw,
                            described.family, model.family()));
  }
  const MeasuredRows rows =
      read_measured_rows(rows_path, settings.engine_name.empty() ? described.name : settings.engine_name,
                         {settings.cycles_column, described.array.clock});
  std::vector<std::string> keys;
  for (const std::string& key : parse_fit_keys(settings.keys, described.dma.kind, rows.any_from_command())) {
    if (!rows.any_sets(key)) keys.push_back(key);
  }
  AdaptationReport report;
  const std::vector<bool> use(rows.rows.size(), true);
  Adaptation adaptation = find_adaptation(model, described, rows, use, keys, settings, &report, progress);
  adaptation.engine = described.name;
  adaptation.row_keys = rows.column_keys();
  adaptation.described = estimator::identity_values(described, adaptation.row_keys);
  adaptation.rows_file = rows.file;
  adaptation.rows_hash = rows.fingerprint;
  report.engine = described.name;
  report.identity = engine::identity_of(described);
  report.family = described.family;
  report.rows_file = rows.file;
  report.rows_hash = rows.fingerprint;
  report.tool_version = version();
  report.of_other_engines = rows.of_other_engines;
  report.ignored_columns = rows.ignored_columns;
  report.log = rows.log;
  report.row_keys = adaptation.row_keys;
  report.folds = settings.folds;
  model.set_adaptation(std::move(adaptation));
  return report;
}

}  // namespace lanewise::study
