// SPDX-License-Identifier: Apache-2.0
// What a store holds, counted.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/record/merge.hpp"
#include "core/record/store.hpp"

namespace lanewise::study {

struct SplitSizes {
  std::string column;  // "split_row", "split_engine", "split_shape"
  std::int64_t train = 0, validation = 0, test = 0, outside = 0;
};

// The values of an engine key that differs between engines, as the store has them, smallest first.
struct KeyValues {
  std::string key;
  std::vector<std::string> inside, outside;  // of engines within and beyond the ranges of their family
};

// Rows of one subgraph family that were measured.
struct FamilyRows {
  std::string family;
  std::int64_t rows = 0, shapes = 0;
  std::int64_t fewest_cycles = 0, median_cycles = 0, most_cycles = 0;  // of the latency
};

// A network whose subgraphs rows are of.
struct NetworkRows {
  std::string network;
  std::int64_t rows = 0;              // measured
  std::int64_t engines = 0;           // on which any was measured
  std::int64_t complete_engines = 0;  // on which all were: their sums are the network's
};

struct StoreSummary {
  std::string store;
  std::int64_t rows = 0, failed = 0, shapes = 0;
  std::int64_t engines = 0, outside_engines = 0;  // in all; of them beyond the ranges of their family
  std::map<std::string, std::int64_t> tool_versions, engine_families;  // rows of each
  std::vector<FamilyRows> subgraph_families;                           // by name
  std::vector<NetworkRows> networks;                                   // by name
  std::vector<std::pair<std::string, std::int64_t>> failures;          // reason and rows, the most first
  std::vector<KeyValues> keys;                                         // in the hwconfig reference's order
  std::vector<SplitSizes> splits;  // empty where rows are of another version of the tool
};

// `name`: as the store is called in the answer. Splits are counted where every row is of this version of the tool.
StoreSummary summarize_store(const record::Store& store, const std::string& name);
// Opens the store first. Throws Error naming it when it cannot be read: reading makes no store.
StoreSummary summarize_store(const std::string& path);

}  // namespace lanewise::study
