// SPDX-License-Identifier: Apache-2.0
#include "core/record/sqlite.hpp"

#include <sqlite3.h>

#include <cstring>

#include "core/base/error.hpp"

namespace lanewise::record {
namespace {

constexpr int kWaitForOtherWriterMilliseconds = 10000;

}  // namespace

Connection::Connection(const std::string& path, Mode mode) : path_(path) {
  if (path.empty()) throw Error("measurement store '': a file name is needed");
  // SQLite takes names that begin with a colon for databases in memory.
  const std::string name = path.front() == ':' ? "./" + path : path;
  const int create = mode == Mode::kCreate ? SQLITE_OPEN_CREATE : 0;
  const int code =
      sqlite3_open_v2(name.c_str(), &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE | create, nullptr);
  if (code != SQLITE_OK) {
    const std::string why = sqlite3_errmsg(handle_);
    sqlite3_close(handle_);
    throw Error("measurement store '" + path + "': " + why + "; it must be a file that can be read and written");
  }
  sqlite3_busy_timeout(handle_, kWaitForOtherWriterMilliseconds);
}

Connection::~Connection() { sqlite3_close(handle_); }

void Connection::refuse(int code) const {
  switch (code & 0xff) {
    case SQLITE_NOTADB:
      throw Error("measurement store '" + path_ + "': is not an SQLite file");
    case SQLITE_CORRUPT:
      throw Error("measurement store '" + path_ + "': is damaged");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error("measurement store '" + path_ + "': another process is writing it; a store has one writer at a time");
    case SQLITE_READONLY:
      throw Error("measurement store '" + path_ + "': cannot be written");
    case SQLITE_FULL:
      throw Error("measurement store '" + path_ +
                  "': the disk is full; what was committed before is kept, the same command goes on from there");
    case SQLITE_IOERR: {
      const int system = sqlite3_system_errno(handle_);
      throw Error("measurement store '" + path_ +
                  "': " + (system == 0 ? sqlite3_errmsg(handle_) : std::strerror(system)) +
                  "; what was committed before is kept, the same command goes on from there");
    }
    default:
      throw Error("measurement store '" + path_ + "': " + sqlite3_errmsg(handle_));
  }
}

void Connection::run(const char* sql) const {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) refuse(code);
}

std::int64_t Connection::integer(const char* sql) const {
  Statement statement(*this, sql);
  if (!statement.step()) throw InternalError(std::string("no row from: ") + sql);
  return statement.integer(0);
}

std::int64_t Connection::changes() const { return sqlite3_changes(handle_); }

Statement::Statement(const Connection& connection, const char* sql) : connection_(connection) {
  const int code = sqlite3_prepare_v2(connection.handle(), sql, -1, &handle_, nullptr);
  if (code != SQLITE_OK) connection.refuse(code);
}

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement& Statement::bind(int parameter, const std::string& text) {
  const int code = sqlite3_bind_text(handle_, parameter, text.data(), static_cast<int>(text.size()), nullptr);
  if (code != SQLITE_OK) connection_.refuse(code);
  return *this;
}

Statement& Statement::bind(int parameter, std::int64_t number) {
  const int code = sqlite3_bind_int64(handle_, parameter, number);
  if (code != SQLITE_OK) connection_.refuse(code);
  return *this;
}

Statement& Statement::bind(int parameter, double number) {
  const int code = sqlite3_bind_double(handle_, parameter, number);
  if (code != SQLITE_OK) connection_.refuse(code);
  return *this;
}

Statement& Statement::bind_row(int parameter, const Statement& from) {
  for (int column = 0; column < from.columns(); ++column) {
    const int code = sqlite3_bind_value(handle_, parameter + column, sqlite3_column_value(from.handle_, column));
    if (code != SQLITE_OK) connection_.refuse(code);
  }
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3_reset(handle_);
  connection_.refuse(code);
}

void Statement::reset() { sqlite3_reset(handle_); }

std::string Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  return bytes == nullptr ? std::string()
                          : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

double Statement::real(int column) const { return sqlite3_column_double(handle_, column); }

int Statement::columns() const { return sqlite3_column_count(handle_); }

std::string Statement::name(int column) const { return sqlite3_column_name(handle_, column); }

bool Statement::equal(int column, const Statement& other, int other_column) const {
  const int type = sqlite3_column_type(handle_, column);
  if (type != sqlite3_column_type(other.handle_, other_column)) return false;
  if (type == SQLITE_INTEGER) return integer(column) == other.integer(other_column);
  if (type == SQLITE_FLOAT) {
    const double a = real(column), b = other.real(other_column);
    return std::memcmp(&a, &b, sizeof a) == 0;
  }
  return text(column) == other.text(other_column);
}

Transaction::Transaction(const Connection& connection) : connection_(connection) { connection.run("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
  if (open_) sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  connection_.run("COMMIT");
  open_ = false;
}

}  // namespace lanewise::record
