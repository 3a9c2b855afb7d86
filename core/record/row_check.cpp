// SPDX-License-Identifier: Apache-2.0
#include "core/record/row_check.hpp"
#include "core/record/row_origin.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/base/error.hpp"
#include "core/record/engine_values.hpp"
#include "core/record/unit_text.hpp"

namespace lanewise::record {

const char* const kRowColumnNames[kRowColumns] = {"engine_hash",
                                                  "subgraph_key",
                                                  "tool_version",
                                                  "weight",
                                                  "failure",
                                                  "latency_cycles",
                                                  "macs",
                                                  "utilization",
                                                  "dram_read_bytes",
                                                  "dram_write_bytes",
                                                  "sram_read_bytes",
                                                  "sram_write_bytes",
                                                  "peak_sram_bytes",
                                                  "energy_pj",
                                                  "bound_by",
                                                  "unit_times"};

namespace {

[[noreturn]] void refuse(const std::string& path, const Row& row, const std::string& what) {
  throw Error(
      fmt::format("measurement store '{}': engine {}, pass '{}': {}", path, row.engine_hash, row.subgraph_key, what));
}

// The cells of one row.
class Cells {
 public:
  Cells(const std::string& path, const Statement& from, int first, const Row& row)
      : path_(path), from_(from), first_(first), row_(row) {}

  std::string text(int column) const {
    require(column, from_.is_text(first_ + column), "must be text");
    return from_.text(first_ + column);
  }
  std::string word(int column) const {
    require(column, from_.is_text(first_ + column) && !from_.text(first_ + column).empty(), "must be a text");
    return from_.text(first_ + column);
  }
  std::int64_t count(int column, std::int64_t least = 0) const {
    const bool fits = from_.is_integer(first_ + column) && from_.integer(first_ + column) >= least;
    require(column, fits, least == 0 ? "must be a whole number, 0 or above" : "must be a whole number above 0");
    return from_.integer(first_ + column);
  }
  double real(int column) const {
    const bool number = from_.is_integer(first_ + column) || from_.is_real(first_ + column);
    const double value = from_.real(first_ + column);
    require(column, number && std::isfinite(value) && value >= 0, "must be a finite number, 0 or above");
    return value;
  }

 private:
  void require(int column, bool fits, const char* rule) const {
    if (fits) return;
    const std::string value = from_.is_null(first_ + column) ? "empty" : "'" + from_.text(first_ + column) + "'";
    refuse(path_, row_, fmt::format("{} is {}: {}", kRowColumnNames[column], value, rule));
  }

  const std::string& path_;
  const Statement& from_;
  const int first_;
  const Row& row_;
};

}  // namespace

void read_row(const std::string& path, const Statement& from, int first, Row& row) {
  const Cells cells(path, from, first, row);
  row.engine_hash = from.text(first);
  row.subgraph_key = from.text(first + 1);
  row.engine_hash = cells.word(0);
  row.subgraph_key = cells.word(1);
  row.tool_version = cells.word(2);
  row.weight = cells.real(3);
  row.failure = cells.text(4);
  Measurement& m = row.measurement;
  m.latency = Cycles(cells.count(5, row.failure.empty() ? 1 : 0));
  m.macs = cells.count(6);
  m.utilization = cells.real(7);
  m.dram_read = Bytes(cells.count(8));
  m.dram_write = Bytes(cells.count(9));
  m.sram_read = Bytes(cells.count(10));
  m.sram_write = Bytes(cells.count(11));
  m.peak_sram = Bytes(cells.count(12));
  m.energy = Picojoules(cells.real(13));
  m.bound_by = cells.text(14);
  try {
    m.units = parse_unit_times(cells.text(15));
  } catch (const Error& error) {
    refuse(path, row, std::string("unit_times: ") + error.what());
  }
}

engine::EngineConfig engine_of(const std::string& path, const Row& row) {
  try {
    return engine_from_values(row.engine_values);
  } catch (const Error& error) {
    refuse(path, row, error.what());
  }
}

mapping::Subgraph subgraph_of(const std::string& path, const Row& row) {
  try {
    return mapping::parse_subgraph_key(row.subgraph_key);
  } catch (const Error& error) {
    throw Error(fmt::format("measurement store '{}': engine {}: {}", path, row.engine_hash, error.what()));
  }
}

void require_membership(const std::string& path, const Row& row, const NetworkMembership& member) {
  if (!member.network.empty() && member.occurrences >= 0 && member.subgraphs >= member.occurrences &&
      (member.occurrences == 0) == (member.subgraphs == 0)) {
    return;
  }
  refuse(path, row,
         fmt::format("network '{}' is said to hold it {} of {} times: must be none to all of its passes",
                     member.network, member.occurrences, member.subgraphs));
}

}  // namespace lanewise::record
