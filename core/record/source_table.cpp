// SPDX-License-Identifier: Apache-2.0
#include "core/record/source_table.hpp"

#include "core/base/error.hpp"
#include "core/record/campaign_record.hpp"

namespace lanewise::record {

std::string read_source(const Connection& connection) {
  if (connection.integer("PRAGMA user_version") != kExternalSchemaVersion) return "";
  const auto damaged = [&](const std::string& what) {
    return Error("measurement store '" + connection.path() + "': is damaged: " + what);
  };
  if (connection.integer("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'source'") != 1) {
    throw damaged("has no table 'source'");
  }
  Statement names(connection, "SELECT name FROM source");
  if (!names.step() || !names.is_text(0)) throw damaged("does not say who measured its rows");
  std::string source = names.text(0);
  if (names.step()) throw damaged("says twice who measured its rows");
  try {
    require_possible_source(source);
  } catch (const Error& error) {
    throw damaged(error.what());
  }
  return source;
}

void write_source(const Connection& connection, const std::string& source) {
  require_possible_source(source);
  connection.run("CREATE TABLE source (name TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID; PRAGMA user_version = 3");
  static_assert(kExternalSchemaVersion == 3, "the statement spells the number out");
  Statement insert(connection, "INSERT INTO source VALUES (?1)");
  insert.bind(1, source).step();
}

}  // namespace lanewise::record
