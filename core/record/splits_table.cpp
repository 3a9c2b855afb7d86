// SPDX-License-Identifier: Apache-2.0
#include "core/record/splits_table.hpp"

#include "core/record/schema.hpp"
#include "core/record/sqlite.hpp"

namespace lanewise::record {
namespace {

constexpr const char* kSplits = R"sql(
CREATE TABLE splits (
  engine_hash TEXT NOT NULL,
  subgraph_key TEXT NOT NULL,
  tool_version TEXT NOT NULL,
  split_row TEXT NOT NULL,
  split_engine TEXT NOT NULL,
  split_shape TEXT NOT NULL,
  PRIMARY KEY (engine_hash, subgraph_key, tool_version)
) WITHOUT ROWID;
)sql";

}  // namespace

void write_splits(const std::string& path, const std::vector<RowSplits>& rows) {
  const Connection connection(path, Connection::Mode::kExisting);
  require_store(connection);
  // A file with a write-ahead log cannot be read from where nothing can be written.
  connection.run("PRAGMA journal_mode = DELETE");
  Transaction transaction(connection);
  connection.run(kSplits);
  Statement insert(connection, "INSERT INTO splits VALUES (?1,?2,?3,?4,?5,?6)");
  for (const RowSplits& row : rows) {
    insert.bind(1, row.engine_hash).bind(2, row.subgraph_key).bind(3, row.tool_version);
    insert.bind(4, row.row).bind(5, row.engine).bind(6, row.shape).step();
    insert.reset();
  }
  transaction.commit();
}

}  // namespace lanewise::record
