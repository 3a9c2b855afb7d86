// SPDX-License-Identifier: Apache-2.0
#include "core/record/merge.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "core/record/campaigns_table.hpp"
#include "core/record/file.hpp"
#include "core/record/row_check.hpp"
#include "core/record/row_origin.hpp"
#include "core/record/schema.hpp"
#include "core/record/source_table.hpp"
#include "core/record/sqlite.hpp"

namespace lanewise::record {
namespace {

using EngineValues = std::vector<std::pair<std::string, std::string>>;

// Engine hash, subgraph key, tool version: the first columns of every row.
constexpr int kKeyColumns = 3;
using RowKey = std::array<std::string, kKeyColumns>;
constexpr const char* kSimulator = "the simulator";
constexpr int kWeightColumn = 3;  // of `measurements`: depends on the networks that a campaign knows

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

// One table of all sources together, without order: appending is what a disk does best, and SQLite sorts it on the way
// out.
class Incoming {
 public:
  // `key_columns`: the table's first columns, that rows come in the order of.
  Incoming(const Connection& connection, const Connection& schema, const std::string& table, int key_columns)
      : connection_(connection), table_(table) {
    std::string names, parameters;
    Statement columns(schema, fmt::format("SELECT name FROM pragma_table_info('{}') ORDER BY cid", table).c_str());
    for (int column = 0; columns.step(); ++column) {
      const std::string name = columns.text(0);
      names += ", " + name;
      if (column < key_columns) order_ += name + ", ";
      parameters += fmt::format(", ?{}", column + 2);
    }
    connection_.run(fmt::format("CREATE TABLE {} (source{})", table, names).c_str());
    insert_.emplace(connection_, fmt::format("INSERT INTO {} VALUES (?1{})", table, parameters).c_str());
  }

  // Appends the rows of one source, each shown to `check`; returns how many.
  std::int64_t add(std::int64_t source, const Connection& store,
                   const std::function<void(const Statement&)>& check = {}) {
    Transaction transaction(connection_);
    Statement rows(store, fmt::format("SELECT * FROM {}", table_).c_str());
    std::int64_t count = 0;
    for (; rows.step(); ++count) {
      if (check) check(rows);
      insert_->bind(1, source).bind_row(2, rows).step();
      insert_->reset();
    }
    transaction.commit();
    return count;
  }

  // From here on rows in the order of their keys, those of one key in the order of the sources, from the first on.
  void sort() {
    sorted_.emplace(connection_, fmt::format("SELECT * FROM {} ORDER BY {}source", table_, order_).c_str());
    step();
  }
  bool at_end() const { return at_end_; }
  void step() { at_end_ = !sorted_->step(); }
  // Column 0 is the source; the table's own come behind it.
  const Statement& row() const { return *sorted_; }
  std::size_t source() const { return static_cast<std::size_t>(sorted_->integer(0)); }
  RowKey key() const { return {sorted_->text(1), sorted_->text(2), sorted_->text(3)}; }

 private:
  const Connection& connection_;
  std::string table_, order_;
  std::optional<Statement> insert_, sorted_;
  bool at_end_ = false;
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

