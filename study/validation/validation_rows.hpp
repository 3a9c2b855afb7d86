// SPDX-License-Identifier: Apache-2.0
// Reads files of measured cycles: CSV of three kinds, told apart by their headers, and logs of profilers. docs/cli.md
// lists the columns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/record/measurement.hpp"
#include "study/validation/layer_log.hpp"

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
  // Of rows that one line gives several of: which of them this is; answers put it behind the engine's name.
  std::string variant = {};
  std::vector<ColumnOverride> overrides;
  mapping::Subgraph subgraph;
  std::string failure;  // "", or why no engine can run this row
  // Cycles count from the command; otherwise from where the loading units are enabled, and with what launching takes.
  bool from_command = false;

  // Of a run of `latency` cycles, whose loading units were enabled after `enabled`, `launch` of them for launching,
  // those that the row's cycles count.
  Cycles counted(Cycles latency, Cycles enabled, Cycles launch) const {
    return from_command ? latency : latency - (enabled - launch);
  }
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
  LayerLogNote log;                          // of a profiler's log
  // Exactly one of the three is not empty.
  std::vector<LayerRow> layers;
  std::vector<SequenceRow> sequences;
  std::vector<PostProcessingRow> post_processing;
};

struct RowSettings {
  std::string cycles_column;  // of a layer's cycles; "": `cycles`, or `cycles_latest` where there is no such column
  std::optional<Hertz> clock = {};  // of the engine that all rows are of, by which measured times become cycles
};

// Throws Error naming file, line, column, value and rule, and where a log, or the column `time_us`, has times and no
// clock is given.
ValidationRows read_validation_rows(const std::string& path, const RowSettings& settings = {});

}  // namespace lanewise::study
