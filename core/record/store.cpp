// SPDX-License-Identifier: Apache-2.0
#include "core/record/store.hpp"

#include <cmath>
#include <iterator>
#include <optional>
#include <tuple>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/record/campaigns_table.hpp"
#include "core/record/row_check.hpp"
#include "core/record/schema.hpp"
#include "core/record/source_table.hpp"
#include "core/record/sqlite.hpp"
#include "core/record/unit_text.hpp"

namespace lanewise::record {
namespace {

using EngineValues = std::vector<std::pair<std::string, std::string>>;

constexpr std::int64_t kApplicationId = 0x4c4e5753;  // "LNWS"
constexpr std::int64_t kSchemaVersion = 2;

constexpr const char* kSchema = R"sql(
PRAGMA application_id = 1280202579;
PRAGMA user_version = 2;
CREATE TABLE engine_values (
  engine_hash TEXT NOT NULL,
  position INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (engine_hash, position)
) WITHOUT ROWID;
CREATE TABLE measurements (
  engine_hash TEXT NOT NULL,
  subgraph_key TEXT NOT NULL,
  tool_version TEXT NOT NULL,
  weight REAL NOT NULL,
  failure TEXT NOT NULL,
  latency_cycles INTEGER NOT NULL,
  macs INTEGER NOT NULL,
  utilization REAL NOT NULL,
  dram_read_bytes INTEGER NOT NULL,
  dram_write_bytes INTEGER NOT NULL,
  sram_read_bytes INTEGER NOT NULL,
  sram_write_bytes INTEGER NOT NULL,
  peak_sram_bytes INTEGER NOT NULL,
  energy_pj REAL NOT NULL,
  bound_by TEXT NOT NULL,
  unit_times TEXT NOT NULL,
  PRIMARY KEY (engine_hash, subgraph_key, tool_version)
) WITHOUT ROWID;
CREATE TABLE network_passes (
  engine_hash TEXT NOT NULL,
  subgraph_key TEXT NOT NULL,
  tool_version TEXT NOT NULL,
  network TEXT NOT NULL,
  occurrences INTEGER NOT NULL,
  passes INTEGER NOT NULL,
  PRIMARY KEY (engine_hash, subgraph_key, tool_version, network)
) WITHOUT ROWID;
)sql";
static_assert(kApplicationId == 1280202579 && kSchemaVersion == 2, "the schema's text spells both numbers out");

constexpr const char* kInsertRow =
    "INSERT OR IGNORE INTO measurements VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)";
constexpr const char* kInsertNetwork = "INSERT OR IGNORE INTO network_passes VALUES (?1,?2,?3,?4,?5,?6)";
constexpr const char* kRaiseWeight =
    "UPDATE measurements SET weight = weight + ?4 WHERE engine_hash = ?1 AND subgraph_key = ?2 AND tool_version = ?3";
constexpr const char* kFindRow =
    "SELECT 1 FROM measurements WHERE engine_hash = ?1 AND subgraph_key = ?2 AND tool_version = ?3";
constexpr const char* kSelectNetworks =
    "SELECT engine_hash, subgraph_key, tool_version, network, occurrences, passes FROM network_passes"
    " ORDER BY engine_hash, subgraph_key, tool_version, network";

// The columns of each table, in the order in which statements count them.
const std::vector<std::pair<const char*, std::vector<std::string>>>& table_columns() {
  static const std::vector<std::pair<const char*, std::vector<std::string>>> columns = {
      {"engine_values", {"engine_hash", "position", "key", "value"}},
      {"measurements", {std::begin(kRowColumnNames), std::end(kRowColumnNames)}},
      {"network_passes", {"engine_hash", "subgraph_key", "tool_version", "network", "occurrences", "passes"}},
      {"campaigns", {"campaign_hash", "position", "key", "value"}},
  };
  return columns;
}

std::string select_rows() {
  std::string names;
  for (const char* name : kRowColumnNames) names += std::string(names.empty() ? "" : ", ") + name;
  return "SELECT " + names + " FROM measurements ORDER BY engine_hash, subgraph_key, tool_version";
}

// Creates the tables in an empty file; refuses a file that is something else.
void prepare(const Connection& connection) {
  const auto objects = [&] { return connection.integer("SELECT count(*) FROM sqlite_master"); };
  if (objects() == 0 && connection.integer("PRAGMA user_version") == 0) {
    connection.run("PRAGMA journal_mode = WAL");
    Transaction transaction(connection);
    // Another process may have created the tables while this one waited.
    if (objects() == 0) create_tables(connection);
    transaction.commit();
  }
  require_store(connection);
  // Losing power may lose the last rows, never the file; a killed process loses nothing that was committed.
  connection.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  // Asks for the write lock once, so that a file that cannot be written is refused here and not at the first row.
  Transaction(connection).commit();
}

void check_networks(const std::string& subgraph_key, const std::vector<NetworkMembership>& networks) {
  const std::string* last = nullptr;
  for (const NetworkMembership& member : networks) {
    const bool ordered = last == nullptr ? !member.network.empty() : *last < member.network;
    if (!ordered || member.occurrences < 0 || member.subgraphs < member.occurrences ||
        (member.occurrences == 0) != (member.subgraphs == 0)) {
      throw InternalError("networks of '" + subgraph_key +
                          "' must stand by name, each once, with none to all of their passes");
    }
    last = &member.network;
  }
}

void check_finite(const Row& row) {
  if (!std::isfinite(row.weight) || row.weight < 0 || !std::isfinite(row.measurement.utilization) ||
      !std::isfinite(row.measurement.energy.count())) {
    throw InternalError("measurement of '" + row.subgraph_key +
                        "' has a number that is not finite, or a weight below 0");
  }
}

}  // namespace

