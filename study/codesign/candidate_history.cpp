// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/candidate_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "core/base/error.hpp"
#include "core/record/csv.hpp"
#include "study/codesign/job_settings.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;

// Of what prices depend on.
constexpr const char* kSame[] = {"made_from.tool_version",
                                 "made_from.network",
                                 "made_from.engine",
                                 "made_from.space",
                                 "made_from.accuracy",
                                 "made_from.estimator",
                                 "made_from.store",
                                 "job.rows",
                                 "job.engines",
                                 "job.seed",
                                 "job.trees",
                                 "job.depth",
                                 "job.learning_rate",
                                 "job.interval_folds",
                                 "job.quick"};

std::map<std::string, std::vector<std::string>> values_of(const std::string& path) {
  std::map<std::string, std::vector<std::string>> values;
  for (const Setting& setting : read_settings(path)) values[setting.key] = setting.values;
  return values;
}

// A model that was measured and trained anew after a round prices differently: its history says so by its rounds.
bool same_prices(const std::string& history, const std::string& settings, std::int64_t last_round) {
  const std::string theirs = (fs::path(history).parent_path() / "settings.yaml").string();
  std::error_code none;
  if (last_round != 0 || !fs::exists(theirs, none) || !fs::exists(settings, none)) return false;
  auto a = values_of(theirs), b = values_of(settings);
  return std::all_of(std::begin(kSame), std::end(kSame), [&](const char* key) { return a[key] == b[key]; });
}

// "NAME=VALUE; NAME=VALUE" as a genotype; empty where the space has no such gene or value.
std::vector<int> genotype_of(const std::string& text, const std::vector<nas::Gene>& genes) {
  std::vector<int> genotype(genes.size(), 0);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find("; ", begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    const auto gene = std::find_if(genes.begin(), genes.end(), [&](const nas::Gene& g) { return g.name == name; });
    if (gene == genes.end()) return {};
    const auto found = std::find(gene->values.begin(), gene->values.end(), value);
    if (found == gene->values.end()) return {};
    genotype[static_cast<std::size_t>(gene - genes.begin())] = static_cast<int>(found - gene->values.begin());
    begin = end + 2;
  }
  return genotype;
}

double number_of(const record::CsvTable& table, const record::CsvRow& row, std::size_t column) {
  const std::string& text = row.cells[column];
  if (text.empty()) return std::nan("");
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    throw Error(
        fmt::format("{}:{}: column '{}': '{}' must be a number", table.path, row.line, table.columns[column], text));
  }
  return value;
}

}  // namespace

std::string history_path(const std::string& folder_or_file) {
  std::error_code none;
  return fs::is_directory(folder_or_file, none) ? (fs::path(folder_or_file) / "history.csv").string() : folder_or_file;
}

WarmCandidates read_history(const std::string& folder_or_file, const nas::Space& space, const std::string& settings) {
  const record::CsvTable table = record::read_csv(history_path(folder_or_file));
  const auto column = [&](const std::string& name) {
    const auto found = table.find(name);
    if (!found)
      throw Error(fmt::format("{}: has no column '{}': must be a history.csv of a codesign", table.path, name));
    return *found;
  };
  const std::size_t genes = column("genes"), failure = column("failure"), round = column("round");
  // A history that is older than a metric has no column of it: its candidates are priced again.
  std::vector<std::optional<std::size_t>> metrics;
  bool complete = true;
  for (const nas::MetricTraits& traits : nas::metrics()) {
    metrics.push_back(table.find(traits.name));
    complete = complete && metrics.back();
  }
  double last = 0;
  for (const record::CsvRow& row : table.rows) last = std::max(last, number_of(table, row, round));
  WarmCandidates out;
  std::set<nas::Genotype> seen;
  for (const record::CsvRow& row : table.rows) {
    if (number_of(table, row, round) != last) continue;
    nas::Genotype genotype = genotype_of(row.cells[genes], space.genes());
    if (genotype.size() != space.genes().size()) {
      ++out.skipped;
      continue;
    }
    PricedCandidate candidate;
    candidate.genotype = space.canonical(genotype);
    if (!seen.insert(candidate.genotype).second) continue;
    candidate.failure = row.cells[failure];
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      if (metrics[i]) candidate.metrics.values[i] = number_of(table, row, *metrics[i]);
    }
    out.candidates.push_back(std::move(candidate));
  }
  if (out.candidates.empty()) {
    throw Error(fmt::format("{}: not one of its {} candidates lies in this space", table.path, table.rows.size()));
  }
  out.same_prices = complete && same_prices(table.path, settings, static_cast<std::int64_t>(last));
  return out;
}

}  // namespace lanewise::study
