// SPDX-License-Identifier: Apache-2.0
// The simulator judged by cycles that somebody measured.
#pragma once

#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "study/validation/validation.hpp"

namespace lanewise::study {

struct ValidationSettings {
  std::string hw_folder = "hwconfigs";      // engine NAME is NAME.yaml in it
  std::string hw;                           // one engine for all rows, whatever they name; "": as they name
  std::vector<engine::Override> overrides;  // of every engine, before those of a row's own columns
  std::string cycles_column;                // as read_validation_rows takes it
};

// Simulates every row of the CSV file at `path`, each layer from a quiet start, each sequence in one simulation. Rows
// that no engine can run are kept with their failure. Throws Error naming file, line, column, value and rule for a bad
// row, and when not one row could be simulated.
Validation validate(const std::string& path, const ValidationSettings& settings, const Progress& progress = {});

}  // namespace lanewise::study
