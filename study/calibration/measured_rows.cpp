// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/measured_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/random.hpp"
#include "study/validation/row_engines.hpp"

namespace lanewise::study {
namespace {

// Where a row's shape stands in the order that draws go by.
std::vector<std::size_t> ranks_by_shape(const std::vector<MeasuredRow>& rows, std::uint64_t seed) {
  std::map<std::string, std::uint64_t> hashes;
  for (const MeasuredRow& row : rows) hashes[row.shape] = stable_hash(fmt::format("measured:{}:{}", seed, row.shape));
  std::vector<std::pair<std::uint64_t, std::string>> order;
  order.reserve(hashes.size());
  for (const auto& [shape, hash] : hashes) order.emplace_back(hash, shape);
  std::sort(order.begin(), order.end());
  std::map<std::string, std::size_t> rank_of;
  for (std::size_t rank = 0; rank < order.size(); ++rank) rank_of[order[rank].second] = rank;
  std::vector<std::size_t> ranks;
  ranks.reserve(rows.size());
  for (const MeasuredRow& row : rows) ranks.push_back(rank_of[row.shape]);
  return ranks;
}

std::string set_key(const ValidationSubgraph& subgraph) {
  std::string key;
  for (const ColumnOverride& column : subgraph.overrides) key += column.change.key + "=" + column.change.value + "\n";
  return key;
}

bool sets(const ValidationSubgraph& subgraph, const std::string& key) {
  return std::any_of(subgraph.overrides.begin(), subgraph.overrides.end(),
                     [&](const ColumnOverride& column) { return column.change.key == key; });
}

void require_workable(const ValidationRows& read, const MeasuredRows& rows, const std::string& engine_name) {
  if (rows.rows.empty()) {
    throw Error(fmt::format("{}: no row is of engine '{}': must be one that the column 'engine' names", read.path,
                            engine_name));
  }
  for (const MeasuredRow& row : rows.rows) {
    if (!row.subgraph.failure.empty())
      throw Error(fmt::format("{}:{}: {}", read.path, row.subgraph.line, row.subgraph.failure));
  }
}

}  // namespace

std::vector<engine::EngineConfig> MeasuredRows::engines(const engine::EngineConfig& described) const {
  std::vector<engine::EngineConfig> out(engine_sets);
  std::vector<bool> made(engine_sets, false);
  for (const MeasuredRow& row : rows) {
    if (made[row.engine_set]) continue;
    made[row.engine_set] = true;
    out[row.engine_set] = row_engine(described, row.subgraph, path);
  }
  return out;
}

bool MeasuredRows::all_set(const std::string& key) const {
  return std::all_of(rows.begin(), rows.end(), [&](const MeasuredRow& row) { return sets(row.subgraph, key); });
}

bool MeasuredRows::any_from_command() const {
  return std::any_of(rows.begin(), rows.end(), [](const MeasuredRow& row) { return row.subgraph.from_command; });
}

bool MeasuredRows::any_sets(const std::string& key) const {
  return std::any_of(rows.begin(), rows.end(), [&](const MeasuredRow& row) { return sets(row.subgraph, key); });
}

std::vector<std::string> MeasuredRows::column_keys() const {
  std::set<std::string> keys;
  for (const MeasuredRow& row : rows) {
    for (const ColumnOverride& column : row.subgraph.overrides) keys.insert(column.change.key);
  }
  return {keys.begin(), keys.end()};
}

MeasuredRows read_measured_rows(const std::string& path, const std::string& engine_name, const RowSettings& settings) {
  const ValidationRows read = read_validation_rows(path, settings);
  if (!read.sequences.empty()) {
    throw Error(path + ": holds sequences of layers: must be rows of layers or operations by themselves");
  }
  MeasuredRows out;
  out.path = path;
  out.file = std::filesystem::path(path).filename().string();
  out.fingerprint = hex_hash(read_input(path, kLargestTable, "a table"));
  out.ignored_columns = read.ignored_columns;
  out.log = read.log;
  std::map<std::string, std::size_t> known;
  const auto add = [&](const ValidationSubgraph& subgraph, std::int64_t cycles) {
    if (!subgraph.engine.empty() && subgraph.engine != engine_name) {
      ++out.of_other_engines;
      return;
    }
    const std::size_t set = known.emplace(set_key(subgraph), known.size()).first->second;
    out.rows.push_back({subgraph, cycles, mapping::shape_key(subgraph.subgraph.shape), set});
  };
  for (const LayerRow& row : read.layers) add(row.subgraph, row.cycles);
  for (const PostProcessingRow& row : read.post_processing) add(row.subgraph, row.cycles);
  out.engine_sets = known.size();
  require_workable(read, out, engine_name);
  return out;
}

std::vector<std::size_t> folds_by_shape(const std::vector<MeasuredRow>& rows, std::size_t folds, std::uint64_t seed) {
  std::vector<std::size_t> out = ranks_by_shape(rows, seed);
  for (std::size_t& rank : out) rank %= folds;
  return out;
}

std::vector<bool> left_out_by_shape(const std::vector<MeasuredRow>& rows, double share, std::uint64_t seed) {
  const std::vector<std::size_t> ranks = ranks_by_shape(rows, seed);
  const std::size_t shapes = rows.empty() ? 0 : *std::max_element(ranks.begin(), ranks.end()) + 1;
  auto first = static_cast<std::size_t>(std::ceil(share * static_cast<double>(shapes)));
  if (shapes > 0) first = std::min(first, shapes - 1);
  std::vector<bool> out;
  out.reserve(ranks.size());
  for (const std::size_t rank : ranks) out.push_back(rank < first);
  return out;
}

}  // namespace lanewise::study
