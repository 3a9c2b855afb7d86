// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sqlite3.h>

#include <cstring>

#include "tests/fuzz/mutate.hpp"

namespace lanewise::fuzz {
namespace {

// A database in memory.
class Database {
 public:
  explicit Database(const std::string& bytes) {
    sqlite3_open(":memory:", &handle_);
    auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(bytes.size() + 1));
    std::memcpy(copy, bytes.data(), bytes.size());
    // A database in memory has no write-ahead log, whatever its header asks for.
    constexpr std::size_t kWriteVersion = 18, kReadVersion = 19;
    if (bytes.size() > kReadVersion) copy[kWriteVersion] = copy[kReadVersion] = 1;
    const auto size = static_cast<sqlite3_int64>(bytes.size());
    sqlite3_deserialize(handle_, "main", copy, size, size,
                        SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
  }
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // What fails leaves the database as it was.
  void run(const std::string& sql) { sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr); }
  std::vector<std::string> texts(const std::string& sql) {
    std::vector<std::string> out;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK) {
      while (sqlite3_step(statement) == SQLITE_ROW) {
        const auto* text = sqlite3_column_text(statement, 0);
        if (text != nullptr) out.emplace_back(reinterpret_cast<const char*>(text));
      }
    }
    sqlite3_finalize(statement);
    return out;
  }
  std::string bytes() {
    sqlite3_int64 size = 0;
    unsigned char* raw = sqlite3_serialize(handle_, "main", &size, 0);
    if (raw == nullptr) return "";
    std::string out(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size));
    sqlite3_free(raw);
    return out;
  }

 private:
  sqlite3* handle_ = nullptr;
};

std::string quoted(const std::string& text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == '\0') continue;
    out += c;
    if (c == quote) out += quote;
  }
  return out + quote;
}

std::string odd_value(Random& random) {
  switch (random.below(6)) {
    case 0:
      return std::to_string(odd_integer(random));
    case 1:
      return random.chance(0.5) ? "9e999" : "-9e999";  // SQLite's infinities
    case 2:
      return fmt::format("{:e}", std::vector<double>{-5.0, 0.5, 1e-300, 1e300, -1e300}[random.below(5)]);
    case 3:
      return quoted(odd_text(random), '\'');
    case 4:
      return "x'00ff'";
    default:
      return quoted(odd_number_text(random), '\'');
  }
}

void change_row(Database& database, const std::string& table, const std::string& column, Random& random) {
  const std::vector<std::string> count = database.texts("SELECT count(*) FROM " + quoted(table, '"'));
  const auto rows = count.empty() ? 0 : std::strtoll(count.front().c_str(), nullptr, 10);
  if (rows < 1) return;
  const std::string name = quoted(column, '"'), from = quoted(table, '"');
  const std::string at = fmt::format("{0} IS (SELECT {0} FROM {1} LIMIT 1 OFFSET {2})", name, from,
                                     random.below(static_cast<std::uint64_t>(rows)));
  std::string value = odd_value(random);
  if (random.chance(0.4)) {
    // Most of what a text says stays as it is.
    std::vector<std::string> old = database.texts(fmt::format("SELECT {} FROM {} WHERE {}", name, from, at));
    if (!old.empty()) {
      change_text(old.front(), old, random);
      value = quoted(old.front(), '\'');
    }
  }
  database.run(fmt::format("UPDATE OR IGNORE {} SET {} = {} WHERE {}", from, name, value, at));
}

void change_database(Database& database, Random& random) {
  const std::vector<std::string> tables = database.texts("SELECT name FROM sqlite_master WHERE type = 'table'");
  if (tables.empty()) return;
  const std::string& table = random.pick(tables);
  const std::vector<std::string> columns =
      database.texts(fmt::format("SELECT name FROM pragma_table_info({})", quoted(table, '\'')));
  if (columns.empty()) return;
  const std::string& column = random.pick(columns);
  const std::string name = quoted(table, '"');
  switch (random.below(20)) {
    case 0:
      return database.run(fmt::format("ALTER TABLE {} DROP COLUMN {}", name, quoted(column, '"')));
    case 1:
      return database.run(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO x", name, quoted(column, '"')));
    case 2:
      return database.run("DROP TABLE " + name);
    case 3:
      return database.run(fmt::format("DELETE FROM {} WHERE length({}) % 3 = 0", name, quoted(column, '"')));
    case 4:
      return database.run(fmt::format("PRAGMA user_version = {}", random.between(-1, 4)));
    case 5:
      return database.run(fmt::format("DELETE FROM {} WHERE {} = (SELECT {} FROM {} LIMIT 1)", name,
                                      quoted(column, '"'), quoted(column, '"'), name));
    default:
      return change_row(database, table, column, random);
  }
}

}  // namespace

std::string mutate_store(const Inputs& corpus, Random& random) {
  if (random.chance(0.25)) return mutate_bytes(corpus, random);
  Database database(random.pick(corpus));
  for (int i = changes(random); i > 0; --i) change_database(database, random);
  std::string bytes = database.bytes();
  return bytes.empty() ? mutate_bytes(corpus, random) : bytes;
}

}  // namespace lanewise::fuzz
