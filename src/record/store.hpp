// SPDX-License-Identifier: Apache-2.0
// Measurement rows on disk: an SQLite file with schema version, provenance and units. One writer at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "record/measurement.hpp"

namespace lanewise::record {

// One row: a subgraph measured on an engine. (engine_hash, subgraph_key, tool_version) is unique: a row is measured
// once.
struct Row {
  std::string engine_hash;
  std::string subgraph_key;  // mapping::subgraph_key
  std::string tool_version;
  std::vector<std::pair<std::string, std::string>>
      engine_values;    // every key of the engine and its text; stored once an engine
  double weight = 1;    // occurrences in the shipped networks, >= 0
  std::string failure;  // "" or why this point could not be measured; then the measurement is empty
  Measurement measurement;
};

class Store {
 public:
  // Opens or creates. Throws Error naming the file when it is no store, has another schema version, or cannot be
  // written.
  explicit Store(const std::string& path);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  bool contains(const std::string& engine_hash, const std::string& subgraph_key) const;  // for this tool version
  void insert(const Row& row);  // committed when it returns; a row already there is left as it is
  std::int64_t rows() const;
  // In an order that depends on the keys alone, not on when rows were measured.
  void for_each(const std::function<void(const Row&)>& visit) const;
  // CSV with a header of names that carry units (docs/measurements.md); rows in the order of for_each.
  // Written beside `path` and renamed, so that a killed export leaves nothing half-written.
  void export_csv(const std::string& path) const;

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

}  // namespace lanewise::record
