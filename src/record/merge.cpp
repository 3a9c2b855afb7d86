// SPDX-License-Identifier: Apache-2.0
#include "record/merge.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "record/schema.hpp"
#include "record/sqlite.hpp"

namespace lanewise::record {
namespace {

using EngineValues = std::vector<std::pair<std::string, std::string>>;

constexpr int kKeyColumns = 3;  // engine hash, subgraph key, tool version: the first of every row

// A file that goes on every way out unless it took another's name.
class UnfinishedFile {
 public:
  explicit UnfinishedFile(std::string path) : path_(std::move(path)) {}
  ~UnfinishedFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;
  const std::string& path() const { return path_; }

  void become(const std::string& target) {
    const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    int code = file < 0 || ::fsync(file) != 0 ? errno : 0;
    if (file >= 0) ::close(file);
    if (code == 0 && ::rename(path_.c_str(), target.c_str()) != 0) code = errno;
    if (code != 0) throw Error(fmt::format("cannot write '{}': {}", target, std::strerror(code)));
    path_.clear();
  }

 private:
  std::string path_;
};

// A value that all sources must share, and the first of them that had it.
class Shared {
 public:
  explicit Shared(const char* what) : what_(what) {}

  void require(const std::string& path, const std::string& value) {
    if (path_.empty()) {
      path_ = path;
      value_ = value;
    } else if (value != value_) {
      const std::string where = path == path_ ? "the same store" : fmt::format("'{}'", path_);
      throw Error(fmt::format("measurement store '{}': has {} {}, but {} has {} {}: stores of one {} are joined", path,
                              what_, value, where, what_, value_, what_));
    }
  }
  const std::string& value() const { return value_; }

 private:
  const char* what_;
  std::string path_, value_;
};

// Rows of all sources in one file, without order: appending is what a disk does best, and SQLite sorts them on the way
// out.
class Incoming {
 public:
  Incoming(const std::string& path, const Connection& schema) : connection_(path) {
    connection_.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536");
    std::string names, parameters;
    Statement columns(schema, "SELECT name FROM pragma_table_info('measurements') ORDER BY cid");
    for (int column = 0; columns.step(); ++column) {
      names += ", " + columns.text(0);
      parameters += fmt::format(", ?{}", column + 2);
    }
    connection_.run(fmt::format("CREATE TABLE incoming (source{})", names).c_str());
    insert_.emplace(connection_, fmt::format("INSERT INTO incoming VALUES (?1{})", parameters).c_str());
  }

  // Appends the rows of one source; returns how many.
  std::int64_t add(std::int64_t source, const Connection& store, Shared& tool_version) {
    Transaction transaction(connection_);
    Statement rows(store, "SELECT * FROM measurements");
    std::int64_t count = 0;
    for (; rows.step(); ++count) {
      tool_version.require(store.path(), rows.text(kKeyColumns - 1));
      insert_->bind(1, source).bind_row(2, rows).step();
      insert_->reset();
    }
    transaction.commit();
    return count;
  }

  // Rows in the order of their keys, those of one key in the order of the sources. Column 0 is the source.
  void sort() {
    sorted_.emplace(connection_, "SELECT * FROM incoming ORDER BY engine_hash, subgraph_key, tool_version, source");
  }
  // The row that step() went to.
  const Statement& row() const { return *sorted_; }
  bool step() { return sorted_->step(); }

 private:
  Connection connection_;
  std::optional<Statement> insert_, sorted_;
};

// Engines that differ only in name have one hash. The smallest text stays, as in a store that measured them itself.
class Engines {
 public:
  void add(const Connection& store, Shared& family) {
    Statement values(store, "SELECT engine_hash, key, value FROM engine_values ORDER BY engine_hash, position");
    std::string hash;
    EngineValues engine;
    while (values.step()) {
      if (values.text(0) != hash) {
        keep(hash, std::move(engine));
        engine.clear();
        hash = values.text(0);
      }
      if (values.text(1) == "family") family.require(store.path(), values.text(2));
      engine.emplace_back(values.text(1), values.text(2));
    }
    keep(hash, std::move(engine));
  }

  void write(const Connection& store) const {
    Statement insert(store, "INSERT INTO engine_values VALUES (?1,?2,?3,?4)");
    for (const auto& [hash, values] : engines_) {
      std::int64_t position = 0;
      for (const auto& [key, value] : values) {
        insert.bind(1, hash).bind(2, position++).bind(3, key).bind(4, value).step();
        insert.reset();
      }
    }
  }

  std::int64_t size() const { return static_cast<std::int64_t>(engines_.size()); }

 private:
  void keep(const std::string& hash, EngineValues engine) {
    if (engine.empty()) return;
    const auto [place, fresh] = engines_.try_emplace(hash, engine);
    if (!fresh && engine < place->second) place->second = std::move(engine);
  }

