// SPDX-License-Identifier: Apache-2.0
#include "study/dataset/store_summary.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/engine_values.hpp"
#include "core/record/row_origin.hpp"
#include "study/dataset/splits.hpp"

namespace lanewise::study {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

std::string value_of(const Values& values, const std::string& key) {
  const auto found = std::find_if(values.begin(), values.end(), [&](const auto& entry) { return entry.first == key; });
  return found == values.end() ? "" : found->second;
}

// Engines as the store has them: how many, and which values their keys take.
class Engines {
 public:
  // Throws Error naming the store where a row of this version of the tool has an impossible engine.
  void add(const std::string& store, const record::Row& row) {
    const Values& values = row.engine_values;
    ++count_;
    const bool outside = value_of(values, record::kOutsideRangesKey) == "true";
    outside_ += outside ? 1 : 0;
    // Engines of another version have keys of their own, whose order is that of their text.
    std::optional<engine::EngineConfig> config;
    if (row.tool_version == version()) config = record::engine_of(store, row);
    for (const auto& [key, text] : values) {
      if (key == "name" || key == "family" || key == "description" || key == record::kOutsideRangesKey) continue;
      Key& entry = keys_[key];
      auto& texts = outside ? entry.outside : entry.inside;
      if (texts.count(text) != 0) continue;
      const bool known = config && std::binary_search(reference_.begin(), reference_.end(), key);
      texts.emplace(text, known ? engine::numeric_value(*config, key) : 0.0);
    }
  }

  std::int64_t count() const { return count_; }
  std::int64_t outside() const { return outside_; }

  // Of keys with more than one value.
  std::vector<KeyValues> differing() const {
    std::vector<KeyValues> rows;
    for (const std::string& key : engine::parameter_keys()) {
      const auto found = keys_.find(key);
      if (found == keys_.end()) continue;
      std::map<std::string, double> all = found->second.inside;
      all.insert(found->second.outside.begin(), found->second.outside.end());
      if (all.size() > 1) rows.push_back({key, sorted(found->second.inside), sorted(found->second.outside)});
    }
    return rows;
  }

 private:
  struct Key {
    std::map<std::string, double> inside, outside;  // text and what it is sorted by
  };

  static std::vector<std::string> sorted(const std::map<std::string, double>& texts) {
    std::vector<std::pair<double, std::string>> order;
    for (const auto& [text, number] : texts) order.emplace_back(number, text);
    std::sort(order.begin(), order.end());
    std::vector<std::string> out;
    for (auto& [number, text] : order) out.push_back(std::move(text));
    return out;
  }

  static std::vector<std::string> sorted_keys() {
    std::vector<std::string> keys = engine::parameter_keys();
    std::sort(keys.begin(), keys.end());
    return keys;
  }

  std::int64_t count_ = 0, outside_ = 0;
  std::map<std::string, Key> keys_;
  std::vector<std::string> reference_ = sorted_keys();
};

// Subgraphs by family, and the latencies of each.
class Subgraphs {
 public:
  void add(const std::string& store, const record::Row& row) {
    const mapping::SubgraphShape shape = record::subgraph_of(store, row).shape;
    const std::string key = mapping::shape_key(shape);
    shapes_.insert(key);
    if (!row.failure.empty()) return;
    Family& family = families_[mapping::to_string(shape.family)];
    family.shapes.insert(key);
    family.cycles.push_back(row.measurement.latency.count());
  }

  std::int64_t shapes() const { return static_cast<std::int64_t>(shapes_.size()); }

  std::vector<FamilyRows> rows() {
    std::vector<FamilyRows> rows;
    for (auto& [name, family] : families_) {
      std::vector<std::int64_t>& cycles = family.cycles;
      std::sort(cycles.begin(), cycles.end());
      rows.push_back({name, static_cast<std::int64_t>(cycles.size()), static_cast<std::int64_t>(family.shapes.size()),
                      cycles.front(), cycles[(cycles.size() - 1) / 2], cycles.back()});
    }
    return rows;
  }

 private:
  struct Family {
    std::set<std::string> shapes;
    std::vector<std::int64_t> cycles;
  };
  std::set<std::string> shapes_;
  std::map<std::string, Family> families_;
};

// Rows come engine by engine.
class Networks {
 public:
  void add(const record::Row& row) {
    if (row.engine_hash != engine_) end_engine();
    engine_ = row.engine_hash;
    if (!row.failure.empty()) return;
    for (const record::NetworkMembership& member : row.networks) {
      if (member.occurrences == 0) continue;  // of a variant
      ++networks_[member.network].rows;
      Found& found = found_[member.network];
      found.occurrences += member.occurrences;
      found.subgraphs = member.subgraphs;
    }
  }

  std::vector<NetworkRows> rows() {
    end_engine();
    std::vector<NetworkRows> rows;
    for (auto& [name, row] : networks_) {
      row.network = name;
      rows.push_back(row);
    }
    return rows;
  }

 private:
  struct Found {
    std::int64_t occurrences = 0, subgraphs = 0;
  };

  void end_engine() {
    for (const auto& [name, found] : found_) {
      ++networks_[name].engines;
      networks_[name].complete_engines += found.occurrences == found.subgraphs ? 1 : 0;
    }
    found_.clear();
  }

  std::string engine_;
  std::map<std::string, Found> found_;  // on this engine
  std::map<std::string, NetworkRows> networks_;
};

std::vector<SplitSizes> split_sizes(const std::vector<record::RowSplits>& rows) {
  std::vector<SplitSizes> sizes;
  for (std::size_t column = 0; column < split_columns().size(); ++column) {
    std::map<std::string, std::int64_t> count;
    for (const record::RowSplits& row : rows) ++count[side_of(row, column)];
    sizes.push_back(
        {split_columns()[column].column, count["train"], count["validation"], count["test"], count["outside"]});
  }
  return sizes;
}

}  // namespace

StoreSummary summarize_store(const record::Store& store, const std::string& name) {
  StoreSummary summary;
  summary.store = name;
  summary.source = store.source();
  Engines engines;
  Subgraphs subgraphs;
  Networks networks;
  std::map<std::string, std::int64_t> failures;
  std::string last_hash, family;
  store.for_each([&](const record::Row& row) {
    if (row.engine_hash != last_hash) {
      engines.add(name, row);
      family = value_of(row.engine_values, "family");
      last_hash = row.engine_hash;
    }
    ++summary.rows;
    ++summary.tool_versions[row.tool_version];
    ++summary.engine_families[family];
    if (!row.failure.empty()) ++failures[row.failure];
    subgraphs.add(name, row);
    networks.add(row);
  });
  summary.engines = engines.count();
  summary.outside_engines = engines.outside();
  summary.keys = engines.differing();
  summary.shapes = subgraphs.shapes();
  summary.subgraph_families = subgraphs.rows();
  summary.networks = networks.rows();
  summary.campaigns = store.campaigns();
  for (const auto& [reason, rows] : failures) {
    summary.failures.emplace_back(reason, rows);
    summary.failed += rows;
  }
  std::stable_sort(summary.failures.begin(), summary.failures.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  const bool ours = summary.tool_versions.size() == 1 && summary.tool_versions.count(version()) == 1;
  if (ours) summary.splits = split_sizes(split_rows(store, name));
  return summary;
}

StoreSummary summarize_store(const std::string& path) {
  // A store that is opened is made where it is missing; reading must not.
  if (::access(path.c_str(), R_OK) != 0) throw Error(fmt::format("{}: cannot be read", path));
  return summarize_store(record::Store(path, record::Store::Access::kRead), path);
}

}  // namespace lanewise::study
