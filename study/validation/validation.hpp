// SPDX-License-Identifier: Apache-2.0
// Simulated cycles compared with measured ones, as plain data. Errors are in percent of the measured value unless a
// name says cycles. A figure that no row contributes to is NaN: null in JSON, "-" in tables. docs/cli.md explains every
// field.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/engine/engine_identity.hpp"
#include "study/validation/layer_log.hpp"

namespace lanewise::study {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// A timestamp or counter inside a subgraph's run ("first_mac", "read_beats").
struct ValidatedTimestamp {
  std::string name;
  std::int64_t measured = 0, simulated = 0;
};

struct ValidatedRow {
  int line = 0;  // in the file
  std::string engine;
  std::string part;  // the set (layers) or the unit (post-processing) that the row belongs to
  std::string tag;
  std::int64_t measured = 0, simulated = 0;  // cycles
  std::string bound_by;                      // the unit that determined the simulated latency
  std::vector<ValidatedTimestamp> timestamps;
  std::string failure;  // "", or why it could not be simulated; then the simulated values are 0

  double error_percent() const;  // signed
};

// The error of one timestamp or counter over the rows that give it.
struct TimestampError {
  std::string name;
  double mape_percent = kUnknown;
};

struct ErrorStatistics {
  std::int64_t rows = 0;    // simulated
  std::int64_t failed = 0;  // could not be simulated; not in `rows`
  double mape_percent = kUnknown, median_percent = kUnknown, p95_percent = kUnknown, worst_percent = kUnknown;
  double total_error_percent = kUnknown;  // signed, of all rows' cycles together: a network's, if they are its layers
  double worst_long_percent = kUnknown;   // of rows of at least 1,000 measured cycles
  double worst_short_cycles = kUnknown;   // of shorter ones
  double within_2_percent = kUnknown, within_5_percent = kUnknown, within_10_percent = kUnknown;  // percent of the rows
  std::vector<TimestampError> timestamps;  // those that at least one row gives
};

struct ValidatedGroup {
  ErrorStatistics all;
  std::vector<std::pair<std::string, ErrorStatistics>> parts;  // by set or unit, in the file's order
  std::vector<ValidatedRow> worst;                             // at most ten, the worst first
};

// What all kinds of validation have in common.
struct ValidationHead {
  std::string file;
  std::string tool_version;
  std::vector<std::string> ignored_columns;
  LayerLogNote log;  // where the rows came from a profiler's log
  // The engines as they were loaded, before columns of single rows changed them, by what rows call them.
  std::vector<std::pair<std::string, engine::EngineIdentity>> engines = {};
};

// Rows of single layers (part_name "set") or of the post-processor alone ("unit").
struct RowValidation {
  ValidationHead head;
  std::string part_name;
  std::vector<std::pair<std::string, ValidatedGroup>> engines;  // in the file's order
  ValidatedGroup all;
  std::vector<ValidatedRow> rows;  // in the file's order
};

// One layer of a sequence. Cycles count from the start of the sequence.
struct ValidatedPosition {
  int line = 0;
  std::string layer;
  std::int64_t measured_done = 0, simulated_done = 0;
  std::optional<std::int64_t> measured_load_enabled;
  std::int64_t simulated_load_enabled = 0;

  double done_error_percent() const;  // signed
};

struct ValidatedSequence {
  std::string engine, name, prefetch;
  std::vector<ValidatedPosition> positions;
  // Mean time from the end of one layer to the end of the next; NaN with fewer than two layers.
  double measured_period = kUnknown, simulated_period = kUnknown, period_error_percent = kUnknown;  // error: signed
  double done_mape_percent = kUnknown;
  double load_enabled_mean_error_cycles = kUnknown;  // absolute
  std::string failure;                               // "", or why it could not be simulated
};

struct SequenceValidation {
  ValidationHead head;
  std::vector<ValidatedSequence> sequences;  // in the file's order
  std::int64_t failed = 0;
  // Over the periods.
  double mape_percent = kUnknown, worst_period_percent = kUnknown;
  double done_mape_percent = kUnknown;  // over all positions
};

using Validation = std::variant<RowValidation, SequenceValidation>;

}  // namespace lanewise::study
