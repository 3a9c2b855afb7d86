// SPDX-License-Identifier: Apache-2.0
// Rows measured on one engine, as fitting sees them: which are left out, and on which engine each ran.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "study/validation/validation_rows.hpp"

namespace lanewise::study {

struct MeasuredRow {
  ValidationSubgraph subgraph;
  std::int64_t cycles = 0;
  std::string shape;           // mapping::shape_key
  std::size_t engine_set = 0;  // rows of one set have the same changes from columns
};

struct MeasuredRows {
  std::string path;         // as given, for messages
  std::string file;         // its name, without folders
  std::string fingerprint;  // hash of the file's bytes
  std::vector<MeasuredRow> rows;
  std::size_t engine_sets = 0;
  std::int64_t of_other_engines = 0;  // rows left out: they name another engine
  std::vector<std::string> ignored_columns;

  // The engine of each set: `described` with the changes of the set's columns. Throws Error as row_engine.
  std::vector<engine::EngineConfig> engines(const engine::EngineConfig& described) const;
  // Whether every row's columns, or at least one's, give the key a value of their own.
  bool all_set(const std::string& key) const;
  bool any_sets(const std::string& key) const;
  // Keys that columns give values, sorted.
  std::vector<std::string> column_keys() const;
};

// Rows of the file in the schema of `validate` whose column `engine` is `engine_name`; all where there is no such
// column. Throws Error as read_validation_rows, where no row is of that engine, and for rows of sequences, whose layers
// overlap.
MeasuredRows read_measured_rows(const std::string& path, const std::string& engine_name,
                                const std::string& cycles_column = "");

// A fold for each row, from 0 below `folds`: distinct shapes in the order of a hash of seed and shape, dealt out by
// turns, so that rows of one shape share a fold and no measurement has a say. At most as many folds as shapes are used.
std::vector<std::size_t> folds_by_shape(const std::vector<MeasuredRow>& rows, std::size_t folds, std::uint64_t seed);
// Whether each row is left out: the first of the same order, until they are `share` of the shapes (at least one of
// two).
std::vector<bool> left_out_by_shape(const std::vector<MeasuredRow>& rows, double share, std::uint64_t seed);

}  // namespace lanewise::study
