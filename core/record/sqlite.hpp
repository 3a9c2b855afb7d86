// SPDX-License-Identifier: Apache-2.0
// A thin wrapper of the part of SQLite that the store needs. Private to this module. Failures are Errors that name the
// file.
#pragma once

#include <cstdint>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace lanewise::record {

class Connection {
 public:
  enum class Mode { kCreate, kExisting, kRead };
  // Opens for reading and writing; kCreate makes the file when it is missing. kRead writes nothing beside the file, and
  // reads as well where nothing can be written: from a medium or a folder without the right to. What a log or a journal
  // there says of the file is honoured; where that cannot be done in place, on a copy in the folder for temporary
  // files.
  explicit Connection(const std::string& path, Mode mode = Mode::kCreate);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const std::string& path() const { return path_; }
  sqlite3* handle() const { return handle_; }
  // Runs statements that yield no rows.
  void run(const char* sql) const;
  // First column of the first row of a query that yields at least one.
  std::int64_t integer(const char* sql) const;
  // Rows that the last INSERT, UPDATE or DELETE changed.
  std::int64_t changes() const;
  // Throws Error for SQLite's result `code`, with the usual ones explained in plain words.
  [[noreturn]] void refuse(int code) const;

 private:
  void open(const std::string& name, int flags);
  void open_for_reading(const std::string& name);
  bool open_with_log(const std::string& name);
  void open_copy(const std::string& name);
  void close();

  std::string path_;
  std::string copy_;  // the folder of a copy that is read instead of the file; "" where there is none
  sqlite3* handle_ = nullptr;
};

// A prepared statement. Bound text is not copied: it must live until the next reset().
class Statement {
 public:
  Statement(const Connection& connection, const char* sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Parameters are counted from 1.
  Statement& bind(int parameter, const std::string& text);
  Statement& bind(int parameter, std::int64_t number);
  Statement& bind(int parameter, double number);
  // Binds every column of the row that `from` is at, the first to `parameter`. Text is copied.
  Statement& bind_row(int parameter, const Statement& from);
  // True while there is a row.
  bool step();
  void reset();
  // Columns are counted from 0.
  std::string text(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  bool is_integer(int column) const;
  bool is_real(int column) const;
  bool is_text(int column) const;
  bool is_null(int column) const;
  int columns() const;
  std::string name(int column) const;
  // Type and value are the same, to the last bit.
  bool equal(int column, const Statement& other, int other_column) const;

 private:
  const Connection& connection_;
  sqlite3_stmt* handle_ = nullptr;
};

// Undone on destruction unless committed.
class Transaction {
 public:
  explicit Transaction(const Connection& connection);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  const Connection& connection_;
  bool open_ = true;
};

}  // namespace lanewise::record