  // Empty where no store has any.
  EngineValues values(const std::string& hash) const {
    const auto found = engines_.find(hash);
    return found == engines_.end() ? EngineValues() : found->second;
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

// The networks that hold one row's subgraph, as all sources know them together.
class Members {
 public:
  // Takes the members of `key` from `incoming`, which is at them or before them.
  Members(Incoming& incoming, const RowKey& key, const std::vector<MergeOutcome::Source>& sources) {
    while (!incoming.at_end() && incoming.key() < key) incoming.step();
    for (; !incoming.at_end() && incoming.key() == key; incoming.step()) {
      const Statement& row = incoming.row();
      const Member member = {row.integer(5), row.integer(6), incoming.source()};
      const auto [place, fresh] = members_.try_emplace(row.text(4), member);
      const Member& known = place->second;
      if (known.occurrences != member.occurrences || known.subgraphs != member.subgraphs) {
        throw Error(
            fmt::format("measurement store '{}': engine {}, pass '{}': network '{}' holds it {} of {} times, but "
                        "{} of {} in '{}': two networks have one name",
                        sources[member.source].path, key[0], key[1], place->first, member.occurrences, member.subgraphs,
                        known.occurrences, known.subgraphs, sources[known.source].path));
      }
      by_source_[member.source] += member.occurrences;
      if (fresh) occurrences_ += member.occurrences;
    }
  }

  std::int64_t occurrences() const { return occurrences_; }
  std::int64_t occurrences(std::size_t source) const {
    const auto found = by_source_.find(source);
    return found == by_source_.end() ? 0 : found->second;
  }

  void write(Statement& insert, const RowKey& key) const {
    for (const auto& [network, member] : members_) {
      insert.bind(1, key[0]).bind(2, key[1]).bind(3, key[2]).bind(4, network);
      insert.bind(5, member.occurrences).bind(6, member.subgraphs).step();
      insert.reset();
    }
  }

 private:
  struct Member {
    std::int64_t occurrences = 0, subgraphs = 0;
    std::size_t source = 0;
  };
  std::map<std::string, Member> members_;
  std::map<std::size_t, std::int64_t> by_source_;
  std::int64_t occurrences_ = 0;  // of all of them, each network once
};

// Writes every row once, in the order of the keys.
class Joined {
 public:
  explicit Joined(const Connection& out)
      : insert_(out, insert_text(out).c_str()),
        insert_member_(out, "INSERT INTO network_passes VALUES (?1,?2,?3,?4,?5,?6)"),
        find_(out, "SELECT * FROM measurements WHERE engine_hash = ?1 AND subgraph_key = ?2 AND tool_version = ?3") {}

  void write(Incoming& rows, Incoming& members, MergeOutcome& outcome) {
    while (!rows.at_end()) {
      const RowKey key = rows.key();
      const Members networks(members, key, outcome.sources);
      const std::size_t first = rows.source();
      // What a row weighs beside the networks that it names.
      const auto unnamed = [&] {
        return rows.row().real(kWeightColumn + 1) - static_cast<double>(networks.occurrences(rows.source()));
      };
      const double weight = unnamed();
      insert_.bind_row(1, rows.row());
      insert_.bind(kWeightColumn + 2, weight + static_cast<double>(networks.occurrences())).step();
      insert_.reset();
      networks.write(insert_member_, key);
      ++outcome.rows;
      for (rows.step(); !rows.at_end() && rows.key() == key; rows.step()) {
        MergeOutcome::Source& source = outcome.sources[rows.source()];
        require_equal(rows.row(), key, unnamed() == weight, source.path, outcome.sources[first].path);
        ++source.repeated;
      }
    }
  }

 private:
  static std::string insert_text(const Connection& out) {
    std::string parameters;
    const std::int64_t columns = out.integer("SELECT count(*) FROM pragma_table_info('measurements')");
    for (std::int64_t column = 0; column < columns; ++column) {
      parameters += fmt::format("{}?{}", column > 0 ? "," : "", column + 2);
    }
    return fmt::format("INSERT INTO measurements VALUES ({})", parameters);
  }

  // `row` has its source in front of its columns; the row of the same key that `other` brought is written already.
  void require_equal(const Statement& row, const RowKey& key, bool same_weight, const std::string& path,
                     const std::string& other) {
    for (int column = 0; column < kKeyColumns; ++column) find_.bind(column + 1, key[static_cast<std::size_t>(column)]);
    find_.step();
    for (int column = kKeyColumns; column < find_.columns(); ++column) {
      if (column == kWeightColumn ? same_weight : find_.equal(column, row, column + 1)) continue;
      throw Error(
          fmt::format("measurement store '{}': engine {}, pass '{}': {} is '{}', but '{}' in '{}': a row must be "
                      "the same wherever it was measured",
                      path, key[0], key[1], find_.name(column), row.text(column + 1), find_.text(column), other));
    }
    find_.reset();
  }

  Statement insert_, insert_member_, find_;
};

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
std::string target_of(const std::string& out) { return without_links(out); }

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
  const Unfinished unsorted(target, "-rows");  // never finished
  Unfinished joined(target);

  MergeOutcome outcome;
  Shared tool_version("tool version"), family("family"), source_name("source");
  {
    const Connection store(joined.path());
    store.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    create_tables(store);
    const Connection staged(unsorted.path());
    staged.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536");
    Incoming rows(staged, store, "measurements", kKeyColumns);
    Incoming members(staged, store, "network_passes", kKeyColumns + 1);
    Engines engines;
    std::map<std::string, CampaignRecord> campaigns;  // by hash: of all sources, each once
    const auto add = [&](const Connection& source, const std::string& path) {
      const auto number = static_cast<std::int64_t>(outcome.sources.size());
      const std::string measured_by = read_source(source);
      source_name.require(path, measured_by.empty() ? kSimulator : measured_by);
      engines.add(source, family);
      for (CampaignRecord& campaign : read_campaigns(source)) campaigns.emplace(campaign.hash(), std::move(campaign));
      Row row;
      const auto check = [&](const Statement& at) {
        const std::string last = std::move(row.engine_hash);
        read_row(path, at, 0, row);
        tool_version.require(path, row.tool_version);
        if (row.tool_version != version()) return;
        subgraph_of(path, row);
        if (row.engine_hash == last) return;
        row.engine_values = engines.values(row.engine_hash);
        engine_of(path, row);
      };
      outcome.sources.push_back({path, rows.add(number, source, check), 0});
      members.add(number, source, [&](const Statement& at) {
        row.engine_hash = at.text(0);
        row.subgraph_key = at.text(1);
        require_membership(path, row, {at.text(kKeyColumns), at.integer(kKeyColumns + 1), at.integer(kKeyColumns + 2)});
      });
    };
    if (replaced) add(replaced->connection(), out);
    for (const std::string& input : inputs) {
      if (replaced && same_file(input, target)) continue;
      const Connection source(input, Connection::Mode::kRead);
      require_store(source);
      add(source, input);
    }
    Transaction transaction(store);
    if (source_name.value() != kSimulator) write_source(store, source_name.value());
    engines.write(store);
    for (const auto& [hash, campaign] : campaigns) insert_campaign(store, campaign);
    rows.sort();
    members.sort();
    Joined(store).write(rows, members, outcome);
    transaction.commit();
    outcome.engines = engines.size();
    outcome.failed = store.integer("SELECT count(*) FROM measurements WHERE failure <> ''");
  }
  outcome.tool_version = tool_version.value();
  outcome.family = family.value();
  joined.finish();
  return outcome;
}

}  // namespace lanewise::record
