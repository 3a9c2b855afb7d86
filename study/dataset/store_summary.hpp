// SPDX-License-Identifier: Apache-2.0
// Counts what a store holds.
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

// The values of an engine key that varies between the engines of the store, in ascending order.
struct KeyValues {
  std::string key;
  std::vector<std::string> inside, outside;  // of engines within and beyond the ranges of their family
};

// The measured rows of one subgraph family.
struct FamilyRows {
  std::string family;
  std::int64_t rows = 0, shapes = 0;
  std::int64_t fewest_cycles = 0, median_cycles = 0, most_cycles = 0;  // of the latency
};

// A network that rows of the store belong to.
struct NetworkRows {
  std::string network;
  std::int64_t rows = 0;              // measured
  std::int64_t engines = 0;           // with at least one measured subgraph
  std::int64_t complete_engines = 0;  // with all subgraphs measured: their sum is the network's latency
};

struct StoreSummary {
  std::string store;
  std::string source;  // of the rows, as Store::source
  std::int64_t rows = 0, failed = 0, shapes = 0;
  std::int64_t engines = 0, outside_engines = 0;  // all engines; those of them beyond the ranges of their family
  std::map<std::string, std::int64_t> tool_versions, engine_families;  // with the number of rows
  std::vector<FamilyRows> subgraph_families;                           // by name
  std::vector<NetworkRows> networks;                                   // by name
  std::vector<std::pair<std::string, std::int64_t>> failures;  // reason and number of rows, the most frequent first
  std::vector<KeyValues> keys;                                 // in the order of docs/hwconfig.md
  std::vector<record::CampaignRecord> campaigns;  // that measured the rows; empty where the store does not record them
  std::vector<SplitSizes> splits;                 // empty when any row is of another version of the tool
};

// `name`: what the summary calls the store. Splits are counted only when every row is of this version of the tool.
StoreSummary summarize_store(const record::Store& store, const std::string& name);
// Opens the store at `path`, without creating one. Throws Error naming it when it cannot be read.
StoreSummary summarize_store(const std::string& path);

}  // namespace lanewise::study
