// SPDX-License-Identifier: Apache-2.0
// Validates the simulator against measured cycles.
#pragma once

#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "study/validation/validation.hpp"

namespace lanewise::study {

struct ValidationSettings {
  std::string hw_folder = "hwconfigs";  // engine NAME is NAME.yaml in it
  std::string hw;                       // one engine for all rows, whatever they name; "": the engine that a row names
  std::vector<engine::Override> overrides;  // applied to every engine before the row's own columns
  std::string cycles_column;                // as read_validation_rows takes it
};

// Simulates every row of the file at `path`, each layer on an idle engine, each sequence in one simulation. Rows
// that the engine cannot run are kept with their failure. Throws Error naming file, line, column, value and rule for an
// invalid row, and when no row could be simulated.
Validation validate(const std::string& path, const ValidationSettings& settings, const Progress& progress = {});

}  // namespace lanewise::study