void create_tables(const Connection& connection) {
  connection.run(kSchema);
  create_campaigns(connection);
}

void require_store(const Connection& connection) {
  const std::string& path = connection.path();
  if (connection.integer("PRAGMA application_id") != kApplicationId) {
    throw Error("measurement store '" + path + "': is an SQLite file, but not a store of measurements");
  }
  const std::int64_t found = connection.integer("PRAGMA user_version");
  if (found != kSchemaVersion && found != kExternalSchemaVersion) {
    throw Error("measurement store '" + path + "': has schema version " + std::to_string(found) +
                ", this version of the tool reads " + std::to_string(kSchemaVersion) + " and " +
                std::to_string(kExternalSchemaVersion));
  }
  read_source(connection);
  const bool campaigns = has_campaigns(connection);
  for (const auto& [table, expected] : table_columns()) {
    // Stores that were made before campaigns were kept have no such table, and are read as before.
    if (table == std::string("campaigns") && !campaigns) continue;
    const std::string query = std::string("SELECT name FROM pragma_table_info('") + table + "') ORDER BY cid";
    Statement names(connection, query.c_str());
    for (const std::string& name : expected) {
      const bool more = names.step();
      if (more && names.text(0) == name) continue;
      throw Error("measurement store '" + path + "': table '" + table + "' has " +
                  (more ? "column '" + names.text(0) + "'" : std::string("no column")) + " where '" + name +
                  "' should be");
    }
    if (names.step()) {
      throw Error("measurement store '" + path + "': table '" + table + "' has the unknown column '" + names.text(0) +
                  "'");
    }
  }
}

struct Store::Database {
  Database(const std::string& path, Access access)
      : connection(path, access == Access::kRead ? Connection::Mode::kRead : Connection::Mode::kCreate) {
    if (access == Access::kRead) {
      require_store(connection);
    } else {
      prepare(connection);
    }
    insert_row.emplace(connection, kInsertRow);
    insert_network.emplace(connection, kInsertNetwork);
    find_row.emplace(connection, kFindRow);
  }

  // One of its own for a write that is in no group.
  std::optional<Transaction> transaction() const {
    if (group) return std::nullopt;
    return std::make_optional<Transaction>(connection);
  }

  // Adds what is not there yet; returns its occurrences together.
  std::int64_t insert_networks(const std::string& hash, const std::string& key, const std::string& tool,
                               const std::vector<NetworkMembership>& networks) {
    std::int64_t added = 0;
    for (const NetworkMembership& member : networks) {
      insert_network->bind(1, hash).bind(2, key).bind(3, tool).bind(4, member.network);
      insert_network->bind(5, member.occurrences).bind(6, member.subgraphs).step();
      insert_network->reset();
      if (connection.changes() > 0) added += member.occurrences;
    }
    return added;
  }

  void raise_weight(const std::string& hash, const std::string& key, const std::string& tool, std::int64_t by) const {
    if (by == 0) return;
    Statement statement(connection, kRaiseWeight);
    statement.bind(1, hash).bind(2, key).bind(3, tool).bind(4, by).step();
  }

  EngineValues engine_values(const std::string& hash) const {
    Statement statement(connection, "SELECT key, value FROM engine_values WHERE engine_hash = ?1 ORDER BY position");
    statement.bind(1, hash);
    EngineValues values;
    while (statement.step()) values.emplace_back(statement.text(0), statement.text(1));
    return values;
  }

  // Engines that differ only in name have one hash. Of their texts the smallest stays, so that what is read back does
  // not depend on which was measured first.
  void keep_engine(const std::string& hash, const EngineValues& values) const {
    if (hash == last_hash && values == last_values) return;
    const EngineValues known = engine_values(hash);
    if (!known.empty() && known <= values) return;
    Statement remove(connection, "DELETE FROM engine_values WHERE engine_hash = ?1");
    remove.bind(1, hash).step();
    Statement insert(connection, "INSERT INTO engine_values VALUES (?1,?2,?3,?4)");
    std::int64_t position = 0;
    for (const auto& [key, value] : values) {
      insert.bind(1, hash).bind(2, position++).bind(3, key).bind(4, value).step();
      insert.reset();
    }
  }

  Connection connection;
  std::optional<Statement> insert_row, insert_network, find_row;
  std::optional<Transaction> group;
  // The engine of the row before: campaigns insert many rows of one engine in turn.
  std::string last_hash;
  EngineValues last_values;
};

