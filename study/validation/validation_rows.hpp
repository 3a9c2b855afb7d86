// SPDX-License-Identifier: Apache-2.0
// Reads CSV files of measured cycles. There are three kinds of file, told apart by their headers; docs/cli.md lists the
// columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/measurement.hpp"

namespace lanewise::study {

// A cell that overrides an engine parameter for its row.
struct ColumnOverride {
  std::string column, cell;
  engine::Override change;
};

// The subgraph that one row describes. All tensors start and end in DRAM.
struct ValidationSubgraph {
  int line = 0;        // in the file
  std::string engine;  // "" where the file has no such column
  std::vector<ColumnOverride> overrides;
  mapping::Subgraph subgraph;
  std::string failure;  // "", or why no engine can run this row
};

// A column that holds a timestamp or counter of the run, to be compared with the simulator's.
struct TimestampColumn {
  const char* column;
  const char* name;  // in answers
  std::int64_t (*simulated)(const record::Timestamps&);
};
const std::vector<TimestampColumn>& timestamp_columns();

// A layer measured alone.
struct LayerRow {
  ValidationSubgraph subgraph;
  std::string set = "all", tag;
  std::int64_t cycles = 0;
  std::vector<std::pair<const TimestampColumn*, std::int64_t>>
      timestamps;  // measured values, for the columns that the row fills in
};

// One layer of a sequence of layers. Cycles count from the start of the first layer.
struct SequenceRow {
  ValidationSubgraph subgraph;
  std::string sequence, prefetch, layer;
  std::int64_t position = 0;
  std::int64_t done = 0;
  std::optional<std::int64_t> load_enabled;
};

// One operation measured on the post-processor alone.
struct PostProcessingRow {
  ValidationSubgraph subgraph;
  std::string unit, operation;
  std::int64_t cycles = 0;
};

struct ValidationRows {
  std::string path;
  std::vector<std::string> ignored_columns;  // in the file's order
  // Exactly one of the three is not empty.
  std::vector<LayerRow> layers;
  std::vector<SequenceRow> sequences;
  std::vector<PostProcessingRow> post_processing;
};

// `cycles_column` names the column that holds a layer's measured cycles; "" stands for `cycles`, or `cycles_latest`
// when there is no such column. Throws Error naming file, line, column, value and rule.
ValidationRows read_validation_rows(const std::string& path, const std::string& cycles_column = "");

}  // namespace lanewise::study
