// SPDX-License-Identifier: Apache-2.0
// Rows measured on one engine, prepared for fitting: the engine variant that each row ran on, and which rows are left
// out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "study/validation/validation_rows.hpp"

namespace lanewise::study {

struct MeasuredRow {
  ValidationSubgraph subgraph;
  std::int64_t cycles = 0;     // measured
  std::string shape;           // mapping::shape_key
  std::size_t engine_set = 0;  // rows of one set have the same overrides from their columns
};

struct MeasuredRows {
  std::string path;         // as given, for messages
  std::string file;         // its name, without folders
  std::string fingerprint;  // hash of the file's bytes
  std::vector<MeasuredRow> rows;
  std::size_t engine_sets = 0;
  std::int64_t of_other_engines = 0;  // rows dropped because they name another engine
  std::vector<std::string> ignored_columns;
  LayerLogNote log;  // of a profiler's log
  // Whether some row counts from the command, and so sees what programming takes.
  bool any_from_command() const;

  // One engine per set: `described` with the overrides of the set's columns. Throws Error as row_engine does.
  std::vector<engine::EngineConfig> engines(const engine::EngineConfig& described) const;
  // Whether every row, or at least one row, overrides the key in a column.
  bool all_set(const std::string& key) const;
  bool any_sets(const std::string& key) const;
  // The keys that columns override, sorted.
  std::vector<std::string> column_keys() const;
};

// Reads the rows of a file in the schema of `validate` whose column `engine` is `engine_name`, or all rows where there
// is no such column. Throws Error as read_validation_rows does, when no row is of that engine, and for rows of
// sequences: their layers overlap, so a row's cycles are not its own.
MeasuredRows read_measured_rows(const std::string& path, const std::string& engine_name,
                                const RowSettings& settings = {});

// The fold of each row, from 0 to folds - 1. Distinct shapes are ordered by a hash of seed and shape and dealt round
// robin, so that rows of one shape share a fold and the choice does not depend on what was measured. No more folds than
// shapes are used.
std::vector<std::size_t> folds_by_shape(const std::vector<MeasuredRow>& rows, std::size_t folds, std::uint64_t seed);
// Whether each row is left out: the first shapes of the same order, until they are `share` of all shapes. At least one
// shape of two or more is left out, and never all.
std::vector<bool> left_out_by_shape(const std::vector<MeasuredRow>& rows, double share, std::uint64_t seed);

}  // namespace lanewise::study