  std::map<std::string, EngineValues> engines_;
};

// `row` has its source in front of its columns; `stored` is what another source said of the same key.
void require_equal(const Statement& row, const Statement& stored, const std::string& path, const std::string& other) {
  for (int column = kKeyColumns; column < stored.columns(); ++column) {
    if (stored.equal(column, row, column + 1)) continue;
    throw Error(fmt::format(
        "measurement store '{}': engine {}, pass '{}': {} is '{}', but '{}' in '{}': a row must be "
        "the same wherever it was measured",
        path, row.text(1), row.text(2), stored.name(column), row.text(column + 1), stored.text(column), other));
  }
}

// Writes every row once, in the order of the keys.
void write_rows(const Connection& out, Incoming& incoming, MergeOutcome& outcome) {
  const Statement& row = incoming.row();
  std::string parameters;
  for (int column = 1; column < row.columns(); ++column) {
    parameters += fmt::format("{}?{}", column > 1 ? "," : "", column + 1);
  }
  Statement insert(out, fmt::format("INSERT INTO measurements VALUES ({})", parameters).c_str());
  Statement find(out, "SELECT * FROM measurements WHERE engine_hash = ?1 AND subgraph_key = ?2 AND tool_version = ?3");
  std::array<std::string, kKeyColumns> key, last_key;
  std::size_t last_source = 0;
  while (incoming.step()) {
    const auto source = static_cast<std::size_t>(row.integer(0));
    for (int column = 0; column < kKeyColumns; ++column) key[static_cast<std::size_t>(column)] = row.text(column + 1);
    if (key == last_key) {
      for (int column = 0; column < kKeyColumns; ++column) find.bind(column + 1, key[static_cast<std::size_t>(column)]);
      find.step();
      require_equal(row, find, outcome.sources[source].path, outcome.sources[last_source].path);
      find.reset();
      ++outcome.sources[source].repeated;
      continue;
    }
    insert.bind_row(1, row).step();
    insert.reset();
    ++outcome.rows;
    last_key = key;
    last_source = source;
  }
}

// A store that is there already, kept from every other process while a new one takes its place.
class Replaced {
 public:
  explicit Replaced(const std::string& path) : connection_(path, Connection::Mode::kExisting) {
    require_store(connection_);
    // Without a log beside it, that the new file would be read with.
    connection_.run("PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  }
  const Connection& connection() const { return connection_; }

 private:
  Connection connection_;
};

// The file that `out` names, links followed.
std::string target_of(const std::string& out) {
  std::error_code failed;
  const std::filesystem::path resolved = std::filesystem::canonical(out, failed);
  return failed ? out : resolved.string();
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code failed;
  return std::filesystem::equivalent(a, b, failed) && !failed;
}

void require_free(const std::string& path) {
  if (::access(path.c_str(), F_OK) == 0) {
    throw Error(fmt::format("'{}' is left of a store that is gone: it must be removed first", path));
  }
}

}  // namespace

MergeOutcome merge_stores(const std::string& out, const std::vector<std::string>& inputs) {
  if (inputs.empty()) throw Error("no stores to join: at least one must be given");
  const std::string target = target_of(out);
  const bool goes_on = ::access(target.c_str(), F_OK) == 0;
  std::optional<Replaced> replaced;
  if (goes_on) {
    replaced.emplace(target);
  } else {
    for (const char* tail : {"-wal", "-journal"}) require_free(target + tail);
  }
  const UnfinishedFile unsorted(fmt::format("{}.partial-{}-rows", target, ::getpid()));
  UnfinishedFile joined(fmt::format("{}.partial-{}", target, ::getpid()));

  MergeOutcome outcome;
  Shared tool_version("tool version"), family("family");
  {
    const Connection store(joined.path());
    store.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    create_tables(store);
    Incoming incoming(unsorted.path(), store);
    Engines engines;
    const auto add = [&](const Connection& source, const std::string& path) {
      const auto number = static_cast<std::int64_t>(outcome.sources.size());
      engines.add(source, family);
      outcome.sources.push_back({path, incoming.add(number, source, tool_version), 0});
    };
    if (replaced) add(replaced->connection(), out);
    for (const std::string& input : inputs) {
      if (replaced && same_file(input, target)) continue;
      const Connection source(input, Connection::Mode::kExisting);
      require_store(source);
      add(source, input);
    }
    Transaction transaction(store);
    engines.write(store);
    incoming.sort();
    write_rows(store, incoming, outcome);
    transaction.commit();
    outcome.engines = engines.size();
    outcome.failed = store.integer("SELECT count(*) FROM measurements WHERE failure <> ''");
  }
  outcome.tool_version = tool_version.value();
  outcome.family = family.value();
  joined.become(target);
  return outcome;
}

}  // namespace lanewise::record
