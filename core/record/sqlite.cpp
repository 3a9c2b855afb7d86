// SPDX-License-Identifier: Apache-2.0
#include "core/record/sqlite.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "core/base/error.hpp"

namespace lanewise::record {
namespace {

constexpr int kWaitForOtherWriterMilliseconds = 10000;
constexpr int kLongestText = 1 << 24;  // bytes
// What a writer that was killed leaves beside a store: a write-ahead log, or the journal of a transaction to be undone.
constexpr const char* kTails[] = {"-wal", "-journal"};

bool holds_anything(const std::string& path) {
  std::error_code none;
  const std::uintmax_t size = std::filesystem::file_size(path, none);
  return !none && size > 0;
}

}  // namespace

Connection::Connection(const std::string& path, Mode mode) : path_(path) {
  if (path.empty()) throw Error("measurement store '': a file name is needed");
  // SQLite takes names that begin with a colon for databases in memory, and would wait for a pipe's writer.
  const std::string name = path.front() == ':' ? "./" + path : path;
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(name, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw Error("measurement store '" + path + "': is no regular file; it must be a file that can be read and written");
  }
  try {
    if (mode == Mode::kRead) {
      open_for_reading(name);
    } else {
      open(name, SQLITE_OPEN_READWRITE | (mode == Mode::kCreate ? SQLITE_OPEN_CREATE : 0));
    }
  } catch (...) {
    close();  // a copy begun
    throw;
  }
  sqlite3_busy_timeout(handle_, kWaitForOtherWriterMilliseconds);
  // Texts of a row are names and keys: a file that claims more is refused when it is read.
  sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, kLongestText);
}

void Connection::open(const std::string& name, int flags) {
  const int code = sqlite3_open_v2(name.c_str(), &handle_, flags | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code == SQLITE_OK) return;
  const bool reads = (flags & SQLITE_OPEN_READONLY) != 0;
  const std::string why = sqlite3_errmsg(handle_);
  sqlite3_close(handle_);
  handle_ = nullptr;
  throw Error("measurement store '" + path_ + "': " + why + "; it must be a file that can be read" +
              (reads ? "" : " and written"));
}

// Where the folder can be written a reader behaves like a writer that writes nothing, because only that one clears away
// the log beside the file. Elsewhere the file is read as it lies there, unless a log beside it has rows of its own or a
// journal takes some back: SQLite can follow these in place only while what it shares with a writer is there, too.
void Connection::open_for_reading(const std::string& name) {
  // By the rights that opening the file will have.
  const auto may = [](const std::string& path, int how) {
    return ::faccessat(AT_FDCWD, path.c_str(), how, AT_EACCESS) == 0;
  };
  const std::string folder = std::filesystem::path(name).parent_path().string();
  if (may(name, W_OK) && may(folder.empty() ? "." : folder, W_OK)) return open(name, SQLITE_OPEN_READWRITE);
  if (!may(name, R_OK)) throw Error("measurement store '" + path_ + "': cannot be read: " + std::strerror(errno));
  for (const char* tail : kTails) {
    if (!holds_anything(name + tail)) continue;
    if (!open_with_log(name)) open_copy(name);
    return;
  }
  std::string uri = "file:";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) != 0 || c == '/' || c == '.' || c == '-' || c == '_';
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, "%%%02x", byte);
    uri += plain ? std::string(1, c) : std::string(escaped);
  }
  open(uri + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

bool Connection::open_with_log(const std::string& name) {
  open(name, SQLITE_OPEN_READONLY);
  sqlite3_busy_timeout(handle_, kWaitForOtherWriterMilliseconds);
  const int code = sqlite3_exec(handle_, "SELECT count(*) FROM sqlite_master", nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return true;
  // A copy of what somebody writes could be torn.
  if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) refuse(code);
  close();
  return false;
}

// Nobody is writing: a writer would have kept what open_with_log() needs.
void Connection::open_copy(const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code failed;
  std::string folder = (fs::temp_directory_path(failed) / "lanewise-store-XXXXXX").string();
  const auto refuse_copy = [&](const std::string& why) {
    throw Error("measurement store '" + path_ + "': rows of it are in the log beside it, and a copy of both in '" +
                fs::path(folder).parent_path().string() + "' cannot be made: " + why);
  };
  if (failed || ::mkdtemp(folder.data()) == nullptr) refuse_copy(failed ? failed.message() : std::strerror(errno));
  copy_ = folder;
  const std::string copy = folder + "/store.sqlite";
  for (const char* tail : {"", kTails[0], kTails[1]}) {
    if (*tail != 0 && !holds_anything(name + tail)) continue;
    fs::copy_file(name + tail, copy + tail, failed);
    if (failed) refuse_copy(failed.message());
    // The copy is ours to write, whatever the file was.
    fs::permissions(copy + tail, fs::perms::owner_read | fs::perms::owner_write, failed);
    if (failed) refuse_copy(failed.message());
  }
  open(copy, SQLITE_OPEN_READWRITE);
}

void Connection::close() {
  sqlite3_close(handle_);
  handle_ = nullptr;
  if (copy_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(copy_, ignored);
  copy_.clear();
}

Connection::~Connection() { close(); }

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

bool Statement::is_integer(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_INTEGER; }
bool Statement::is_real(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_FLOAT; }
bool Statement::is_text(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_TEXT; }
bool Statement::is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

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