Store::Store(const std::string& path, Access access) : database_(std::make_unique<Database>(path, access)) {}
Store::~Store() = default;

bool Store::contains(const std::string& engine_hash, const std::string& subgraph_key) const {
  Statement& statement = *database_->find_row;
  const std::string tool = version();
  statement.bind(1, engine_hash).bind(2, subgraph_key).bind(3, tool);
  const bool found = statement.step();
  statement.reset();
  return found;
}

Store::Group::Group(Store& store) : store_(store) {
  if (store_.database_->group) throw InternalError("a store writes one group at a time");
  store_.database_->group.emplace(store_.database_->connection);
}

Store::Group::~Group() {
  if (!store_.database_->group) return;
  store_.database_->group.reset();
  store_.database_->last_hash.clear();  // it may have been undone
}

void Store::Group::commit() {
  store_.database_->group->commit();
  store_.database_->group.reset();
}

void Store::insert(const Row& row) {
  check_finite(row);
  check_networks(row.subgraph_key, row.networks);
  const Measurement& m = row.measurement;
  const std::string units = to_text(m.units);
  std::optional<Transaction> transaction = database_->transaction();
  database_->keep_engine(row.engine_hash, row.engine_values);
  Statement& statement = *database_->insert_row;
  statement.reset();
  statement.bind(1, row.engine_hash).bind(2, row.subgraph_key).bind(3, row.tool_version).bind(4, row.weight);
  statement.bind(5, row.failure).bind(6, m.latency.count()).bind(7, m.macs).bind(8, m.utilization);
  statement.bind(9, m.dram_read.count()).bind(10, m.dram_write.count());
  statement.bind(11, m.sram_read.count()).bind(12, m.sram_write.count()).bind(13, m.peak_sram.count());
  statement.bind(14, m.energy.count()).bind(15, m.bound_by).bind(16, units);
  statement.step();
  statement.reset();
  const bool known = database_->connection.changes() == 0;
  const std::int64_t added =
      database_->insert_networks(row.engine_hash, row.subgraph_key, row.tool_version, row.networks);
  if (known) database_->raise_weight(row.engine_hash, row.subgraph_key, row.tool_version, added);
  if (transaction) transaction->commit();
  database_->last_hash = row.engine_hash;
  if (database_->last_values != row.engine_values) database_->last_values = row.engine_values;
}

void Store::add_networks(const std::string& engine_hash, const std::string& subgraph_key,
                         const std::vector<NetworkMembership>& networks) {
  check_networks(subgraph_key, networks);
  if (networks.empty() || !contains(engine_hash, subgraph_key)) return;
  const std::string tool = version();
  std::optional<Transaction> transaction = database_->transaction();
  const std::int64_t added = database_->insert_networks(engine_hash, subgraph_key, tool, networks);
  database_->raise_weight(engine_hash, subgraph_key, tool, added);
  if (transaction) transaction->commit();
}

void Store::add_campaign(const CampaignRecord& campaign) {
  std::optional<Transaction> transaction = database_->transaction();
  insert_campaign(database_->connection, campaign);
  if (transaction) transaction->commit();
}

std::vector<CampaignRecord> Store::campaigns() const { return read_campaigns(database_->connection); }

std::string Store::source() const { return read_source(database_->connection); }

void Store::claim(const std::string& source) {
  if (!source.empty()) require_possible_source(source);
  std::optional<Transaction> transaction = database_->transaction();
  const std::string measured_by = this->source();
  if (measured_by != source) {
    const auto name = [](const std::string& who) { return who.empty() ? "the simulator" : "'" + who + "'"; };
    if (!measured_by.empty() || rows() > 0) {
      throw Error("measurement store '" + database_->connection.path() + "': its rows were measured by " +
                  name(measured_by) + ": rows of " + name(source) + " must go into another store");
    }
    write_source(database_->connection, source);
  }
  if (transaction) transaction->commit();
}

std::int64_t Store::rows() const { return database_->connection.integer("SELECT count(*) FROM measurements"); }

void Store::for_each(const std::function<void(const Row&)>& visit) const {
  Statement statement(database_->connection, select_rows().c_str());
  // Both come in the order of the rows' keys: one walk through each.
  Statement members(database_->connection, kSelectNetworks);
  bool more = members.step();
  Row row;
  while (statement.step()) {
    std::string hash = statement.text(0);
    if (hash != row.engine_hash || row.engine_values.empty()) row.engine_values = database_->engine_values(hash);
    read_row(database_->connection.path(), statement, 0, row);
    row.networks.clear();
    for (; more; more = members.step()) {
      const auto place = std::make_tuple(members.text(0), members.text(1), members.text(2));
      const auto here = std::tie(row.engine_hash, row.subgraph_key, row.tool_version);
      if (place > here) break;
      if (place != here) continue;
      row.networks.push_back({members.text(3), members.integer(4), members.integer(5)});
      require_membership(database_->connection.path(), row, row.networks.back());
    }
    visit(row);
  }
}

}  // namespace lanewise::record
