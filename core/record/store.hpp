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

#include "core/record/campaign_record.hpp"
#include "core/record/csv_form.hpp"
#include "core/record/measurement.hpp"

namespace lanewise::record {

// A network that holds a row's subgraph.
struct NetworkMembership {
  std::string network;  // its name
  // Of this subgraph in it, on the row's engine. 0: it is of a variant of the network only, or made from a subgraph of
  // it; then `subgraphs` is 0, too.
  std::int64_t occurrences = 0;
  std::int64_t subgraphs = 0;  // of the whole network on the row's engine
};

// One row: a subgraph measured on an engine. (engine_hash, subgraph_key, tool_version) is unique: a row is measured
// once.
struct Row {
  std::string engine_hash;
  std::string subgraph_key;  // mapping::subgraph_key
  std::string tool_version;
  std::vector<std::pair<std::string, std::string>>
      engine_values;  // every key of the engine and its text; stored once per engine
  double weight = 1;  // occurrences in the networks as given, >= 0: of all of `networks` where these are known
  std::vector<NetworkMembership> networks;  // by name, each once; empty: the subgraph is of no network as given
  std::string failure;                      // "" or why this point could not be measured; then the measurement is empty
  Measurement measurement;
};

class Store {
 public:
  enum class Access { kWrite, kRead };
  // Opens or creates; with kRead opens what is there, which is not written and need not be writable. Throws Error
  // naming the file when it is no store, has another schema version or other columns, or cannot be read or written.
  explicit Store(const std::string& path, Access access = Access::kWrite);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // A transaction: what is written while a group exists is committed together by commit(), or undone without it.
  // Writing many rows in one group is faster than row by row. Groups cannot be nested.
  class Group {
   public:
    explicit Group(Store& store);
    ~Group();
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    void commit();

   private:
    Store& store_;
  };

  // Who measured the rows: "" for the simulator, else the name that a person's program was given. One store never holds
  // rows of two sources.
  std::string source() const;
  // To be called before rows are measured: makes a store without rows one of `source`. Committed on return, unless in a
  // group. Throws Error naming the file and both sources where it holds rows of another.
  void claim(const std::string& source);

  bool contains(const std::string& engine_hash, const std::string& subgraph_key) const;  // for this tool version
  // Committed on return, unless in a group. A row that exists already keeps its measurement; networks that it does not
  // list yet are added to it, and its weight grows by their occurrences.
  void insert(const Row& row);
  // The same for a row of this tool version that exists already; without such a row nothing happens.
  void add_networks(const std::string& engine_hash, const std::string& subgraph_key,
                    const std::vector<NetworkMembership>& networks);
  std::int64_t rows() const;
  // Visits the rows in an order that depends on their keys alone, not on when they were measured. Throws Error naming
  // file, row, column and rule for a row that no measurement can have given.
  void for_each(const std::function<void(const Row&)>& visit) const;
  // What was planned for these rows: keeps a campaign once, however often it is measured. Committed on return, unless
  // in a group.
  void add_campaign(const CampaignRecord& campaign);
  // By hash; none where the rows were measured before stores kept their campaigns. Throws Error naming the file for a
  // campaign that no tool can have written.
  std::vector<CampaignRecord> campaigns() const;
  // CSV with a header of names that carry units (docs/measurements.md); rows in the order of for_each, constant columns
  // beside (core/record/export_csv.hpp). Written beside `path` and renamed, so that a killed export leaves nothing
  // half-written.
  void export_csv(const std::string& path, CsvForm form = CsvForm::kNumbers) const;

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

}  // namespace lanewise::record
